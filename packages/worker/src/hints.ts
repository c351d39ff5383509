import {
  QueueError,
  type Backend,
  type Clock,
  type Hint,
  type HintRequest,
  type Line,
  type Watch,
  type WatchRequest,
} from '@millrace/core'
import { createBackoff } from './backoff.ts'
import { createBell } from './bell.ts'
import { within } from './deadline.ts'
import type { Offer } from './pump.ts'
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
  /** A claim for the next wait to carry; null: none. Asked before each wait. */
  readonly offer: () => Offer | null
  /** A wait that was to end and carries a claim is not waited for any longer. */
  readonly deadlineMs: number
  /** After each hint: those that come meanwhile are one. */
  readonly pauseMs: number
  /** After a failed watch, at most. */
  readonly longestBackoffMs: number
  /** Nobody waits for an answer any more. */
  readonly signal: AbortSignal
}

/** A wait under way. */
interface Question {
  readonly controller: AbortController
  readonly carried: Offer | null
  /** It was to end, and did not. */
  isLate: boolean
  fail?: (error: unknown) => void
  disarm?: () => void
}

/** A reason that is there already: one is made with each abort otherwise, with its stack. */
const NOT_NOW = 'nobody listens'

export function listen(settings: HintSettings, onHint: (hint: Hint) => void): Hints {
  const { backend, clock, random, report, request, lines, offer, deadlineMs, pauseMs, longestBackoffMs, signal } =
    settings
  const bell = createBell(clock)
  const backoff = createBackoff(longestBackoffMs, random)
  let isPaused = false
  const closing = new AbortController()
  /** Of the question under way: an abort costs an idle worker as much as its whole next call, so only what waits is aborted. */
  let asking: Question | null = null

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
      const hint = await ask(watch)
      if (hint === 'end') return
      if (hint === 'again') await rest(backoff.next())
      else if (hint !== null && pauseMs > 0) await bell.wait(pauseMs)
    }
  }

  /** Once; null after an abort, `again` where only the claim failed. */
  async function ask(watch: Watch): Promise<Hint | 'end' | 'again' | null> {
    const question: Question = { controller: new AbortController(), carried: offer(), isLate: false }
    const { signal } = question.controller
    asking = question
    let hint: Hint | null
    try {
      hint = await unlessLate(question, asked(watch.next(requestOf(question, lines()))))
    } catch (error) {
      question.carried?.failed(error)
      if (question.carried === null || question.isLate || closing.signal.aborted) throw error
      return 'again'
    } finally {
      asking = null
      question.disarm?.()
    }
    const answer = hint?.kind === 'work' ? hint.answer : undefined
    if (hint !== null) {
      backoff.reset()
      // What was made because of the abort is no hint.
      if (answer === undefined || !signal.aborted) onHint(hint)
    }
    question.carried?.answered(answer ?? null)
    return hint === null && !signal.aborted ? 'end' : hint
  }

  /** A claim that is under way may be made yet; but whoever carries it may also have forgotten it. */
  function end(): void {
    if (asking === null || asking.controller.signal.aborted) return
    asking.controller.abort(NOT_NOW)
    const question = asking
    if (question.carried === null) return
    question.disarm = clock.after(deadlineMs, () => {
      const message = `a claim that waited for a hint was not answered within ${deadlineMs} ms`
      question.isLate = true
      question.fail?.(new QueueError('timeout', message, { indeterminate: true }))
    })
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
      end()
    },
    resume() {
      if (!isPaused) return
      isPaused = false
      bell.ring()
    },
    async close() {
      closing.abort(NOT_NOW)
      end()
      bell.ring()
      await listening
    },
  }
}

/** A watch that does not come to its end is given up. */
function unlessLate(question: Question, hint: Promise<Hint | null>): Promise<Hint | null> {
  if (question.carried === null) return hint
  const { promise, resolve, reject } = Promise.withResolvers<Hint | null>()
  question.fail = reject
  hint.then(resolve, reject)
  return promise
}

function requestOf({ controller: { signal }, carried }: Question, lines: readonly Line[] | undefined): HintRequest {
  return { signal, ...(lines === undefined ? {} : { lines }), ...(carried === null ? {} : { turn: carried.turn }) }
}
