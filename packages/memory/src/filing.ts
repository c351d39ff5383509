import { isTerminal, STATUS, STATUSES, type Status } from '@millrace/core'
import { isHeld, isQueued, type Row } from './row.ts'

/**
 * The indexes of a line. Counts are their sizes: a record is in exactly one of those named for its status, or in `external`.
 *
 * - `waiting`, `running`: by id, because a heartbeat must not move a record under a list's cursor
 * - `pending`: in execution order
 * - `external`: pending too, in execution order, but handed to an external system: claimed by id only
 * - `scheduled`: by the time it is due
 * - `completed`, `failed`, `cancelled`, `expired`: by completedAt
 * - `beating`: the running ones by heartbeat, holders declared dead first: what a stale sweep reads
 * - `held`: cancelled ones whose holder has not let go, by heartbeat: likewise
 * - `expiring`: never started ones by their deadline: what a sweep of overdue ones reads
 */
export type IndexName = Status | 'external' | 'beating' | 'held' | 'expiring'

export const INDEX_NAMES: readonly IndexName[] = [...STATUSES, 'external', 'beating', 'held', 'expiring']

/**
 * Every index entry that a record must have, and no other. The one definition of the indexes: filing and audit follow it. `step` is how much
 * waiting outweighs one priority.
 */
export function entriesOf(row: Row, step: number): readonly (readonly [IndexName, number])[] {
  const home = homeOf(row, step)
  if (row.status === STATUS.running) return [home, ['beating', row.heartbeatAt ?? -Infinity]]
  if (isHeld(row)) return [home, ['held', row.heartbeatAt ?? -Infinity]]
  if (isQueued(row) && row.attempt === 0 && row.expiresAt !== null) return [home, ['expiring', row.expiresAt]]
  return [home]
}

function homeOf(row: Row, step: number): readonly [IndexName, number] {
  if (row.status === STATUS.pending)
    return [row.executionRef === null ? STATUS.pending : 'external', executionScore(row, step)]
  if (row.status === STATUS.scheduled) return [row.status, row.scheduledAt ?? 0]
  return [row.status, isTerminal(row.status) ? (row.completedAt ?? 0) : 0]
}

/** Exact as a double for every priority and time that the contract allows. */
function executionScore({ queuedAt, priority }: Row, step: number): number {
  return queuedAt - priority * step
}

/** Whether the record must have this entry. */
export function isFiledAt(
  row: Row,
  { index, score }: { readonly index: IndexName; readonly score: number },
  step: number,
): boolean {
  return entriesOf(row, step).some(([name, at]) => name === index && at === score)
}
