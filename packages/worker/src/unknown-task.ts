import { encodeError, type Limits, type TaskRecord } from '@millrace/core'
import type { Outcome } from './settlements.ts'

export interface UnknownTaskSettings {
  readonly delayMs: number
  readonly failAfterMs: number
}

/**
 * What becomes of a record whose task this worker does not know. It waits, because during a rolling deployment another worker knows the
 * task; only when it is older than `failAfterMs` (`now` is the backend's) nobody will come any more, and it fails without a retry.
 */
export function unknownTaskOutcome(
  record: TaskRecord,
  now: number,
  { delayMs, failAfterMs }: UnknownTaskSettings,
  limits: Limits,
): Outcome {
  const { id, attempt, taskName, createdAt } = record
  if (now - createdAt <= failAfterMs) return { outcome: 'snooze', id, attempt, delayMs }
  const error = Object.assign(new Error(`no worker knows a task named ${taskName}`), {
    name: 'UnknownTask',
    code: 'unknown_task',
  })
  return { outcome: 'fail', id, attempt, error: encodeError(error, limits), retryInMs: null }
}
