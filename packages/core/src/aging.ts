import { checkDuration } from './check.ts'
import { invalidArgument, QueueError } from './errors.ts'
import type { Duration } from './duration.ts'

/**
 * How many ms of waiting one priority outweighs where nothing ages: more than there is between any two times. The order of execution is that of
 * `queuedAt - priority * step`, then of ids, which is exact as a double for every priority, time and step that the contract allows.
 */
export const STRICT_STEP = 1_000_000_000_000

/** So many records at the front of each index are asked for their age where priorities age. */
export const MAX_AGED = 50

/** How much waiting outweighs one priority in a namespace, in ms; null where nothing was said. */
export function checkAging(parameter: string, aging: Duration | undefined): number | null {
  if (aging === undefined) return null
  const ms = checkDuration(parameter, aging, 1)
  if (ms > STRICT_STEP) throw invalidArgument(parameter, `must be at most ${STRICT_STEP} ms, which is as good as none`)
  return ms
}

/** Who was told of one aging has met a namespace that has another one, or none. */
export function otherAging(known: number | null, told: number): QueueError {
  const has = known === null ? 'no aging' : `an aging of ${known} ms`
  return new QueueError('version_mismatch', `the namespace has ${has} for its life, not one of ${told} ms`, {
    parameter: 'aging',
  })
}
