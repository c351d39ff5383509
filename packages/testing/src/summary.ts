import { STATUS, type Status } from '@millrace/core'

/** What a call of the testbed has done, as numbers. */
export interface Summary {
  /** Handlers that were started. */
  readonly runs: number
  /** Records that ended, by how. */
  readonly completed: number
  readonly failed: number
  /** While they ran: the handler has returned. */
  readonly cancelled: number
  readonly expired: number
  /** Attempts that failed and left a retry. */
  readonly retried: number
  /** Attempts that asked to run later. */
  readonly snoozed: number
}

export type Tally = { -readonly [Name in keyof Summary]: Summary[Name] }

export function emptyTally(): Tally {
  return { runs: 0, completed: 0, failed: 0, cancelled: 0, expired: 0, retried: 0, snoozed: 0 }
}

export function difference(after: Summary, before: Summary): Summary {
  const { runs, completed, failed, cancelled, expired, retried, snoozed } = after
  return {
    runs: runs - before.runs,
    completed: completed - before.completed,
    failed: failed - before.failed,
    cancelled: cancelled - before.cancelled,
    expired: expired - before.expired,
    retried: retried - before.retried,
    snoozed: snoozed - before.snoozed,
  }
}

/** Counts one record that ended like this; nothing for one that did not end. */
export function countEnd(tally: Tally, status: Status | null): void {
  if (
    status === STATUS.completed ||
    status === STATUS.failed ||
    status === STATUS.cancelled ||
    status === STATUS.expired
  )
    tally[status] += 1
}
