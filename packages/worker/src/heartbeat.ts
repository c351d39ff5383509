import type { Clock } from '@millrace/core'

/** When the worker's attempts give their next sign of life: all of them at once. */
export interface Heartbeat {
  readonly dueAt: number
  /** Something held here was cancelled, or the call that carried it was given up: do not wait for the next one. */
  hurry(): void
  /** A handler has reported something: within a second of the last sign of life, however often that happens. */
  soon(): void
  /** A turn that is made now carries them all. One that fails to come back does not put off the next one. */
  beat(): void
}

/** Between two signs of life that nothing but reports ask for. */
const REPORT_EVERY_MS = 1_000

export function createHeartbeat(everyMs: number, clock: Clock): Heartbeat {
  let dueAt = clock.now() + everyMs
  let beatAt = -Infinity
  return {
    get dueAt() {
      return dueAt
    },
    hurry() {
      dueAt = Math.min(dueAt, clock.now())
    },
    soon() {
      dueAt = Math.min(dueAt, Math.max(clock.now(), beatAt + REPORT_EVERY_MS))
    },
    beat() {
      beatAt = clock.now()
      dueAt = beatAt + everyMs
    },
  }
}
