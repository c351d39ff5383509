import type { Backend, Clock, Hint, Line, Watch, WatchRequest } from '@millrace/core'
import { createBackoff } from './backoff.ts'
import { createBell } from './bell.ts'
import { within } from './deadline.ts'
import { textOf, type Reporter } from './report.ts'

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
  /** Those of its lines that are worth a hint now; undefined: all. Asked before each wait. */
  readonly lines: () => readonly Line[] | undefined
  /** After each hint: those that come meanwhile are one. */
  readonly pauseMs: number
  /** After a failed watch, at most. */
  readonly longestBackoffMs: number
  /** Nobody waits for an answer any more. */
  readonly signal: AbortSignal
}

/** A reason that is there already: one is made with each abort otherwise, with its stack. */
const NOT_NOW = 'nobody listens'

export function listen(settings: HintSettings, onHint: (hint: Hint) => void): Hints {
  const { backend, clock, random, report, request, lines, pauseMs, longestBackoffMs, signal } = settings
  const bell = createBell(clock)
  const backoff = createBackoff(longestBackoffMs, random)
  let isPaused = false
  const closing = new AbortController()
  /** Of the question under way: an abort costs an idle worker as much as its whole next call, so only what waits is aborted. */
  let asking: AbortController | null = null

  async function keepListening(): Promise<void> {
    while (!closing.signal.aborted) {
      let watch: Watch | null = null
      try {
        watch = await asked(backend.watch({ ...request, signal: closing.signal }))
        await follow(watch)
      } catch (error) {
        if (!closing.signal.aborted)
          report({
            level: 'warning',
            what: 'watch-failed',
            message: `wake-ups are missing, polling goes on: ${textOf(error)}`,
            error,
          })
      } finally {
        await ended(watch)
      }
      await rest(backoff.next())
    }
  }

  /** Only the end cuts it short: `resume` rings the same bell, and would have a busy worker open a failing watch again with every turn. */
  async function rest(ms: number): Promise<void> {
    const over = clock.now() + ms
    while (!closing.signal.aborted && clock.now() < over) await bell.wait(over - clock.now())
  }

  /** Until the watch ends. */
  async function follow(watch: Watch): Promise<void> {
    while (!closing.signal.aborted) {
      if (isPaused) {
        await bell.wait(Infinity)
        continue
      }
      const controller = new AbortController()
      asking = controller
      const hint = await asked(watch.next(controller.signal, lines()))
      asking = null
      if (hint !== null) {
        backoff.reset()
        onHint(hint)
        if (pauseMs > 0) await bell.wait(pauseMs)
      } else if (!controller.signal.aborted) {
        return
      }
    }
  }

  /** What fails while it ends has ended. */
  async function ended(watch: Watch | null): Promise<void> {
    try {
      if (watch !== null) await within(watch.close(), { clock, ms: Infinity, signal, what: 'the end of a watch' })
    } catch {
      // The watch is gone either way.
    }
  }

  /** For as long as it takes, but not beyond the end: a watch that hangs must not hold up a stop. */
  function asked<T>(call: Promise<T>): Promise<T> {
    return within(call, { clock, ms: Infinity, signal: closing.signal, what: 'a watch' })
  }

  const listening = keepListening()
  return {
    pause() {
      if (isPaused) return
      isPaused = true
      asking?.abort(NOT_NOW)
    },
    resume() {
      if (!isPaused) return
      isPaused = false
      bell.ring()
    },
    async close() {
      closing.abort(NOT_NOW)
      asking?.abort(NOT_NOW)
      bell.ring()
      await listening
    },
  }
}
