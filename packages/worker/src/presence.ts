import { hostname } from 'node:os'
import type { Clock, Line, Presence } from '@millrace/core'

/**
 * Tells the fleet who this worker is: at start, often while it works, so that it is soon missed, and rarely without work. It says how often
 * each time; the first time without work comes as soon as the next one while working would have.
 */
export interface Presenting {
  dueAt(isWorking: boolean): number
  /** A turn that is made now carries the answer. */
  show(isWorking: boolean): Presence
  /** That turn was given up. */
  hide(): void
}

export interface PresentingSettings {
  readonly concurrency: number
  readonly lines: readonly Line[]
  /** While it works. */
  readonly everyMs: number
}

/** A worker without work writes nothing: a fleet that sleeps must not fill the server's append-only file. */
const IDLE_EVERY_MS = 1_800_000

export function createPresenting({ concurrency, lines, everyMs }: PresentingSettings, clock: Clock): Presenting {
  const idleEveryMs = Math.max(everyMs, IDLE_EVERY_MS)
  const host = hostname() || 'unknown'
  let dueAt = clock.now()
  let workingDueAt = dueAt
  return {
    dueAt: (isWorking) => (isWorking ? workingDueAt : dueAt),
    show(isWorking) {
      workingDueAt = clock.now() + everyMs
      dueAt = isWorking ? workingDueAt : clock.now() + idleEveryMs
      return { host, pid: pid(), concurrency, lines, everyMs: isWorking ? everyMs : idleEveryMs }
    },
    hide() {
      dueAt = clock.now()
      workingDueAt = dueAt
    },
  }
}

/** 0 where there are no processes. */
export function pid(): number {
  return globalThis.process?.pid ?? 0
}
