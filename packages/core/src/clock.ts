/** The one source of time and of timers. Injected everywhere, so that tests drive time instead of waiting for it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Calls back once, `ms` from now; the answer takes it back. A timer alone never keeps a process alive longer than its owner. */
  after(ms: number, callback: () => void): () => void
}

/** `setTimeout` fires at once beyond this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    let left = Math.max(0, ms)
    let timer = arm()
    function arm(): ReturnType<typeof setTimeout> {
      const step = Math.min(left, LONGEST_TIMER_MS)
      left -= step
      return setTimeout(() => (left > 0 ? (timer = arm()) : callback()), step)
    }
    return () => clearTimeout(timer)
  },
}

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves time forward and calls back what falls due on the way, in order, each at its own instant. */
  advance(ms: number): void
  /** Timers that wait. */
  readonly pending: number
}

interface Timer {
  readonly at: number
  readonly callback: () => void
}

export function manualClock(start = 1_800_000_000_000): ManualClock {
  let now = start
  const timers = new Set<Timer>()

  function earliest(until: number): Timer | null {
    let first: Timer | null = null
    for (const timer of timers) {
      if (timer.at <= until && (first === null || timer.at < first.at)) first = timer
    }
    return first
  }

  return {
    now: () => now,
    after(ms, callback) {
      const timer: Timer = { at: now + Math.max(0, ms), callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(ms) {
      const until = now + ms
      for (let timer = earliest(until); timer !== null; timer = earliest(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.callback()
      }
      now = until
    },
    get pending() {
      return timers.size
    },
  }
}
