import type { Clock } from '@millrace/core'

/** A server that owes an answer and is silent for so long is given up. Nothing here asks a server to wait as long. */
export const SILENCE_MS = 10_000
/** So often it is looked at meanwhile. */
const LOOK_MS = 2_500

/** A connection to a server, or what becomes of it when it is lost. */
export interface Watched {
  /** What has arrived so far, by which connection: when neither changes, the server says nothing. */
  readonly connection: object | undefined
  readonly bytes: number
  /** It is being connected, which the server has to answer as well. */
  readonly isConnecting: boolean
  /** Drops the connection at once. */
  hangUp(): void
}

/**
 * Hangs up on a server that owes answers, or does not let itself be connected to, and has been silent for too long: for ten seconds, and at most
 * two and a half more. The libraries can do that, too, but take a timer and a listener for each call that finds none under way, which is each call
 * of a program that awaits them.
 */
export class Silence {
  readonly #clock: Clock
  readonly #watched: Watched
  #owed = 0
  /** It has said nothing since then, as far as was looked. */
  #since = 0
  #connection: object | undefined = undefined
  #bytes = 0
  /** It is about to be given up, unless what has arrived is only waiting to be read, because the event loop was busy. */
  #isLastLook = false
  #disarm: (() => void) | null = null

  constructor(clock: Clock, watched: Watched) {
    this.#clock = clock
    this.#watched = watched
  }

  /** A call was made. */
  owes(): void {
    if (this.#owed === 0) this.#since = this.#clock.now()
    this.#owed += 1
    this.watch()
  }

  /** A call was answered, or refused. */
  answers(): void {
    this.#owed -= 1
  }

  /** Looks, now and then, for as long as a call is owed its answer, or the connection is being made. */
  watch(): void {
    if (this.#disarm === null) this.#arm(LOOK_MS)
  }

  end(): void {
    this.#disarm?.()
    this.#disarm = null
  }

  #arm(ms: number): void {
    this.#disarm = this.#clock.after(ms, () => this.#look())
  }

  /** It runs on for a moment when nothing is owed any more: the next call finds it. */
  #look(): void {
    this.#disarm = null
    const { connection, bytes, isConnecting } = this.#watched
    if (this.#owed === 0 && !isConnecting) return
    const now = this.#clock.now()
    const hasMoved = connection !== this.#connection || bytes !== this.#bytes
    const isOver = !hasMoved && now - this.#since >= SILENCE_MS
    if (hasMoved) {
      this.#connection = connection
      this.#bytes = bytes
      this.#since = now
    }
    if (isOver && this.#isLastLook) {
      // Another connection has as long.
      this.#since = now
      this.#watched.hangUp()
    }
    this.#isLastLook = isOver && !this.#isLastLook
    this.#arm(this.#isLastLook ? 0 : LOOK_MS)
  }
}

/** Monotonic, so that a machine whose time is set hangs up on nobody; and no timer keeps a process alive. */
export const monotonicClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
