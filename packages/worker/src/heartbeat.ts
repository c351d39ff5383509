import type { Clock } from '@millrace/core'

/** When the worker's attempts give their next sign of life: all of them at once. */
export interface Heartbeat {
  readonly dueAt: number
  /** Something held here was cancelled, or the call that carried it was given up: do not wait for the next one. */
  hurry(): void
  /** A turn that is made now carries them all. One that fails to come back does not put off the next one. */
  beat(): void
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
    beat() {
      dueAt = clock.now() + everyMs
    },
  }
}
