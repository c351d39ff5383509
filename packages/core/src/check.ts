import { durationMs, type Duration } from './duration.ts'
import { invalidArgument, QueueError } from './errors.ts'
import { isId } from './ids.ts'
import { utf8Length } from './json.ts'
import { DEFAULT_LIMITS, MAX_NAME_LENGTH, MAX_TIME, type Limits } from './limits.ts'

/*
 * The checks of every edge. Each takes the parameter's name and an unproven value and answers with the proven one, or throws
 * a QueueError that names the parameter and what is allowed. None of them calls into the value or does any I/O.
 */

const NAME = /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/

/** A name of a task, queue, execution backend, worker or lease. */
export function checkName(parameter: string, value: unknown): string {
  if (typeof value !== 'string' || value.length > MAX_NAME_LENGTH || !NAME.test(value)) {
    throw invalidArgument(
      parameter,
      `must be 1 to ${MAX_NAME_LENGTH} of A-Z a-z 0-9 . _ : / @ - and begin with a letter or digit`,
    )
  }
  return value
}

/** Any well-formed text of 1 to `maxBytes` UTF-8 bytes. A lone surrogate is refused: two of them would become the same bytes. */
export function checkText(parameter: string, value: unknown, maxBytes: number): string {
  if (typeof value !== 'string' || value === '' || !value.isWellFormed()) {
    throw invalidArgument(parameter, `must be a well-formed text of 1 to ${maxBytes} bytes`)
  }
  if (utf8Length(value) > maxBytes)
    throw new QueueError('too_large', `${parameter} is longer than ${maxBytes} bytes`, { parameter })
  return value
}

export function checkId(parameter: string, value: unknown): string {
  if (!isId(value)) throw invalidArgument(parameter, 'must be the id of a record: a lower-case UUID of version 7')
  return value
}

export function checkInteger(parameter: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalidArgument(parameter, `must be a whole number from ${min} to ${max}`)
  }
  return value
}

export function checkBoolean(parameter: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalidArgument(parameter, 'must be true or false')
  return value
}

/** An instant in epoch milliseconds, or a valid Date (also of another realm). */
export function checkTime(parameter: string, value: unknown): number {
  const at = typeof value === 'number' ? value : dateTime(value)
  if (!Number.isInteger(at) || at < 0 || at > MAX_TIME) {
    throw invalidArgument(parameter, `must be a Date or whole epoch milliseconds from 0 to ${MAX_TIME}`)
  }
  return at
}

/** Asks what it is, not what it calls itself; NaN for anything but a Date. */
function dateTime(value: unknown): number {
  try {
    return Date.prototype.getTime.call(value)
  } catch {
    return Number.NaN
  }
}

/** At least `min` milliseconds. */
export function checkDuration(parameter: string, value: Duration, min = 0): number {
  const ms = durationMs(parameter, value)
  if (ms < min) throw invalidArgument(parameter, `must be at least ${min} ms`)
  return ms
}

/** An AbortSignal, also one of another realm; undefined where none is given. */
export function checkSignal(parameter: string, value: AbortSignal | undefined): AbortSignal | undefined {
  if (value === undefined) return undefined
  if (typeof value?.aborted !== 'boolean' || typeof value.addEventListener !== 'function') {
    throw invalidArgument(parameter, 'must be an AbortSignal')
  }
  return value
}

export function checkArray<T>(parameter: string, value: readonly T[], max: number): readonly T[] {
  if (!Array.isArray(value)) throw invalidArgument(parameter, 'must be an array')
  // `forEach` passes over holes, and so would every check of the items.
  const items: readonly unknown[] = value
  if (items.includes(undefined)) throw invalidArgument(parameter, 'must be an array without holes')
  if (value.length > max)
    throw new QueueError('too_large', `${parameter} has ${value.length} items, more than the limit of ${max}`, {
      parameter,
    })
  return value
}

export function checkOneOf<T extends string>(parameter: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value)
  if (found === undefined) throw invalidArgument(parameter, `must be one of ${allowed.join(', ')}`)
  return found
}

export function checkObject<T>(parameter: string, value: T): T & object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidArgument(parameter, 'must be an object')
  }
  return value
}

/** An object whose every name is known: a misspelt option is an error that says what was meant, never silently ignored. */
export function checkOptions(parameter: string, value: unknown, known: readonly string[]): void {
  for (const name of Object.keys(checkObject(parameter, value))) {
    if (!known.includes(name)) throw invalidArgument(`${parameter}.${name}`, `is not known; ${suggestion(name, known)}`)
  }
}

/** For options that have a default: null is not "by default", and taken for it, it would hide a value that got lost. */
export function checkNoNull(parameter: string, options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === null) throw invalidArgument(`${parameter}.${name}`, 'must not be null; leave it out for the default')
  }
}

function suggestion(name: string, known: readonly string[]): string {
  const near = known
    .map((one) => ({ one, edits: distance(name.toLowerCase(), one.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits)[0]
  return near !== undefined && near.edits <= Math.max(2, Math.floor(name.length / 2))
    ? `did you mean ${near.one}?`
    : `known are ${known.join(', ')}`
}

/** Edits (insert, delete, replace) between two short names: Levenshtein's distance, one row at a time. */
function distance(a: string, b: string): number {
  if (a.length > 64) return a.length
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The limits of a backend, complete: each that is not given is the default one. @throws QueueError `invalid_argument` */
export function checkLimits(parameter: string, given: Partial<Limits>): Limits {
  checkOptions(parameter, given, Object.keys(DEFAULT_LIMITS))
  const limit = (name: keyof Limits): number =>
    checkInteger(`${parameter}.${name}`, given[name] ?? DEFAULT_LIMITS[name], 1, Number.MAX_SAFE_INTEGER)
  return Object.freeze({
    payloadBytes: limit('payloadBytes'),
    resultBytes: limit('resultBytes'),
    errorBytes: limit('errorBytes'),
    depth: limit('depth'),
    keyBytes: limit('keyBytes'),
    batch: limit('batch'),
  })
}
