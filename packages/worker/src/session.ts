import { STATUS, type WatchRequest } from '@millrace/core'
import { createBell, type Bell } from './bell.ts'
import type { Deadline } from './deadline.ts'
import { dutiesOf, startDuties } from './duties.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { queueHealth, stuckHandlers, type WorkerHealth, type WorkerStatus } from './health.ts'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import { createHeld, type Held } from './held.ts'
import { listen, type Hints } from './hints.ts'
import { createIntake, type Intake } from './intake.ts'
import { listed } from './listed.ts'
import type { WorkerSettings } from './options.ts'
import { createPace } from './pace.ts'
import { createPolling, type Polling } from './polling.ts'
import { createPrefetched, type Prefetched } from './prefetched.ts'
import { createPresenting } from './presence.ts'
import { LONGEST_BACKOFF_MS, Pump } from './pump.ts'
import { createSelection, type Selection } from './selection.ts'
import { createSettlements } from './settlements.ts'
import { createSlot } from './slot.ts'
import { createStarter } from './starter.ts'
import { createFarewell, type StopReport } from './stop-report.ts'

/** For settling the rest and saying goodbye to a backend that may be down. */
const FAREWELL_MS = 5_000
/** Turns in flight: the backend works while handlers run. */
const SLOTS = 4
/** So many outcomes are sent without waiting for the end of the tick. */
const MOST_QUEUED = 50
/** Cancellations that come close together share a heartbeat. */
const CONTROL_PAUSE_MS = 50

/** One run of a worker, from its start until it is quiet: it owns every promise and every timer, and leaves none behind. */
export class Session {
  readonly #settings: WorkerSettings
  readonly #held: Held = createHeld()
  readonly #prefetched: Prefetched = createPrefetched()
  readonly #intake: Intake
  readonly #heartbeat: Heartbeat
  readonly #polling: Polling
  readonly #selection: Selection
  readonly #exchange: Exchange
  readonly #pump: Pump
  readonly #returns: Bell
  /** Aborts when nobody waits for the backend any more. */
  readonly #over = new AbortController()
  readonly #deadline: Omit<Deadline, 'what'>
  readonly #firstTurn = Promise.withResolvers<boolean>()
  readonly #quiet = Promise.withResolvers<StopReport>()
  readonly #farewell = createFarewell()
  #status: WorkerStatus = 'starting'
  #hints: { readonly work: Hints; readonly control: Hints } | null = null
  #pumping: Promise<void> = Promise.resolve()
  #stopDuties: () => Promise<void> = () => Promise.resolve()
  #graceEndsAt = Infinity
  /** Between the signal that tells the last handlers to stop and the release of what they hold. */
  #momentMs = Infinity
  #ending: Promise<StopReport> | null = null

  constructor(settings: WorkerSettings) {
    const { backend, clock, concurrency, lines, heartbeatMs, staleAfterMs, poll, limits, workerId, random } = settings
    this.#settings = settings
    this.#heartbeat = createHeartbeat(heartbeatMs, clock)
    this.#polling = createPolling(poll, clock)
    this.#returns = createBell(clock)
    // Together with the time between two heartbeats still below staleAfter: one call that hangs must not cost every attempt.
    this.#deadline = { clock, ms: Math.ceil(staleAfterMs / 2), signal: this.#over.signal }

    const [held, prefetched, heartbeat, polling] = [this.#held, this.#prefetched, this.#heartbeat, this.#polling]
    const settlements = createSettlements(limits.batch)
    const pace = createPace({ concurrency, most: settings.prefetch }, clock)
    const presenting = createPresenting({ concurrency, lines, everyMs: Math.ceil(staleAfterMs / 2) }, clock)
    const slots = Array.from({ length: SLOTS }, (_, slot) =>
      createSlot({
        ...this.#deadline,
        backend,
        workerId,
        slot,
        random,
        longestBackoffMs: LONGEST_BACKOFF_MS,
        onGivenUp: (request) => this.#exchange.givenUp(request),
      }),
    )
    this.#selection = createSelection(settings, { held, prefetched, slots })
    const starter = createStarter(settings, {
      held,
      prefetched,
      settlements,
      pace,
      onOutcome: () => this.#pump.ring(),
      onReport: () => {
        heartbeat.soon()
        this.#pump.ring()
      },
      onMore: () => this.#pump.ring(),
      onReturn: () => this.#returned(settlements.queued),
    })
    this.#intake = createIntake(settings, { held, prefetched, settlements, starter, pace })
    const parts = {
      slots,
      held,
      prefetched,
      settlements,
      heartbeat,
      polling,
      selection: this.#selection,
      presenting,
      intake: this.#intake,
      starter,
      pace,
      farewell: this.#farewell,
    }
    this.#exchange = createExchange(settings, parts)
    this.#pump = new Pump(
      settings,
      { slots, exchange: this.#exchange, deadline: this.#deadline },
      {
        onFirstTurn: () => this.#started(),
        onHopeless: (error) => {
          this.#firstTurn.reject(error)
          if (this.#status === 'stopping') this.#giveUp()
        },
        onIdle: () => {
          if (!polling.isHinted) this.#hints?.work.resume()
        },
        onBusy: () => this.#hints?.work.pause(),
        onRound: () => starter.nextRound(),
      },
    )
  }

  /** Resolves to true once the first turn was answered, to false if it was stopped before. @throws what no repetition can mend. */
  async start(): Promise<boolean> {
    const { lines, workerId } = this.#settings
    const work = this.#listen({ lines }, 0, () => {
      // A second hint would say nothing new, and a flood of them would leave no time for anything else.
      this.#hints?.work.pause()
      this.#polling.hint()
    })
    work.pause()
    this.#hints = { work, control: this.#listen({ workerId }, CONTROL_PAUSE_MS, () => this.#heartbeat.hurry()) }
    this.#pumping = this.#pump.run()
    try {
      return await this.#firstTurn.promise
    } catch (error) {
      await this.stop(0, 0)
      throw error
    }
  }

