import type { Line } from './record.ts'
import type { TurnAnswer, WaitingTurn } from './turn.ts'

export interface WatchRequest {
  /** Hints that one of these lines may have work, or an earlier due time. One waiter is woken per new record. */
  readonly lines?: readonly Line[]
  /** Hints that one of these records ended or is gone. */
  readonly ids?: readonly string[]
  /** Hints that this worker should beat now: something it holds was cancelled. */
  readonly workerId?: string
  /** Ends the watch. */
  readonly signal?: AbortSignal
}

export type Hint =
  | {
      readonly kind: 'work'
      /** Of the turn that the wait carried, if it took something. */
      readonly answer?: TurnAnswer
    }
  | { readonly kind: 'done'; readonly id: string }
  | { readonly kind: 'control' }

export interface HintRequest {
  /** Ends the wait, and loses no hint. */
  readonly signal?: AbortSignal
  /** Some of the watch's: it waits for work of these alone. What the others have to tell stays for other waiters, or for later. */
  readonly lines?: readonly Line[]
  /**
   * A claim that the backend may make together with the hint, so that it takes no second round trip; also when `signal` aborts. If it took
   * something, the hint brings its `answer`; if the promise rejects with an indeterminate error, it may have; without both it took nothing. It can be
   * repeated by `turn`, word for word, like any other.
   */
  readonly turn?: WaitingTurn
}

export interface Watch {
  /**
   * The next hint; null when the watch has ended, or when the wait was aborted. What happened since the watch was armed is kept until it is
   * asked for; after a lost connection everything watched is hinted once. One call at a time.
   * @throws QueueError `invalid_argument` that names the part at fault, also for a second call while one waits; with `turn` whatever `turn` throws.
   */
  next(request?: HintRequest): Promise<Hint | null>
  /** Idempotent; a hint not taken is passed on to another waiter. */
  close(): Promise<void>
}
