import { invalidArgument } from './errors.ts'
import { MAX_DURATION_MS } from './limits.ts'

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
type Unit = keyof typeof UNITS

/** A length of time: milliseconds, or a number with its unit: `"250ms"`, `"30s"`, `"5m"`, `"2h"`, `"14d"`. */
export type Duration = number | `${number}${Unit}`

const WRITTEN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/** Whole milliseconds. @throws QueueError `invalid_argument` unless it is a duration of 0 ms to 100 years. */
export function durationMs(parameter: string, duration: Duration): number {
  const ms = typeof duration === 'number' ? duration : written(duration)
  if (!Number.isFinite(ms) || ms < 0 || ms > MAX_DURATION_MS) {
    throw invalidArgument(
      parameter,
      'must be milliseconds from 0 to 100 years, or a number with a unit: "250ms", "30s", "5m", "2h", "14d"',
    )
  }
  return Math.round(ms)
}

function written(duration: unknown): number {
  const match = typeof duration === 'string' ? WRITTEN.exec(duration) : null
  const [, amount, unit] = match ?? []
  return isUnit(unit) ? Number(amount) * UNITS[unit] : Number.NaN
}

function isUnit(unit: string | undefined): unit is Unit {
  return unit !== undefined && Object.hasOwn(UNITS, unit)
}
