import type { TurnAnswer, WaitingTurn } from '@millrace/core'
import { createAlarm, type Alarm } from './alarm.ts'
import { createBackoff, type Backoff } from './backoff.ts'
import { within, type Deadline } from './deadline.ts'
import type { Exchange, Phase } from './exchange.ts'
import type { WorkerHealth } from './health.ts'
import type { WorkerSettings } from './options.ts'
import { textOf } from './report.ts'
import { isPassing, type Answered, type Slot } from './slot.ts'

/** A claim on its way with a wait for a hint. One of both has to be told, once; what is told later is dropped. */
export interface Offer {
  readonly turn: WaitingTurn
  /** null: it took nothing. */
  readonly answered: (answer: TurnAnswer | null) => void
  readonly failed: (error: unknown) => void
}

export interface PumpOwner {
  /** The first turn was answered. */
  onFirstTurn(): void
  /** The first turn, or one of the last, failed, and no repetition can mend it. */
  onHopeless(error: unknown): void
  /** Nothing is to be done for a while, and there is a place for whatever comes. */
  onIdle(): void
  onBusy(): void
  /** The event loop has gone round, and what was to be said has been said. */
  onRound(): void
}

/** A claim that somebody else makes, and its answer. */
interface Carried {
  readonly claim: WaitingTurn['claim']
  readonly made: Promise<TurnAnswer | null>
}

export const LONGEST_BACKOFF_MS = 5_000
/** Repetitions of a call that are made before anything else. */
const MOST_PREFERRED = 3

/** Makes the worker's turns: several at a time, each when there is something to say, after an error again until it is answered. */
export class Pump {
  readonly #settings: WorkerSettings
  readonly #slots: readonly Slot[]
  readonly #exchange: Exchange
  readonly #owner: PumpOwner
  readonly #deadline: Omit<Deadline, 'what'>
  readonly #backoff: Backoff
  readonly #alarm: Alarm
  readonly #ended = Promise.withResolvers<void>()
  #phase: Phase = 'working'
  #isRunning = false
  #isRung = false
  /** Since the turns that were due were made: otherwise there is nothing to look at when the event loop has gone round. */
  #isStirred = false
  /** In flight. */
  #turns = 0
  /** One of them, and the only one, waits for a hint. */
  #isWaiting = false
  #isOpen = false
  #saidGoodbye = false
  #retryAt = 0
  /** Errors of turns that were made before the last one of these belong to the same trouble. */
  #troubles = 0
  /** In flight since the last trouble. */
  #fresh = 0
  /** Since when turns have failed. */
  #failingSince: number | null = null
  #errors = 0
  #lastTurnAt: number | null = null
  #lastError: unknown = null

  constructor(
    settings: WorkerSettings,
    parts: { readonly slots: readonly Slot[]; readonly exchange: Exchange; readonly deadline: Omit<Deadline, 'what'> },
    owner: PumpOwner,
  ) {
    this.#settings = settings
    this.#slots = parts.slots
    this.#exchange = parts.exchange
    this.#deadline = parts.deadline
    this.#owner = owner
    this.#alarm = createAlarm(settings.clock, () => this.ring())
    this.#backoff = createBackoff(Math.min(LONGEST_BACKOFF_MS, settings.heartbeatMs), settings.random)
  }

