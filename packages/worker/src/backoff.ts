/** How long to wait after an error: 0 to 100 ms, then to twice as much, up to `maxMs` (full jitter). */
export interface Backoff {
  /** Failures in a row. */
  readonly failures: number
  /** One more failure: ms until the next try. */
  next(): number
  reset(): void
}

const FIRST_MS = 100
/** Full jitter goes down to nothing; that would be a hot loop. */
const SHORTEST_MS = 10

export function createBackoff(maxMs: number, random: () => number): Backoff {
  let failures = 0
  return {
    get failures() {
      return failures
    },
    next() {
      const ceiling = Math.min(maxMs, FIRST_MS * 2 ** failures)
      failures += 1
      return Math.max(SHORTEST_MS, Math.round(random() * ceiling))
    },
    reset() {
      failures = 0
    },
  }
}
