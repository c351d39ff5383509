import {
  AttemptAborted,
  checkOneOf,
  decodeNote,
  DEFAULT_LIMITS,
  encodeNote,
  encodeResult,
  STATUS,
  type AbortReason,
  type Json,
  type JsonCompatible,
  type LogEntry,
  type Task,
  type TaskContext,
} from '@millrace/core'
import { taskRecord, type RecordFields } from './task-record.ts'

/** What a handler is called with, in the hands of a test. */
export interface FakeContext extends TaskContext {
  /** What the handler has reported by `progress`, in order. */
  readonly reports: readonly Json[]
  /** What it has written down by `log`, in order. */
  readonly logged: readonly Pick<LogEntry, 'message' | 'data'>[]
  /** Aborts the signal, as a worker would. Default `shutdown`. */
  abort(reason?: AbortReason): void
}

const REASONS: readonly AbortReason[] = ['timeout', STATUS.cancelled, 'lost', 'shutdown']

/** The context of an attempt, to call a handler without a queue: `await sendMail({ to }, taskContext(sendEmail, { to }, { attempt: 2 }))`. */
export function taskContext<Input>(
  task: Pick<Task<Input, unknown>, 'name' | 'options' | 'types'>,
  input: JsonCompatible<Input>,
  fields: RecordFields = {},
): FakeContext {
  const record = taskRecord(task, input, fields)
  const { id, attempt, taskName } = record
  const controller = new AbortController()
  const reports: Json[] = []
  const logged: Pick<LogEntry, 'message' | 'data'>[] = []
  return {
    id,
    attempt,
    taskName,
    record,
    signal: controller.signal,
    reports,
    logged,
    progress(value) {
      const report: Json = JSON.parse(encodeResult(value, DEFAULT_LIMITS, 'context.progress value'))
      reports.push(report)
    },
    log(message, data) {
      logged.push(decodeNote(encodeNote(message, data, DEFAULT_LIMITS.depth)))
    },
    abort(reason = 'shutdown') {
      checkOneOf('reason', reason, REASONS)
      controller.abort(new AttemptAborted(reason, `${taskName} ${id} (attempt ${attempt}) was told to stop: ${reason}`))
    },
  }
}
