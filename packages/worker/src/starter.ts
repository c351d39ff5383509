import { AsyncLocalStorage } from 'node:async_hooks'
import type { TaskRecord } from '@millrace/core'
import { Attempt, type AttemptOwner } from './attempt.ts'
import type { Held } from './held.ts'
import type { WorkerSettings } from './options.ts'
import type { Pace } from './pace.ts'
import type { Prefetched } from './prefetched.ts'
import type { Settlements } from './settlements.ts'

/** Starts the handlers of what was claimed, as many as may run, in the order of the claims. */
export interface Starter {
  /** A claimed record whose task is known: starts, or waits behind those that were claimed before. */
  take(record: TaskRecord): void
  /** Starts what there is a handler's place for, in this round of the event loop a bounded number. */
  start(): void
  /** Another round of the event loop has begun. */
  nextRound(): void
}

export interface StarterParts {
  readonly held: Held
  readonly prefetched: Prefetched
  readonly settlements: Settlements
  readonly pace: Pace
  /** There is something to settle. */
  readonly onOutcome: () => void
  /** A handler has returned, and its place is free. */
  readonly onReturn: () => void
  /** A handler has reported how far it has come. */
  readonly onReport: () => void
  /** More could be started: call `nextRound` when the event loop has gone round. */
  readonly onMore: () => void
}

/**
 * Handlers started before replies are read and requests are written again: half of what may be held, so that the backend works on one half
 * while the other one runs. Fewer would be small change, more would keep the event loop too long.
 */
const [LEAST_STARTS, MOST_STARTS] = [5, 100]

/** One that throws does so by itself: the others are called all the same. */
async function call(attempt: Attempt): Promise<void> {
  attempt.run()
}

/** What is put behind it happens once the code at hand has ended. */
const SOON = Promise.resolve()

export function createStarter(settings: WorkerSettings, parts: StarterParts): Starter {
  const { around, clock, concurrency, prefetch, limits, random, report, tasks, staleAfterMs } = settings
  const { held, prefetched, settlements, pace, onOutcome, onReturn, onReport, onMore } = parts
  const perRound = Math.min(MOST_STARTS, Math.max(LEAST_STARTS, Math.ceil((concurrency + prefetch) / 2)))
  let left = perRound
  let starting: Attempt[] = []
  /** What one handler enters into its asynchronous context, a trace or a request, is not there for the next one. */
  const outside = AsyncLocalStorage.snapshot()

  const owner: AttemptOwner = {
    around,
    clock,
    limits,
    random,
    stuckAfterMs: staleAfterMs,
    settle(outcome) {
      settlements.add(outcome)
      onOutcome()
    },
    returned(attempt) {
      held.remove(attempt)
      pace.returned(clock.now() - attempt.startedAt)
      start()
      onReturn()
    },
    reported: onReport,
    stuck({ taskName, id, attempt }) {
      const message = `${taskName} ${id} (attempt ${attempt}) was told to stop ${staleAfterMs} ms ago and still runs; it takes a slot`
      report({ level: 'error', what: 'handler-stuck', message, id })
    },
  }

  function take(record: TaskRecord): void {
    if (prefetched.size === 0 && held.size < concurrency && left > 0) run(record)
    else prefetched.add(record, clock.now())
  }

  function start(): void {
    while (prefetched.size > 0 && held.size < concurrency) {
      if (left === 0) return onMore()
      const record = prefetched.take()
      if (record !== undefined) run(record)
    }
  }

  function run(record: TaskRecord): void {
    const task = tasks.get(record.taskName)
    if (task === undefined) return
    if (left === perRound) onMore()
    left -= 1
    const attempt = new Attempt(record, task, owner)
    held.add(attempt)
    if (starting.length === 0) void SOON.then(callAll)
    starting.push(attempt)
  }

  /** Handlers are called from the event loop, never in the middle of what the worker does. */
  function callAll(): void {
    const attempts = starting
    starting = []
    for (const attempt of attempts) void outside(call, attempt)
  }

  return {
    take,
    start,
    nextRound() {
      left = perRound
      start()
    },
  }
}
