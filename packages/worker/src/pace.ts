import type { Clock } from '@millrace/core'

/** Measures how fast records end here and how long a turn takes, and says how many more than can run are worth holding. */
export interface Pace {
  /**
   * About two round trips' worth of records; 0 until handlers are seen to be short, and after records have waited in vain.
   * More would be taken from workers that are free.
   */
  readonly ahead: number
  /** A handler has returned after so many ms. */
  returned(ms: number): void
  /** A turn was answered after so many ms. */
  answered(ms: number): void
  /** What was held waited too long: handlers are not as short as they seemed. */
  mistaken(): void
}

export interface PaceSettings {
  /** Handlers at the same time. */
  readonly concurrency: number
  /** Never more than this. */
  readonly most: number
}

/** What happens within so short a time is taken together: a clock of milliseconds cannot tell it apart, but its average can. */
const WINDOW_MS = 10
/** Of what is longer ago than this nothing is left. */
const LONG_AGO_MS = 100
/** Never more work than handlers do in this time, however long a round trip takes. */
const MOST_WORK_MS = 20
/** After a mistake nothing is held for so long, else a long handler would have records claimed and released for as long as it runs. */
const REST_MS = 10_000

export function createPace({ concurrency, most }: PaceSettings, clock: Clock): Pace {
  let windowAt = clock.now()
  let restsUntil = 0
  const returns = createAverage()
  const trips = createAverage()
  /** Records per ms; ms. */
  let [rate, handlerMs, tripMs] = [0, Infinity, 0]

  /** What is faster than before counts at once, what is slower by halves. */
  function look(now: number): void {
    const elapsed = now - windowAt
    if (elapsed < WINDOW_MS) return
    const current = returns.count / elapsed
    rate = current > rate || elapsed > LONG_AGO_MS ? current : (rate + current) / 2
    handlerMs = halfway(handlerMs, returns.mean())
    tripMs = halfway(tripMs, trips.mean())
    windowAt = now
    returns.clear()
    trips.clear()
  }

  return {
    get ahead() {
      if (most === 0) return 0
      const now = clock.now()
      look(now)
      if (now < restsUntil) return 0
      // What is not asked for cannot be seen to be done, so that the first one grows from turn to turn; the second one bounds it, also
      // where a burst of long handlers returned.
      const twoTrips = rate * 2 * tripMs
      const work = (concurrency / handlerMs) * MOST_WORK_MS
      return Math.min(most, Math.floor(Math.min(twoTrips, work)))
    },
    returned: (ms) => returns.add(ms),
    answered: (ms) => trips.add(ms),
    mistaken() {
      restsUntil = clock.now() + REST_MS
    },
  }
}

interface Average {
  readonly count: number
  add(value: number): void
  /** null: nothing was added. */
  mean(): number | null
  clear(): void
}

function createAverage(): Average {
  let [count, sum] = [0, 0]
  return {
    get count() {
      return count
    },
    add(value) {
      count += 1
      sum += value
    },
    mean: () => (count === 0 ? null : sum / count),
    clear() {
      count = 0
      sum = 0
    },
  }
}

function halfway(before: number, now: number | null): number {
  if (now === null) return before
  return before === Infinity ? now : (before + now) / 2
}
