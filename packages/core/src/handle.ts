import type { Backend, EnqueueResult } from './backend.ts'
import { checkDuration, checkOptions, checkSignal } from './check.ts'
import type { Clock } from './clock.ts'
import type { Duration } from './duration.ts'
import { awaitOutcome, TaskOutcomeError } from './outcome.ts'
import type { TaskRecord } from './record.ts'
import { STATUS } from './status.ts'
import type { Task } from './task.ts'

/** An enqueued record in its producer's hand. */
export type Handle<Output> = HandleActs<Output> & Enqueued

/**
 * What became of an enqueue, with the record as it was then. `existing`: the key was taken, and this is the record that has it. `reserved`: it
 * is taken for some time yet by a record that is gone.
 */
export type Enqueued =
  | { readonly outcome: Exclude<EnqueueResult['outcome'], 'reserved'>; readonly record: TaskRecord }
  | { readonly outcome: Extract<EnqueueResult['outcome'], 'reserved'>; readonly record: null }

/** Of the record that was enqueued, or has the key. */
export interface HandleActs<Output> {
  readonly id: string
  readonly taskName: string
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

export function handleOf<Output>(
  task: ReadOutput<Output>,
  result: EnqueueResult,
  source: HandleSource,
): Handle<Output> {
  if (result.outcome === 'reserved') return new RecordHandle(task, result, source)
  const { outcome, record } = result
  return new RecordHandle(task, { id: record.id, taskName: record.taskName, outcome, record }, source)
}

interface Subject<Outcome, Found> {
  readonly id: string
  readonly taskName: string
  readonly outcome: Outcome
  readonly record: Found
}

/** A class, so that many handles at once share their methods. */
class RecordHandle<Output, Outcome, Found> implements HandleActs<Output>, Subject<Outcome, Found> {
  readonly id: string
  readonly taskName: string
  readonly outcome: Outcome
  readonly record: Found
  readonly #task: ReadOutput<Output>
  readonly #source: HandleSource

  constructor(task: ReadOutput<Output>, subject: Subject<Outcome, Found>, source: HandleSource) {
    this.id = subject.id
    this.taskName = subject.taskName
    this.outcome = subject.outcome
    this.record = subject.record
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
