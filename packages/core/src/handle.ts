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
  /** Default `"1m"`; kept also while the backend does not answer. 0: one look, for as long as that takes. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

const DEFAULT_RESULT_TIMEOUT: Duration = '1m'

/** Checked. @throws QueueError `invalid_argument` */
export function waitingOf(options: ResultOptions): {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
} {
  checkOptions('options', options, ['timeout', 'signal'])
  const timeoutMs = checkDuration('options.timeout', options.timeout ?? DEFAULT_RESULT_TIMEOUT)
  return { timeoutMs, signal: checkSignal('options.signal', options.signal) }
}

type ReadOutput<Output> = Pick<Task<never, Output>, 'readOutput'>

/** What every handle of a client needs beside its record. */
export interface HandleSource {
  readonly backend: Backend
  readonly clock: Clock
}

/** A class, so that many handles at once share their methods. */
export class RecordHandle<Output, Outcome> implements Omit<Handle<Output>, 'outcome'> {
  readonly id: string
  readonly taskName: string
  readonly outcome: Outcome
  readonly record: TaskRecord
  readonly #task: ReadOutput<Output>
  readonly #source: HandleSource

  constructor(task: ReadOutput<Output>, outcome: Outcome, record: TaskRecord, source: HandleSource) {
    this.id = record.id
    this.taskName = record.taskName
    this.outcome = outcome
    this.record = record
    this.#task = task
    this.#source = source
  }

  async refresh(): Promise<TaskRecord | null> {
    const [now = null] = await this.#source.backend.get([this.id])
    return now
  }

  async result(options: ResultOptions = {}): Promise<Output> {
    const waiting = waitingOf(options)
    const { backend, clock } = this.#source
    const ended = await awaitOutcome(backend, clock, this.id, waiting)
    if (ended?.status !== STATUS.completed) throw new TaskOutcomeError(this.id, ended)
    return await this.#task.readOutput(ended.result)
  }
}
