import type { Clock } from '@millrace/core'

/** When the worker's attempts give their next sign of life: all of them at once. */
export interface Heartbeat {
  readonly dueAt: number
  /** Something held here was cancelled, or a reply was lost: do not wait for the next one. */
  hurry(): void
  /** A turn made at this instant carried them all, and was answered. Nothing else puts the next one off: not an error, either. */
  beaten(at: number): void
}

export function createHeartbeat(everyMs: number, clock: Clock): Heartbeat {
  let dueAt = clock.now() + everyMs
  return {
    get dueAt() {
      return dueAt
    },
    hurry() {
      dueAt = Math.min(dueAt, clock.now())
    },
    beaten(at) {
      dueAt = at + everyMs
    },
  }
}
