import {
  AttemptAborted,
  DEFAULT_RETRY_POLICY,
  QueueError,
  STATUS,
  encodeError,
  encodeResult,
  retryDelayMs,
  verdictOf,
  type AbortReason,
  type Clock,
  type HandlerCall,
  type HeldAttempt,
  type Limits,
  type Note,
  type RetryPolicy,
  type Runnable,
  type TaskContext,
  type TaskRecord,
} from '@millrace/core'
import { createNotes, type Notes } from './notes.ts'
import type { Around } from './options.ts'
import type { Outcome } from './settlements.ts'
import { wrapped } from './wrapped.ts'

/** What an attempt needs of the one who started it. */
export interface AttemptOwner {
  readonly clock: Clock
  readonly limits: Limits
  readonly random: () => number
  readonly around: Around | null
  /** Told to stop, and still running after this long: stuck. */
  readonly stuckAfterMs: number
  /** Once at most: how the attempt ended. */
  settle(outcome: Outcome): void
  /** The handler has really returned. */
  returned(attempt: Attempt): void
  stuck(attempt: Attempt): void
  /** The handler has said how far it has come, or what happened. */
  reported(): void
}

/**
 * One run of one handler. Its outcome is decided once: by what the handler does, by its timeout, by the loss of the attempt, or by a
 * release; what comes later is dropped. The slot stays taken until the handler has really returned.
 */
export class Attempt implements HeldAttempt {
  readonly record: TaskRecord
  readonly id: string
  readonly attempt: number
  readonly taskName: string
  /** When the handler was started. */
  readonly startedAt: number
  readonly #task: Runnable
  readonly #owner: AttemptOwner
  readonly #retryCount: number
  readonly #controller = new AbortController()
  #decided = false
  /** The handler has decided by itself what becomes of the record. */
  #hasVerdict = false
  #aborted: { readonly at: number; readonly cause: AttemptAborted } | null = null
  /** Known already, whatever the handler does; told when it has returned, because its record has a key, or was cancelled. */
  #foreseen: Outcome | null = null
  #disarm: (() => void) | null = null
  #report: string | null = null
  /** The backend does not know the last report. */
  #isUntold = false
  /** Made with the first entry: most handlers write none. */
  #notes: Notes | null = null

  constructor(record: TaskRecord, task: Runnable, owner: AttemptOwner) {
    this.record = record
    this.id = record.id
    this.attempt = record.attempt
    this.taskName = record.taskName
    this.startedAt = owner.clock.now()
    this.#task = task
    this.#owner = owner
    this.#retryCount = record.retryCount
  }

  /** The worker answers for it: it has no outcome yet, and it was not lost. */
  get isOpen(): boolean {
    return !this.#decided
  }

  /** When the handler was told to stop, and why; null if it was not. */
  get aborted(): { readonly at: number; readonly cause: AttemptAborted } | null {
    return this.#aborted
  }

  /** What the handler reported last, as JSON, and the backend has not been told; null if there is nothing. */
  get report(): string | null {
    return this.#isUntold ? this.#report : null
  }

  /** The backend has it. A repeated call may have put an older one in the place of the last one, which then has to be said again. */
  told(report: string): void {
    this.#isUntold = this.#report !== report
  }

  /** What the handler wrote down and the backend has not been told; undefined if there is nothing. */
  get log(): readonly Note[] | undefined {
    return this.#notes?.unsaid()
  }

  logged(log: readonly Note[]): void {
    this.#notes?.said(log)
  }

  /** Calls the handler, unless a schema looks at the stored input first. */
  run(): void {
    const { timeoutMs } = this.#task.options
    if (timeoutMs !== null && this.#aborted === null && !this.#decided)
      this.#disarm = this.#owner.clock.after(timeoutMs, () => this.#timeOut(timeoutMs))
    let call: HandlerCall | Promise<HandlerCall>
    try {
      call = this.#task.prepare(this.record.kwargs)
    } catch (error) {
      return this.#end(this.#refused(error))
    }
    if (call instanceof Promise) void this.#callPrepared(call)
    else this.#call(call)
  }

  async #callPrepared(prepared: Promise<HandlerCall>): Promise<void> {
    let call: HandlerCall
    try {
      call = await prepared
    } catch (error) {
      return this.#end(this.#refused(error))
    }
    this.#call(call)
  }

