import { allows, STATUS, type ReplayRequest, type ReplayResult } from '@millrace/core'
import { blocking, keyIdentity } from './key.ts'
import { move } from './move.ts'
import type { Namespace } from './namespace.ts'
import { take } from './reserve.ts'
import { instantOf, isHeld } from './row.ts'
import { UNHELD } from './settle.ts'

interface Timing {
  readonly delayMs: number
  readonly now: number
}

/**
 * Brings a terminal record back as if it were new, but for its attempt. One that has its key while it is active takes it again: `key_taken` while
 * another one has it. The others come back without. What a cancelled handler still holds is refused: a second one would begin beside it.
 */
export function replay(
  namespace: Namespace,
  { id, attempt }: ReplayRequest,
  { delayMs, now }: Timing,
): ReplayResult['outcome'] {
  if (!namespace.rows.has(id)) return 'missing'
  const row = namespace.readable(id)
  if (row === null) return 'refused'
  if (attempt !== 'any' && attempt !== row.attempt) return 'lost'
  if (row.lastEvent === 'replay') return 'ok'
  if (!allows('replay', row.status) || isHeld(row)) return 'refused'

  const identity = row.keyHold === 'active' ? keyIdentity(row) : null
  if (identity !== null) {
    if ((blocking(namespace, identity, now)?.id ?? id) !== id) return 'key_taken'
    take(namespace, identity, { id, taskName: row.taskName, hold: 'active', until: 0 })
  }

  move(namespace, row, 'replay', delayMs > 0 ? STATUS.scheduled : STATUS.pending, {
    ...UNHELD,
    scheduledAt: delayMs > 0 ? now + delayMs : null,
    queuedAt: Math.max(instantOf(row, now), now + delayMs),
    expiresAt: null,
    completedAt: null,
    retryCount: 0,
    recoveries: 0,
    replays: row.replays + 1,
    result: null,
    error: null,
    progress: null,
  })
  return 'ok'
}
