import { hostname } from 'node:os'
import type { Clock, Line, Presence } from '@millrace/core'

/** Tells the fleet who this worker is: at start, and often enough not to be forgotten. */
export interface Presenting {
  readonly dueAt: number
  readonly presence: Presence
  /** A turn that is made now carries it. */
  show(): void
  /** That turn was given up. */
  hide(): void
}

export interface PresentingSettings {
  readonly concurrency: number
  readonly lines: readonly Line[]
  readonly everyMs: number
}

export function createPresenting({ concurrency, lines, everyMs }: PresentingSettings, clock: Clock): Presenting {
  let dueAt = clock.now()
  return {
    get dueAt() {
      return dueAt
    },
    presence: { host: hostname() || 'unknown', pid: pid(), concurrency, lines },
    show() {
      dueAt = clock.now() + everyMs
    },
    hide() {
      dueAt = clock.now()
    },
  }
}

/** 0 where there are no processes. */
export function pid(): number {
  return globalThis.process?.pid ?? 0
}
