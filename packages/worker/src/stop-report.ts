import type { ActResult, HeldAttempt, Settlement } from '@millrace/core'

/** What became of what a worker held when it was told to stop. Nothing abandoned and nothing unsettled: a clean stop. */
export interface StopReport {
  /** Outcomes of handlers that the backend took while the worker stopped. */
  readonly settled: number
  /** Attempts given back, also of records whose handlers had not begun: pending again, no retry consumed. */
  readonly released: number
  /**
   * Handlers that had not returned when the worker gave them up. What they do is dropped, and their records are settled, or given back; but
   * they run on, and the process with them.
   */
  readonly abandoned: readonly AbandonedHandler[]
  /** Outcomes and releases that the backend did not take: their records are recovered once they are stale. */
  readonly unsettled: number
}

export interface AbandonedHandler extends HeldAttempt {
  readonly taskName: string
}

/** Counts what the backend takes from a worker that stops. */
export interface Farewell {
  /** Of one turn, in the same order. */
  answered(batch: readonly Settlement[], results: readonly ActResult[]): void
  abandoned(handlers: readonly AbandonedHandler[]): void
  report(unsettled: number): StopReport
}

export function createFarewell(): Farewell {
  let [settled, released] = [0, 0]
  let abandoned: readonly AbandonedHandler[] = []
  return {
    answered(batch, results) {
      for (const [i, { outcome }] of batch.entries()) {
        if (results[i]?.outcome !== 'ok') continue
        if (outcome === 'release') released += 1
        else settled += 1
      }
    },
    abandoned(handlers) {
      abandoned = handlers.map(({ id, attempt, taskName }) => ({ id, attempt, taskName }))
    },
    report: (unsettled) => ({ settled, released, abandoned, unsettled }),
  }
}