  /** Few functions that wait: what these left behind was an eighth of what a worker did in all. */
  #call(call: HandlerCall): void {
    const { around } = this.#owner
    let returned: unknown
    try {
      const context = this.#context()
      returned = around === null ? call(context) : wrapped(around, context, async () => await call(context))
    } catch (error) {
      return this.#end(this.#thrown(error))
    }
    void this.#awaitEnd(returned)
  }

  async #awaitEnd(returned: unknown): Promise<void> {
    let outcome: Outcome
    try {
      outcome = this.#returned(await returned)
    } catch (error) {
      outcome = this.#thrown(error)
    }
    this.#end(outcome)
  }

  #end(outcome: Outcome): void {
    this.#disarm?.()
    // What a handler throws when it is told to stop is no failure of the task, unless it says what it is.
    const isStopped = this.#aborted?.cause.code === 'shutdown' && outcome.outcome === 'fail' && !this.#hasVerdict
    if (isStopped) this.release()
    else this.#decide(this.#foreseen ?? outcome)
    this.#owner.returned(this)
  }

  /** The backend says that the attempt is not this worker's any more: whatever it does now is dropped. */
  lose(): void {
    this.#decided = true
    this.#abort('lost', `${this.#title()} was lost: its heartbeats came too late, and the record has moved on`)
  }

  /** The record stays held, and its key taken, until the handler has returned. */
  cancel(): void {
    this.#foreseen = this.#released()
    this.#abort(STATUS.cancelled, `${this.#title()} was cancelled`)
  }

  shutDown(): void {
    this.#abort('shutdown', `${this.#title()} was told to stop: the worker is shutting down`)
  }

  /** Give the record back without consuming a retry; unless it has failed already. */
  release(): void {
    this.#decide(this.#foreseen ?? this.#released())
  }

  /** Nobody waits for the handler any more: no timer stays behind. */
  abandon(): void {
    this.#disarm?.()
  }

  /** The schema refuses what is stored: it will refuse it next time, too. */
  #refused(error: unknown): Outcome {
    const isFinal = error instanceof QueueError && error.code === 'invalid_argument'
    return this.#failure(error, isFinal ? null : this.#retryIn())
  }

  #returned(returned: unknown): Outcome {
    try {
      const result = encodeResult(returned, this.#owner.limits)
      return { outcome: 'complete', id: this.id, attempt: this.attempt, result }
    } catch (error) {
      return this.#failure(error, null)
    }
  }

  /** A handler may have decided what becomes of its record; anything else that it throws is a failure. */
  #thrown(error: unknown): Outcome {
    const verdict = verdictOf(error)
    this.#hasVerdict = verdict !== null
    switch (verdict?.kind) {
      case 'snooze':
        return { outcome: 'snooze', id: this.id, attempt: this.attempt, delayMs: verdict.delayMs }
      case 'retry':
        return this.#failure(
          error,
          this.#retryIn(() => verdict.at - this.#owner.clock.now()),
        )
      case 'discard':
        return this.#failure(error, null)
      case undefined:
        return this.#failure(error, this.#retryIn())
    }
  }

  #context(): TaskContext {
    const { id, attempt, taskName, record } = this
    return {
      id,
      attempt,
      taskName,
      record,
      signal: this.#controller.signal,
      progress: (value) => this.#progress(value),
      log: (message, data) => this.#log(message, data),
    }
  }

  #log(message: string, data: unknown): void {
    const notes = this.#notes ?? createNotes(this.#owner)
    notes.write(message, data)
    if (!this.isOpen) return
    this.#notes = notes
    this.#owner.reported()
  }

  #progress(value: unknown): void {
    const report = encodeResult(value, this.#owner.limits, 'context.progress value')
    if (!this.isOpen) return
    this.#report = report
    this.#isUntold = true
    this.#owner.reported()
  }

  #released(): Outcome {
    return { outcome: 'release', id: this.id, attempt: this.attempt }
  }

  /**
   * Settled at once, so that the retry does not wait for a handler that may never return. But a key that is held while
   * its record is active says that there is one of its kind at a time: it stays taken, and the record held, until the handler has returned.
   */
  #timeOut(timeoutMs: number): void {
    const message = `${this.taskName} timed out after ${timeoutMs} ms (attempt ${this.attempt})`
    const failure = this.#failure(new AttemptAborted('timeout', message), this.#retryIn())
    if (this.record.keyHold === 'active') this.#foreseen = failure
    else this.#decide(failure)
    this.#abort('timeout', message)
  }

  #decide(outcome: Outcome): void {
    if (this.#decided) return
    this.#decided = true
    const { report: progress, log } = this
    if (progress === null && log === undefined) this.#owner.settle(outcome)
    else
      this.#owner.settle({
        ...outcome,
        ...(progress === null ? {} : { progress }),
        ...(log === undefined ? {} : { log }),
      })
  }

  /** The first reason counts. */
  #abort(reason: AbortReason, message: string): void {
    if (this.#aborted !== null) return
    const { clock, stuckAfterMs } = this.#owner
    this.#disarm?.()
    const cause = new AttemptAborted(reason, message)
    this.#aborted = { at: clock.now(), cause }
    this.#disarm = clock.after(stuckAfterMs, () => this.#owner.stuck(this))
    this.#controller.abort(cause)
  }

  #failure(thrown: unknown, retryInMs: number | null): Outcome {
    return { outcome: 'fail', id: this.id, attempt: this.attempt, error: textOf(thrown, this.#owner.limits), retryInMs }
  }

  #retryIn(policy: RetryPolicy = this.#task.options.backoff): number {
    const { random } = this.#owner
    try {
      return retryDelayMs(policy, this.#retryCount, random)
    } catch {
      // A policy of the user's own that throws must not cost the record its retries.
      return retryDelayMs(DEFAULT_RETRY_POLICY, this.#retryCount, random)
    }
  }

  #title(): string {
    return `${this.taskName} ${this.id} (attempt ${this.attempt})`
  }
}

/** A thrown error whose own properties throw when they are read is still a failure. */
function textOf(thrown: unknown, limits: Limits): string {
  try {
    return encodeError(thrown, limits)
  } catch {
    return encodeError(new Error('the handler threw an error that cannot be read'), limits)
  }
}
