import { createBackoff, type Backoff } from './backoff.ts'
import { createBell, type Bell } from './bell.ts'
import { within, type Deadline } from './deadline.ts'
import type { Exchange, Phase } from './exchange.ts'
import type { WorkerHealth } from './health.ts'
import type { WorkerSettings } from './options.ts'
import { textOf } from './report.ts'
import { createSlot, isPassing, type Slot } from './slot.ts'

export interface PumpOwner {
  /** The first turn was answered. */
  onFirstTurn(): void
  /** The first turn, or one of the last, failed, and no repetition can mend it. */
  onHopeless(error: unknown): void
  /** Nothing is to be done for a while, and there is a slot for whatever comes. */
  onIdle(): void
  onBusy(): void
}

const LONGEST_BACKOFF_MS = 5_000

/** Makes the worker's turns: one at a time, each when there is something to say, after an error again until it is answered. */
export class Pump {
  readonly #settings: WorkerSettings
  readonly #exchange: Exchange
  readonly #owner: PumpOwner
  readonly #deadline: Omit<Deadline, 'what'>
  readonly #slot: Slot
  readonly #bell: Bell
  readonly #backoff: Backoff
  #phase: Phase = 'working'
  #isRunning = false
  #isOpen = false
  #saidGoodbye = false
  #retryAt = 0
  /** Since when a turn has been due that is not answered yet. */
  #dueSince: number | null = null
  #lastTurnAt: number | null = null
  #lastError: unknown = null

  constructor(settings: WorkerSettings, exchange: Exchange, deadline: Omit<Deadline, 'what'>, owner: PumpOwner) {
    const { backend, clock, workerId, heartbeatMs, random } = settings
    this.#settings = settings
    this.#exchange = exchange
    this.#owner = owner
    this.#deadline = deadline
    this.#slot = createSlot({ ...deadline, backend, workerId, slot: 0 })
    this.#bell = createBell(clock)
    this.#backoff = createBackoff(Math.min(LONGEST_BACKOFF_MS, heartbeatMs), random)
  }

  /** Something has changed that may make a turn due. */
  ring(): void {
    this.#bell.ring()
  }

  enter(phase: Phase): void {
    this.#phase = phase
    // The last words do not wait for the end of a long backoff.
    if (phase === 'leaving') this.#retryAt = 0
    this.#bell.ring()
  }

  /** Until there is nothing left to say, or nobody to say it to. Never rejects. */
  async run(): Promise<void> {
    this.#isRunning = true
    while (!this.#isQuiet()) {
      const waitMs = this.#nextAt() - this.#settings.clock.now()
      if (waitMs > 0) {
        if (this.#phase === 'working' && this.#exchange.free > 0) this.#owner.onIdle()
        await this.#bell.wait(waitMs)
        this.#owner.onBusy()
      } else {
        // What finishes in the same moment goes in one turn; and a backend that answers at once must not starve the event loop.
        await nextRound()
        if (!this.#isQuiet()) await this.#turn()
      }
    }
    this.#isRunning = false
  }

  vitals(): Pick<WorkerHealth, 'lastTurnAt' | 'lagMs' | 'consecutiveErrors' | 'lastError'> {
    const dueAt = this.#dueSince ?? this.#nextAt()
    return {
      lastTurnAt: this.#lastTurnAt,
      lagMs: this.#isRunning ? Math.max(0, this.#settings.clock.now() - dueAt) : 0,
      consecutiveErrors: this.#backoff.failures,
      lastError: this.#lastError,
    }
  }

  async #turn(): Promise<void> {
    const { backend } = this.#settings
    this.#dueSince ??= this.#nextAt()
    let mayHaveClaimed = this.#slot.isUncertain
    try {
      if (!this.#isOpen) await within(backend.open(), { ...this.#deadline, what: 'opening the backend' })
      this.#isOpen = true
      // A worker that stops must not repeat a claim.
      if (this.#phase !== 'working') this.#slot.forget()
      if (mayHaveClaimed && !this.#slot.isUncertain) this.#exchange.doubt()
      const answered = await this.#slot.call(() => this.#exchange.compose(this.#phase))
      mayHaveClaimed = true
      this.#exchange.apply(answered, this.#phase)
      this.#succeeded(answered.sentAt)
      this.#saidGoodbye ||= answered.request.presence === null
    } catch (error) {
      if (mayHaveClaimed && !this.#slot.isUncertain) this.#exchange.doubt()
      this.#failed(error)
    }
  }

  #succeeded(sentAt: number): void {
    const { failures } = this.#backoff
    const isFirst = this.#lastTurnAt === null
    this.#backoff.reset()
    this.#retryAt = 0
    this.#dueSince = null
    this.#lastTurnAt = sentAt
    if (failures > 0) {
      const message = `the backend answers again, after ${failures} ${failures === 1 ? 'error' : 'errors'}`
      this.#settings.report({ level: 'warning', what: 'turn-works-again', message })
    }
    if (isFirst) this.#owner.onFirstTurn()
  }

  /** Never the end of a worker that runs. But a wrong password should be noticed at start, and a stop need not wait for a closed backend. */
  #failed(error: unknown): void {
    const { clock, report } = this.#settings
    this.#lastError = error
    this.#retryAt = clock.now() + this.#backoff.next()
    if (this.#deadline.signal.aborted) return
    const isEdge = this.#lastTurnAt === null || this.#phase === 'leaving'
    if (isEdge && !isPassing(error)) this.#owner.onHopeless(error)
    else report({ level: 'error', what: 'turn-failed', message: `the backend failed: ${textOf(error)}`, error })
  }

  #isQuiet(): boolean {
    if (this.#deadline.signal.aborted) return true
    if (this.#phase !== 'leaving' || this.#exchange.unsettled > 0) return false
    const wasHere = this.#lastTurnAt !== null || this.#slot.isUncertain
    return this.#saidGoodbye || !wasHere
  }

  #nextAt(): number {
    const now = this.#settings.clock.now()
    if (this.#retryAt > now) return this.#retryAt
    return this.#slot.isUncertain ? now : this.#exchange.nextAt(this.#phase)
  }
}

/** The event loop goes round once, so that everything that is ready runs. */
function nextRound(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
