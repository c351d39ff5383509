import type { TaskRecord } from './record.ts'
import type { STATUS } from './status.ts'

/** What a handler knows about the attempt that it is. */
export interface TaskContext {
  /** The record's id. */
  readonly id: string
  readonly taskName: string
  /** Which claim this is, from 1: pass it on to your own database as a fencing token, it only grows. */
  readonly attempt: number
  /**
   * Aborts when this attempt should stop: it timed out, was cancelled, was lost to another worker, or the worker's grace is over.
   * `reason` is an `AttemptAborted` that says which.
   */
  readonly signal: AbortSignal
  /** The record as it was claimed. */
  readonly record: TaskRecord
  /**
   * Say how far this attempt has come: any JSON value, which the record then shows as `progress`. It is stored with the next sign of life,
   * within about a second, or with the outcome; of several reports meanwhile the last one counts. An attempt that is over says nothing more.
   * @throws QueueError `not_serializable` or `too_large`
   */
  progress(value: unknown): void
  /**
   * Write down what happened, for whoever reads `client.logs(id)`: a text, cut after 1 KiB, and any JSON value. Stored with the next sign of
   * life, within about a second, or with the outcome. The newest 100 entries of a record are kept, 16 KiB at most, through all its attempts,
   * and go with the record. An attempt that is over, or lost, says nothing more.
   * @throws QueueError `not_serializable`, or `too_large` for data above 1 KiB
   */
  log(message: string, data?: unknown): void
}

/** Why an attempt's signal fired. */
export type AbortReason = 'timeout' | typeof STATUS.cancelled | 'lost' | 'shutdown'

export class AttemptAborted extends Error {
  override readonly name: string = 'AttemptAborted'
  readonly code: AbortReason

  constructor(code: AbortReason, message: string) {
    super(message)
    this.code = code
  }
}
