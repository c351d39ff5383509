const FIRST_MS = 100
const LONGEST_MS = 1_000

/** How long to wait before the `tries`th try to connect; about a quarter at random, so that clients do not come back all at once. */
export function backoffMs(tries: number): number {
  return Math.min(FIRST_MS * 2 ** (tries - 1), LONGEST_MS) * (0.875 + Math.random() / 4)
}
