import type { Backend, Clock, Hint, Watch, WatchRequest } from '@millrace/core'
import { createBackoff } from './backoff.ts'
import { createBell } from './bell.ts'
import { within } from './deadline.ts'
import type { Reporter } from './report.ts'

/** Listens for one kind of hints. Nothing depends on a hint: a watch that fails is opened again, and polling goes on. */
export interface Hints {
  /** Take no hints; they stay for others, or for later. */
  pause(): void
  resume(): void
  /** Resolves when nothing listens any more. */
  close(): Promise<void>
}

export interface HintSettings {
  readonly backend: Pick<Backend, 'watch'>
  readonly clock: Clock
  readonly random: () => number
  readonly report: Reporter
  readonly request: WatchRequest
  /** After each hint: those that come meanwhile are one. */
  readonly pauseMs: number
  /** After a failed watch, at most. */
  readonly longestBackoffMs: number
  /** Nobody waits for an answer any more. */
  readonly signal: AbortSignal
}

export function listen(settings: HintSettings, onHint: (hint: Hint) => void): Hints {
  const { backend, clock, random, report, request, pauseMs, longestBackoffMs, signal } = settings
  const bell = createBell(clock)
  const backoff = createBackoff(longestBackoffMs, random)
  let isPaused = false
  const closing = new AbortController()
  let asking = new AbortController()

  const isOver = (): boolean => closing.signal.aborted || signal.aborted

  async function keepListening(): Promise<void> {
    while (!isOver()) {
      let watch: Watch | null = null
      try {
        watch = await unbounded(backend.watch({ ...request, signal }), 'a watch')
        await follow(watch)
      } catch (error) {
        if (!isOver())
          report({
            level: 'warning',
            what: 'watch-failed',
            message: `wake-ups are missing, polling goes on: ${String(error)}`,
            error,
          })
      } finally {
        await ended(watch)
      }
      if (!isOver()) await bell.wait(backoff.next())
    }
  }

  /** Until the watch ends. */
  async function follow(watch: Watch): Promise<void> {
    while (!isOver()) {
      if (isPaused) {
        await bell.wait(Infinity)
        continue
      }
      asking = new AbortController()
      const hint = await unbounded(watch.next(asking.signal), 'a hint')
      if (hint !== null) {
        backoff.reset()
        onHint(hint)
        if (pauseMs > 0) await bell.wait(pauseMs)
      } else if (!asking.signal.aborted) {
        return
      }
    }
  }

  /** What fails while it ends has ended. */
  async function ended(watch: Watch | null): Promise<void> {
    try {
      if (watch !== null) await unbounded(watch.close(), 'the end of a watch')
    } catch {
      // The watch is gone either way.
    }
  }

  function unbounded<T>(call: Promise<T>, what: string): Promise<T> {
    return within(call, { clock, ms: Infinity, signal, what })
  }

  const listening = keepListening()
  return {
    pause() {
      if (isPaused) return
      isPaused = true
      asking.abort()
    },
    resume() {
      if (!isPaused) return
      isPaused = false
      bell.ring()
    },
    async close() {
      closing.abort()
      asking.abort()
      bell.ring()
      await listening
    },
  }
}
