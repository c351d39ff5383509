import { STATUS, type WatchRequest } from '@millrace/core'
import { createBell, type Bell } from './bell.ts'
import type { Deadline } from './deadline.ts'
import { dutiesOf, startDuties } from './duties.ts'
import { createExchange, type Exchange } from './exchange.ts'
import type { StuckHandler, WorkerHealth, WorkerStatus } from './health.ts'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import { createHeld, type Held } from './held.ts'
import { listen, type Hints } from './hints.ts'
import { createIntake } from './intake.ts'
import { listed } from './listed.ts'
import type { WorkerSettings } from './options.ts'
import { createPolling, type Polling } from './polling.ts'
import { createPresenting } from './presence.ts'
import { Pump } from './pump.ts'
import { createSettlements } from './settlements.ts'

/** Between the signal that tells the last handlers to stop and the release of what they hold. */
const LAST_MOMENT_MS = 1_000
/** For settling the rest and saying goodbye to a backend that may be down. */
const FAREWELL_MS = 5_000
/** After a failed watch, at most. */
const LONGEST_BACKOFF_MS = 5_000
/** Cancellations that come close together share a heartbeat. */
const CONTROL_PAUSE_MS = 50

/** One run of a worker, from its start until it is quiet: it owns every promise and every timer, and leaves none behind. */
export class Session {
  readonly #settings: WorkerSettings
  readonly #held: Held = createHeld()
  readonly #heartbeat: Heartbeat
  readonly #polling: Polling
  readonly #exchange: Exchange
  readonly #pump: Pump
  readonly #returns: Bell
  /** Aborts when nobody waits for the backend any more. */
  readonly #over = new AbortController()
  readonly #deadline: Omit<Deadline, 'what'>
  readonly #firstTurn = Promise.withResolvers<boolean>()
  readonly #quiet = Promise.withResolvers<void>()
  #status: WorkerStatus = 'starting'
  #hints: { readonly work: Hints; readonly control: Hints } | null = null
  #pumping: Promise<void> = Promise.resolve()
  #stopDuties: () => Promise<void> = () => Promise.resolve()
  #graceEndsAt = Infinity
  #ending: Promise<void> | null = null

  constructor(settings: WorkerSettings) {
    const { clock, concurrency, lines, heartbeatMs, staleAfterMs, poll, limits } = settings
    this.#settings = settings
    this.#heartbeat = createHeartbeat(heartbeatMs, clock)
    this.#polling = createPolling(poll, clock)
    this.#returns = createBell(clock)
    // Together with the time between two heartbeats still below staleAfter: one call that hangs must not cost every attempt.
    this.#deadline = { clock, ms: Math.ceil(staleAfterMs / 2), signal: this.#over.signal }

    const [held, heartbeat, polling, settlements] = [
      this.#held,
      this.#heartbeat,
      this.#polling,
      createSettlements(limits.batch),
    ]
    const onOutcome = (): void => this.#pump.ring()
    const intake = createIntake(settings, { held, settlements, onOutcome, onReturn: () => this.#returned() })
    const presenting = createPresenting({ concurrency, lines, everyMs: Math.ceil(staleAfterMs / 2) }, clock)
    this.#exchange = createExchange(settings, { held, settlements, heartbeat, polling, presenting, intake })
    this.#pump = new Pump(settings, this.#exchange, this.#deadline, {
      onFirstTurn: () => this.#started(),
      onHopeless: (error) => {
        this.#firstTurn.reject(error)
        if (this.#status === 'stopping') this.#giveUp()
      },
      onIdle: () => {
        if (!polling.isHinted) this.#hints?.work.resume()
      },
      onBusy: () => this.#hints?.work.pause(),
    })
  }

  /** Resolves to true once the first turn was answered, to false if it was stopped before. @throws what no repetition can mend. */
  async start(): Promise<boolean> {
    const { lines, workerId } = this.#settings
    const work = this.#listen({ lines }, 0, () => this.#polling.hint())
    work.pause()
    this.#hints = { work, control: this.#listen({ workerId }, CONTROL_PAUSE_MS, () => this.#heartbeat.hurry()) }
    this.#pumping = this.#pump.run()
    try {
      return await this.#firstTurn.promise
    } catch (error) {
      await this.stop(0)
      throw error
    }
  }

  /** The first call counts; a later one can only shorten the grace. */
  async stop(graceMs: number): Promise<void> {
    this.#graceEndsAt = Math.min(this.#graceEndsAt, this.#settings.clock.now() + graceMs)
    this.#returns.ring()
    this.#ending ??= this.#end()
    await this.#ending
  }

  /** Resolves when it was stopped, by whomever, and everything is quiet. */
  get stopped(): Promise<void> {
    return this.#quiet.promise
  }

  health(): WorkerHealth {
    const canClaim = this.#status === 'starting' || this.#status === STATUS.running
    return {
      status: this.#status,
      ...this.#pump.vitals(),
      running: this.#held.size,
      free: canClaim ? this.#exchange.free : 0,
      stuck: this.#stuck(),
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

  async #end(): Promise<void> {
    const { clock } = this.#settings
    this.#status = 'stopping'
    this.#firstTurn.resolve(false)
    this.#hints?.work.pause()
    this.#pump.enter('draining')
    const duties = this.#stopDuties()
    await this.#allReturned(() => this.#graceEndsAt)
    for (const attempt of this.#held) attempt.shutDown()
    const lastMoment = clock.now() + LAST_MOMENT_MS
    await this.#allReturned(() => lastMoment)
    this.#abandonHandlers()

    this.#pump.enter('leaving')
    const disarm = clock.after(FAREWELL_MS, () => this.#giveUp())
    await this.#pumping
    await Promise.all([duties, this.#hints?.work.close(), this.#hints?.control.close()])
    disarm()
    this.#giveUp()
    this.#tellUnsettled()
    this.#status = 'stopped'
    this.#quiet.resolve()
  }

  async #allReturned(until: () => number): Promise<void> {
    const { clock } = this.#settings
    while (this.#held.size > 0 && clock.now() < until()) await this.#returns.wait(until() - clock.now())
  }

  #returned(): void {
    this.#returns.ring()
    this.#pump.ring()
  }

  /** What their handlers hold is given back; what they do from now on is dropped. */
  #abandonHandlers(): void {
    const left = [...this.#held]
    for (const attempt of left) {
      attempt.release()
      attempt.abandon()
    }
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

  #stuck(): readonly StuckHandler[] {
    const { clock, staleAfterMs } = this.#settings
    return [...this.#held].flatMap(({ id, attempt, taskName, abortedAt }) => {
      const abortedFor = abortedAt === null ? 0 : clock.now() - abortedAt
      return abortedFor > staleAfterMs ? [{ id, attempt, taskName, abortedFor }] : []
    })
  }

  #listen(request: WatchRequest, pauseMs: number, onHint: () => void): Hints {
    const { backend, clock, random, report } = this.#settings
    const settings = {
      backend,
      clock,
      random,
      report,
      request,
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
