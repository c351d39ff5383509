import type { AbandonedHandler } from '@millrace/worker'

/** What a worker process writes down: at once, so that no end of the process takes it away. */
export type StopEvent = { readonly pid: number; readonly at: number } & (
  | { readonly what: 'began'; readonly id: string; readonly attempt: number }
  /** In the same step of the event loop its handler returns. `late`: so many ms after its signal aborted. */
  | { readonly what: 'finished'; readonly id: string; readonly attempt: number; readonly late: number | null }
  | { readonly what: 'reported'; readonly kind: string; readonly message: string }
  | { readonly what: 'stopped'; readonly abandoned: readonly AbandonedHandler[]; readonly unsettled: number }
)

/** How a worker process ended that was told to stop. */
export interface Life {
  readonly pid: number
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** From the signal to the end. */
  readonly tookMs: number
}

export const GRACE_MS = 200
export const MOMENT_MS = 200
/** What `stop` may take beyond both, and then the client's end. */
export const [WORKER_MS, CLIENT_MS] = [5_000, 9_000]
export const LONGEST_STOP_MS: number = GRACE_MS + MOMENT_MS + WORKER_MS + CLIENT_MS
