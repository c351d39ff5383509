import type { AbortReason, HeldAttempt, STATUS } from '@millrace/core'
import type { Attempt } from './attempt.ts'
import type { Held } from './held.ts'
import type { Prefetched } from './prefetched.ts'
import type { QueuePlan } from './queues.ts'

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
  /** Each queue that the worker claims from, in the order of its options. */
  readonly queues: readonly QueueHealth[]
  /** Handlers that were told to stop and have not returned, whatever became of their records; each keeps its place, and that of its queue. */
  readonly aborted: number
  /** Those of them that were told so longer than `staleAfter` ago. */
  readonly stuck: readonly StuckHandler[]
  /** Turns that failed since the last one that was answered. */
  readonly consecutiveErrors: number
  /** What the last failed turn failed with; kept when turns work again. */
  readonly lastError: unknown
}

export interface QueueHealth {
  readonly name: string
  /** Handlers that have not returned. */
  readonly running: number
  /** Records that were claimed and wait here for a handler's place. */
  readonly prefetched: number
  /** How many of both there may be; null: no limit of its own. */
  readonly concurrency: number | null
}

export interface StuckHandler extends HeldAttempt {
  readonly taskName: string
  readonly queue: string
  /** Why it was told to stop. */
  readonly code: AbortReason
  /** When its signal aborted, by the worker's clock. */
  readonly abortedAt: number
  /** ms since its signal aborted. */
  readonly abortedFor: number
}

export function queueHealth(plans: readonly QueuePlan[], held: Held, prefetched: Prefetched): readonly QueueHealth[] {
  const running = Map.groupBy(held, ({ record }) => record.queue)
  const waiting = Map.groupBy(prefetched, ({ queue }) => queue)
  return plans.map(({ queue, most }) => ({
    name: queue,
    running: running.get(queue)?.length ?? 0,
    prefetched: waiting.get(queue)?.length ?? 0,
    concurrency: most === Infinity ? null : most,
  }))
}

/** The longest first. */
export function stuckHandlers(held: Iterable<Attempt>, now: number, afterMs: number): readonly StuckHandler[] {
  const stuck: StuckHandler[] = []
  for (const { id, attempt, taskName, record, aborted } of held) {
    const abortedFor = aborted === null ? 0 : now - aborted.at
    if (aborted === null || abortedFor <= afterMs) continue
    stuck.push({
      id,
      attempt,
      taskName,
      queue: record.queue,
      code: aborted.cause.code,
      abortedAt: aborted.at,
      abortedFor,
    })
  }
  return stuck.toSorted((one, other) => one.abortedAt - other.abortedAt)
}
