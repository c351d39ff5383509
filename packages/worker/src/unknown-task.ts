import { encodeError, type Limits, type TaskRecord } from '@millrace/core'
import type { Outcome } from './settlements.ts'

export interface UnknownTaskSettings {
  readonly delayMs: number
  readonly failAfterMs: number
}

/**
 * What becomes of a record whose task this worker does not know. It waits, because during a rolling deployment another worker knows the
 * task; only when it has waited for `failAfterMs` nobody will come any more, and it fails without a retry. Its age alone (`now` is the
 * backend's) does not say so: it may have been scheduled for next week. But each attempt before this one has put it off by `delayMs`, whichever worker that was.
 */
export function unknownTaskOutcome(
  record: TaskRecord,
  now: number,
  { delayMs, failAfterMs }: UnknownTaskSettings,
  limits: Limits,
): Outcome {
  const { id, attempt, taskName, createdAt } = record
  const waitedMs = Math.min(now - createdAt, (attempt - 1) * delayMs)
  if (waitedMs < failAfterMs) return { outcome: 'snooze', id, attempt, delayMs }
  const error = Object.assign(new Error(`no worker knows a task named ${taskName}`), {
    name: 'UnknownTask',
    code: 'unknown_task',
  })
  return { outcome: 'fail', id, attempt, error: encodeError(error, limits), retryInMs: null }
}