  /** The first call counts; a later one can only shorten what it allows. */
  async stop(graceMs: number, momentMs: number): Promise<StopReport> {
    this.#graceEndsAt = Math.min(this.#graceEndsAt, this.#settings.clock.now() + graceMs)
    this.#momentMs = Math.min(this.#momentMs, momentMs)
    this.#returns.ring()
    this.#ending ??= this.#end()
    return await this.#ending
  }

  /** Resolves when it was stopped, by whomever, and everything is quiet. */
  get stopped(): Promise<StopReport> {
    return this.#quiet.promise
  }

  health(): WorkerHealth {
    const { clock, staleAfterMs } = this.#settings
    const canClaim = this.#status === 'starting' || this.#status === STATUS.running
    return {
      status: this.#status,
      ...this.#pump.vitals(),
      running: this.#held.size,
      prefetched: this.#prefetched.size,
      free: canClaim ? this.#exchange.free : 0,
      queues: queueHealth(this.#settings.queues, this.#held, this.#prefetched),
      aborted: [...this.#held].filter(({ aborted }) => aborted !== null).length,
      stuck: stuckHandlers(this.#held, clock.now(), staleAfterMs),
    }
  }

  #started(): void {
    if (this.#status !== 'starting') return
    this.#status = STATUS.running
    const { backend, clock, limits, random, report } = this.#settings
    const { ms: deadlineMs, signal } = this.#deadline
    const duties = dutiesOf({ ...this.#settings, limit: limits.batch })
    this.#stopDuties = startDuties(duties, { backend, clock, random, report, deadlineMs, signal })
    this.#firstTurn.resolve(true)
  }

  async #end(): Promise<StopReport> {
    const { clock } = this.#settings
    this.#status = 'stopping'
    this.#firstTurn.resolve(false)
    this.#hints?.work.pause()
    this.#intake.giveBackAll()
    this.#pump.enter('draining')
    const duties = this.#stopDuties()
    await this.#allReturned(() => this.#graceEndsAt)
    for (const attempt of this.#held) attempt.shutDown()
    const abortedAt = clock.now()
    // Whoever returns as soon as it is told has not been left behind, however short the moment is.
    await nextRound()
    await this.#allReturned(() => abortedAt + this.#momentMs)
    this.#abandonHandlers()

    this.#pump.enter('leaving')
    const disarm = clock.after(FAREWELL_MS, () => this.#giveUp())
    await this.#pumping
    await Promise.all([duties, this.#hints?.work.close(), this.#hints?.control.close()])
    disarm()
    this.#giveUp()
    this.#tellUnsettled()
    this.#status = 'stopped'
    const report = this.#farewell.report(this.#exchange.unsettled)
    this.#quiet.resolve(report)
    return report
  }

  async #allReturned(until: () => number): Promise<void> {
    const { clock } = this.#settings
    while (this.#held.size > 0 && clock.now() < until()) await this.#returns.wait(until() - clock.now())
  }

  /** Who has nothing left to do does not wait for others to finish in the same tick. */
  #returned(queued: number): void {
    this.#returns.ring()
    if (queued >= MOST_QUEUED || (this.#held.size === 0 && this.#prefetched.size === 0)) this.#pump.flush()
    else this.#pump.ring()
  }

  /** What their handlers hold is given back; what they do from now on is dropped. */
  #abandonHandlers(): void {
    const left = [...this.#held]
    for (const attempt of left) {
      attempt.release()
      attempt.abandon()
    }
    this.#farewell.abandoned(left)
    if (left.length === 0) return
    const names = listed(left.map(({ taskName, id }) => `${taskName} ${id}`))
    const message = `handlers still run although the worker stops, what they do is dropped: ${names}`
    this.#settings.report({ level: 'error', what: 'handler-stuck', message })
  }

  #giveUp(): void {
    this.#over.abort()
    this.#pump.ring()
  }

  #tellUnsettled(): void {
    const { unsettled } = this.#exchange
    if (unsettled === 0) return
    const message = `${unsettled} outcomes were not taken by the backend; their records run again once they are stale`
    this.#settings.report({ level: 'error', what: 'unsettled', message, error: this.#pump.vitals().lastError })
  }

  #listen(request: WatchRequest, pauseMs: number, onHint: () => void): Hints {
    const { backend, clock, random, report } = this.#settings
    const isForWork = request.lines !== undefined
    const settings = {
      backend,
      clock,
      random,
      report,
      request,
      lines: isForWork ? () => this.#selection.open() : () => undefined,
      offer: isForWork ? () => this.#pump.offer() : () => null,
      deadlineMs: this.#deadline.ms,
      pauseMs,
      longestBackoffMs: LONGEST_BACKOFF_MS,
      signal: this.#over.signal,
    }
    return listen(settings, () => {
      onHint()
      this.#pump.ring()
    })
  }
}

/** The event loop goes round once. */
function nextRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
