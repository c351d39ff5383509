import { POISON, STALE, STATUS } from '@millrace/core'
import { move } from './move.ts'
import type { Namespace } from './namespace.ts'
import { errorText, instantOf, type Row } from './row.ts'
import { UNHELD } from './settle.ts'

/** Takes a silent run back: in line again while its crash budget lasts, else failed. Answers whether it is in line again. */
export function recover(namespace: Namespace, row: Row, now: number): boolean {
  const { requeueOnStale, recoveries, maxRecoveries } = row
  const at = instantOf(row, now)
  if (requeueOnStale && recoveries < maxRecoveries) {
    move(namespace, row, 'recover', STATUS.pending, {
      ...UNHELD,
      recoveries: recoveries + 1,
      queuedAt: at,
      scheduledAt: null,
    })
    return true
  }
  const error = errorText(requeueOnStale && maxRecoveries > 0 ? POISON : STALE)
  move(namespace, row, 'recover', STATUS.failed, { completedAt: at, heartbeatAt: null, workerId: null, error })
  return false
}
