import type { Backend, EnqueueResult } from './backend.ts'
import { checkDuration, checkOptions, checkSignal } from './check.ts'
import type { Clock } from './clock.ts'
import type { Duration } from './duration.ts'
import { awaitOutcome, TaskOutcomeError } from './outcome.ts'
import type { TaskRecord } from './record.ts'
import { STATUS } from './status.ts'
import type { Task } from './task.ts'

/** An enqueued record in its producer's hand. */
export interface Handle<Output> {
  readonly id: string
  readonly taskName: string
  /** `existing`: the key was taken, and this is the record that holds it. */
  readonly outcome: EnqueueResult['outcome']
  /** As it was when it was enqueued. */
  readonly record: TaskRecord
  /** As it is now; null once it is gone. */
  refresh(): Promise<TaskRecord | null>
  /**
   * What the handler returned, once it has.
   * @throws TaskOutcomeError if the record fails, is cancelled, expires, or is gone; QueueError `timeout`; the signal's reason.
   */
  result(options?: ResultOptions): Promise<Output>
}

export interface ResultOptions {
  /** Default `"1m"`. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

const DEFAULT_RESULT_TIMEOUT: Duration = '1m'

export function handleFor<Output>(
  task: Pick<Task<never, Output>, 'readOutput'>,
  { outcome, record }: EnqueueResult,
  backend: Backend,
  clock: Clock,
): Handle<Output> {
  const { id, taskName } = record
  return {
    id,
    taskName,
    outcome,
    record,
    async refresh() {
      const [now = null] = await backend.get([id])
      return now
    },
    async result(options = {}) {
      checkOptions('options', options, ['timeout', 'signal'])
      const timeoutMs = checkDuration('options.timeout', options.timeout ?? DEFAULT_RESULT_TIMEOUT)
      const signal = checkSignal('options.signal', options.signal)
      const ended = await awaitOutcome(backend, clock, id, { timeoutMs, signal })
      if (ended?.status !== STATUS.completed) throw new TaskOutcomeError(id, ended)
      return await task.readOutput(ended.result)
    },
  }
}