  /** Something has changed that may make a turn due: looked at when the event loop has gone round, so that what happens together is one. */
  ring(): void {
    this.#isStirred = true
    if (!this.#isRunning || this.#isRung) return
    this.#isRung = true
    setImmediate(() => {
      this.#isRung = false
      if (this.#isStirred) this.#round()
      else this.#owner.onRound()
    })
  }

  /** What is due is said at once. */
  flush(): void {
    if (!this.#isRunning || this.#deadline.signal.aborted || this.#isQuiet()) return this.ring()
    this.#alarm.set(this.#send())
    // The end of a turn that is in flight will ring.
    if (this.#turns > 0) this.#isStirred = false
    else this.ring()
  }

  enter(phase: Phase): void {
    this.#phase = phase
    // A worker that stops must not repeat a claim.
    this.#forget()
    // The last words do not wait for the end of a long backoff.
    if (phase === 'leaving') this.#retryAt = 0
    this.ring()
  }

  /** Until there is nothing left to say, or nobody to say it to. Never rejects. */
  run(): Promise<void> {
    this.#isRunning = true
    this.ring()
    return this.#ended.promise
  }

  /** null unless the worker is quite idle. */
  offer(): Offer | null {
    const now = this.#settings.clock.now()
    const plan = this.#plan(now)
    const isReady = this.#isRunning && this.#isOpen && this.#phase === 'working' && this.#errors === 0
    if (!isReady || this.#turns > 0 || plan === null || plan.at <= now) return null
    const claim = this.#exchange.offer
    if (claim === null) return null
    const { promise: made, resolve: answered, reject: failed } = Promise.withResolvers<TurnAnswer | null>()
    this.#isWaiting = true
    void this.#turn(plan.slot, { claim, made })
    const { outstanding } = plan.slot
    if (outstanding === null) throw new TypeError('a call that has begun is outstanding')
    const { workerId, slot, nonce } = outstanding
    return { turn: { workerId, slot, nonce, claim }, answered, failed }
  }

  vitals(): Pick<WorkerHealth, 'lastTurnAt' | 'lagMs' | 'consecutiveErrors' | 'lastError'> {
    const since = this.#slots.flatMap(({ outstanding, isWaiting, since }) =>
      outstanding === null || isWaiting ? [] : [since],
    )
    const now = this.#settings.clock.now()
    const dueAt = Math.min(this.#failingSince ?? Infinity, this.#plan(now)?.at ?? Infinity, ...since)
    return {
      lastTurnAt: this.#lastTurnAt,
      lagMs: this.#isRunning ? Math.max(0, now - dueAt) : 0,
      consecutiveErrors: this.#errors,
      lastError: this.#lastError,
    }
  }

  #round(): void {
    if (this.#deadline.signal.aborted || this.#isQuiet()) {
      if (this.#turns === 0) this.#end()
      return
    }
    this.#isStirred = false
    const at = this.#send()
    // What this starts rings.
    this.#owner.onRound()
    this.#alarm.set(at)
    const isIdle = this.#turns === 0 && at > this.#settings.clock.now()
    if (isIdle && this.#phase === 'working' && this.#exchange.free > 0) this.#owner.onIdle()
  }

  /** All turns that are due, while there are slots to make them. The answer is when the next one will be. */
  #send(): number {
    const now = this.#settings.clock.now()
    for (const _ of this.#slots) {
      const plan = this.#plan(now)
      if (plan === null || plan.at > now) return plan?.at ?? Infinity
      if (this.#isWaiting) return this.#endWait()
      void this.#turn(plan.slot)
    }
    return Infinity
  }

  /** Which slot makes the next turn, and when; null if none can. After an error, one at a time until one is answered, whatever hangs. */
  #plan(now: number): { readonly slot: Slot; readonly at: number } | null {
    const isAlone = this.#errors > 0 || this.#lastTurnAt === null
    if (isAlone && this.#fresh > 0) return null
    let [repeating, fresh]: [Slot | null, Slot | null] = [null, null]
    for (const slot of this.#slots) {
      if (slot.isUncertain) repeating = repeating === null || slot.repeatAt < repeating.repeatAt ? slot : repeating
      else if (slot.outstanding === null) fresh = fresh === null || (slot.isInDoubt && !fresh.isInDoubt) ? slot : fresh
    }
    // Not before the pause after an error is over.
    const earliest = this.#retryAt > now ? this.#retryAt : -Infinity
    const repeatAt = repeating === null ? Infinity : Math.max(repeating.repeatAt, earliest)
    const freshAt = fresh === null ? Infinity : Math.max(this.#exchange.nextAt(this.#phase, now), earliest)
    // What may have happened comes before what is overdue anyway; but a call that always fails must not keep all others from being made.
    const isPatient = repeating !== null && repeating.failures < MOST_PREFERRED
    const repeats = isPatient ? repeatAt <= Math.max(freshAt, now) : Math.max(repeatAt, now) < freshAt
    const slot = repeats ? (repeating ?? fresh) : (fresh ?? repeating)
    return slot === null ? null : { slot, at: slot === repeating ? repeatAt : freshAt }
  }

  /** What is due comes first, though not before the end of the wait: its answer may be all that was due. */
  #endWait(): number {
    for (const slot of this.#slots) slot.endWait()
    this.#owner.onBusy()
    return Infinity
  }

  async #turn(slot: Slot, carried: Carried | null = null): Promise<void> {
    const troubles = this.#troubles
    this.#turns += 1
    this.#fresh += 1
    if (carried === null) this.#owner.onBusy()
    try {
      if (!this.#isOpen) await this.#open()
      await slot.call(
        (now) => (carried === null ? this.#exchange.compose(this.#phase, slot, now) : { claim: carried.claim }),
        (answered) => this.#applied(answered, slot),
        carried?.made,
      )
    } catch (error) {
      if (this.#phase !== 'working') this.#forget()
      this.#failed(error, troubles)
    }
    this.#turns -= 1
    if (carried !== null) this.#isWaiting = false
    if (troubles === this.#troubles) this.#fresh -= 1
    this.ring()
  }

  async #open(): Promise<void> {
    await within(this.#settings.backend.open(), { ...this.#deadline, what: 'opening the backend' })
    this.#isOpen = true
  }

  #applied(answered: Answered, slot: Slot): void {
    try {
      this.#exchange.apply(answered, this.#phase, slot)
    } catch (error) {
      this.#exchange.givenUp(answered.request)
      slot.doubt()
      throw error
    }
    this.#saidGoodbye ||= answered.request.presence === null
    this.#succeeded(answered.sentAt)
  }

  #succeeded(sentAt: number): void {
    const errors = this.#errors
    const isFirst = this.#lastTurnAt === null
    this.#backoff.reset()
    this.#errors = 0
    this.#retryAt = 0
    this.#failingSince = null
    this.#lastTurnAt = sentAt
    if (errors > 0) {
      const message = `the backend answers again, after ${errors} ${errors === 1 ? 'error' : 'errors'}`
      this.#settings.report({ level: 'warning', what: 'turn-works-again', message })
    }
    if (isFirst) this.#owner.onFirstTurn()
  }

  /** Never the end of a worker that runs. But a wrong password should be noticed at start, and a stop need not wait for a closed backend. */
  #failed(error: unknown, troubles: number): void {
    const { clock, report } = this.#settings
    this.#lastError = error
    this.#errors += 1
    this.#failingSince ??= clock.now()
    if (troubles === this.#troubles) {
      this.#troubles += 1
      this.#fresh = 0
      this.#retryAt = clock.now() + this.#backoff.next()
    }
    if (this.#deadline.signal.aborted) return
    const isEdge = this.#lastTurnAt === null || this.#phase === 'leaving'
    if (isEdge && !isPassing(error)) this.#owner.onHopeless(error)
    else report({ level: 'error', what: 'turn-failed', message: `the backend failed: ${textOf(error)}`, error })
  }

  #forget(): void {
    for (const slot of this.#slots) slot.forget()
  }

  #isQuiet(): boolean {
    if (this.#phase !== 'leaving' || this.#turns > 0 || this.#exchange.unsettled > 0) return false
    const wasHere = this.#lastTurnAt !== null || this.#slots.some(({ isInDoubt }) => isInDoubt)
    return this.#saidGoodbye || !wasHere
  }

  #end(): void {
    this.#isRunning = false
    this.#alarm.off()
    this.#ended.resolve()
  }
}
