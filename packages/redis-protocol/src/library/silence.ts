import type { Clock } from '@millrace/core'

/** A server that owes an answer and is silent for so long is given up. Nothing here asks a server to wait as long. */
export const SILENCE_MS = 10_000

/**
 * Hangs up on a server that owes answers and has been silent for too long. The libraries can do that, too, but take a timer and a listener for each
 * call that finds none under way, which is each call of a program that awaits them.
 */
export class Silence {
  readonly #clock: Clock
  readonly #hangUp: () => void
  #owed = 0
  /** The last answer, or the first call that has none. */
  #since = 0
  #isArmed = false

  constructor(clock: Clock, hangUp: () => void) {
    this.#clock = clock
    this.#hangUp = hangUp
  }

  /** A call was made. */
  owes(): void {
    if (this.#owed === 0) this.#since = this.#clock.now()
    this.#owed += 1
    if (!this.#isArmed) this.#arm(SILENCE_MS)
  }

  /** A call was answered, or refused. */
  answers(): void {
    this.#owed -= 1
    this.#since = this.#clock.now()
  }

  /** It runs on when nothing is owed any more: the next call finds it. */
  #arm(ms: number): void {
    this.#isArmed = true
    this.#clock.after(ms, () => this.#look())
  }

  #look(): void {
    this.#isArmed = false
    if (this.#owed === 0) return
    const left = this.#since + SILENCE_MS - this.#clock.now()
    if (left > 0) return this.#arm(left)
    // Another connection has as long.
    this.#since = this.#clock.now()
    this.#arm(SILENCE_MS)
    this.#hangUp()
  }
}

/** Monotonic, so that a machine whose time is set hangs up on nobody; and no timer keeps a process alive. */
export const monotonicClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.ceil(ms))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
