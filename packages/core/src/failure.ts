import { isObject } from './body.ts'
import { cut, fit } from './cut.ts'
import { QueueError } from './errors.ts'
import { utf8Length, type Json } from './json.ts'
import type { Limits } from './limits.ts'
import type { TaskError } from './record.ts'

/** Nested causes that are kept. */
const DEEPEST_CAUSE = 5

const UNSHOWABLE = 'a thrown value that cannot be shown'

/**
 * JSON text of whatever was thrown: an Error with name, message, stack, code and cause; anything else as its text. Never throws.
 * Cut on a code point to `limits.errorBytes`: first the causes go, then the stack is cut, then the message.
 */
export function encodeError(thrown: unknown, limits: Pick<Limits, 'errorBytes'>): string {
  const { cause, ...error } = describe(thrown, limits.errorBytes, DEEPEST_CAUSE)
  const whole = JSON.stringify(cause === undefined ? error : { ...error, cause })
  if (utf8Length(whole) <= limits.errorBytes) return whole
  const { stack = '', ...rest } = {
    ...error,
    name: cut(error.name, 200),
    ...(error.code === undefined ? {} : { code: cut(error.code, 200) }),
  }
  return (
    fit(stack, limits.errorBytes, (part) => ({ ...rest, stack: part })) ??
    fit(rest.message, limits.errorBytes, (part) => ({ ...rest, message: part })) ??
    '{}'
  )
}

/** @throws QueueError `corrupt_record` for anything that `encodeError` did not write. */
export function decodeError(value: Json): TaskError | null {
  if (value === null) return null
  if (!isObject(value)) throw new QueueError('corrupt_record', 'a stored error is not an object')
  const { name = 'Error', message = '', stack, code, cause } = value
  if (typeof name !== 'string' || typeof message !== 'string') {
    throw new QueueError('corrupt_record', 'a stored error has no readable name or message')
  }
  return {
    name,
    message,
    ...(typeof stack === 'string' ? { stack } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(isObject(cause) ? { cause: decodeError(cause) ?? { name: 'Error', message: '' } } : {}),
  }
}

/** Each text is cut to `most` units at once: none longer fits, and writing out 100 MB again and again would hold everything up. */
function describe(thrown: unknown, most: number, depth: number): TaskError {
  if (!isError(thrown)) return { name: 'Error', message: cut(textOf(thrown), most) }
  const stack = read(thrown, 'stack')
  const code = read(thrown, 'code')
  const cause = read(thrown, 'cause')
  return {
    name: cut(textOf(read(thrown, 'name') ?? 'Error'), most),
    message: cut(textOf(read(thrown, 'message') ?? UNSHOWABLE), most),
    ...(typeof stack === 'string' ? { stack: cut(stack, most) } : {}),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: cut(String(code), most) } : {}),
    ...(cause !== undefined && depth > 0 ? { cause: describe(cause, most, depth - 1) } : {}),
  }
}

/** Made by any realm: a test runner or a sandbox has an `Error` of its own. */
function isError(thrown: unknown): thrown is object {
  try {
    return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]'
  } catch {
    return false
  }
}

/** A property of what was thrown; undefined if its getter throws. */
function read(thrown: object, name: string): unknown {
  try {
    return Reflect.get(thrown, name)
  } catch {
    return undefined
  }
}

/** A thrown value may have a hostile `toString`, or none. */
function textOf(value: unknown): string {
  try {
    return typeof value === 'object' && value !== null ? (JSON.stringify(value) ?? String(value)) : String(value)
  } catch {
    return UNSHOWABLE
  }
}
