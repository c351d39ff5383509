import { allows, STATUS, type ReplayRequest, type ReplayResult } from '@millrace/core'
import { keyHolder, keyIdentity } from './key.ts'
import { move } from './move.ts'
import type { Namespace } from './namespace.ts'
import { instantOf } from './row.ts'
import { UNHELD } from './settle.ts'

interface Timing {
  readonly delayMs: number
  readonly now: number
}

/** Brings a terminal record back as if it were new, but for its attempt; `key_taken` while another active record holds its key. */
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
  if (!allows('replay', row.status)) return 'refused'

  const identity = keyIdentity(row)
  const holder = identity === null ? null : keyHolder(namespace, identity)
  if (holder !== null && holder !== row) return 'key_taken'
  if (identity !== null) namespace.keys.set(identity, id)

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
