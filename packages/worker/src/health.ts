import type { HeldAttempt, STATUS } from '@millrace/core'

/** `starting` until the first turn was answered; `stopping` until everything is settled or given up. */
export type WorkerStatus = 'starting' | typeof STATUS.running | 'stopping' | 'stopped'

/** More than "it runs": whether it gets through to the backend, in time, and whether its handlers obey. */
export interface WorkerHealth {
  readonly status: WorkerStatus
  /** When the last answered turn was made, by the worker's clock; null before the first. */
  readonly lastTurnAt: number | null
  /**
   * For how long a turn has been due without being answered, in ms. 0 while all is well; grows while the backend fails or hangs, and
   * shows how long the event loop was blocked.
   */
  readonly lagMs: number
  /** Handlers that have not returned. */
  readonly running: number
  /** Records that were claimed and wait here for a handler's place. */
  readonly prefetched: number
  /** Places for handlers that a claim may fill. */
  readonly free: number
  /** Handlers that were told to stop longer than `staleAfter` ago and still run; each takes a place. */
  readonly stuck: readonly StuckHandler[]
  /** Turns that failed since the last one that was answered. */
  readonly consecutiveErrors: number
  /** What the last failed turn failed with; kept when turns work again. */
  readonly lastError: unknown
}

export interface StuckHandler extends HeldAttempt {
  readonly taskName: string
  /** ms since its signal aborted. */
  readonly abortedFor: number
}
