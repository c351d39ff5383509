import { QueueError } from './errors.ts'
import { pathText } from './path.ts'

/** What can be stored: strict JSON. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

export interface JsonBounds {
  /** Names the value in errors; the offender's path starts with it. */
  readonly parameter: string
  readonly maxBytes: number
  readonly maxDepth: number
}

/**
 * JSON text of a value, exactly as given: a snapshot, read once. What JSON would silently change or drop is refused with
 * `not_serializable` and the path of the offender: bigint, NaN, Infinity, functions, symbols, Date, Map, class instances, cycles, sparse arrays,
 * `undefined` in an array. A property whose value is `undefined` is absent, as in JSON; -0 becomes 0. Larger or deeper: `too_large`.
 */
export function encodeJson(value: unknown, bounds: JsonBounds): string {
  const encoder = idle ?? new Encoder()
  // A getter of the value may encode another one meanwhile, and after a refusal this one stands in the middle.
  idle = null
  const text = encoder.whole(value, bounds)
  idle = encoder
  checkBytes(bounds.parameter, text, bounds.maxBytes)
  return text
}

/** @throws QueueError `too_large`. Counts bytes only where the length leaves it open. */
export function checkBytes(parameter: string, text: string, maxBytes: number): void {
  if (text.length * 3 > maxBytes && utf8Length(text) > maxBytes) throw tooManyBytes(parameter, maxBytes)
}

/** UTF-8 bytes of a text; a lone surrogate counts as the three bytes of its replacement. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : 2
    // A pair makes four bytes: two for its units, two more here.
    if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(i + 1))) i++
  }
  return bytes
}

/** No escape needed: printable ASCII without quote and backslash. */
const PLAIN = /^[ !#-[\]-~]*$/

const NO_BOUNDS: JsonBounds = { parameter: 'value', maxBytes: 0, maxDepth: 0 }

/** One that is at work nowhere: its lists, made anew for each value, were an eighth of what a producer left behind. */
let idle: Encoder | null = null

class Encoder {
  #bounds: JsonBounds = NO_BOUNDS
  /** The way to the value at hand: names of objects, indexes of arrays. */
  readonly #path: (string | number)[] = []
  readonly #ancestors: object[] = []
  #size = 0

  /** What a getter or a proxy throws is refused at the place where it was met. */
  whole(value: unknown, bounds: JsonBounds): string {
    this.#bounds = bounds
    this.#size = 0
    try {
      return this.encode(value)
    } catch (cause) {
      throw cause instanceof QueueError ? cause : this.#refuse('could not be read', cause)
    }
  }

  encode(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return this.#text(value)
      case 'number':
        if (!Number.isFinite(value)) throw this.#refuse(`${value} is not a JSON number`)
        return `${value === 0 ? 0 : value}`
      case 'boolean':
        return value ? 'true' : 'false'
      case 'object':
        if (value === null) return 'null'
        return this.#nested(value)
      case 'bigint':
        throw this.#refuse('a bigint cannot be stored; convert it to a string or a number')
      case 'undefined':
        throw this.#refuse('undefined cannot be stored; use null')
      default:
        throw this.#refuse(`a ${typeof value} cannot be stored`)
    }
  }

  /** Grows with the text, so that a value far above the limit is given up early and never built whole. */
  #text(value: string): string {
    this.#size += value.length
    if (this.#size > this.#bounds.maxBytes) throw tooManyBytes(this.#bounds.parameter, this.#bounds.maxBytes)
    return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value)
  }

  #nested(value: object): string {
    // Asked at each level: a cycle that is followed down to the depth limit is refused for its size, or with a path of 100 steps.
    if (this.#ancestors.includes(value)) throw this.#refuse('it contains itself')
    if (this.#ancestors.length >= this.#bounds.maxDepth) {
      throw new QueueError('too_large', `${this.#where()}: nested deeper than ${this.#bounds.maxDepth} levels`, {
        parameter: this.#bounds.parameter,
      })
    }
    this.#ancestors.push(value)
    const text = Array.isArray(value) ? this.#array(value) : this.#object(value)
    this.#ancestors.pop()
    return text
  }

  #array(value: readonly unknown[]): string {
    // The prototype of arrays, in this realm or another one, is an array itself; that of a class of arrays is not.
    if (!Array.isArray(Object.getPrototypeOf(value)))
      throw this.#refuse(`${nameOf(value)} cannot be stored; use an array`)
    // Counts own names: fewer than the length is a sparse array, more are properties that JSON would drop.
    if (Object.keys(value).length !== value.length || Object.getOwnPropertySymbols(value).length > 0) {
      throw this.#refuse('an array must not have holes or properties of its own')
    }
    this.#count(value.length)
    let text = ''
    for (let i = 0; i < value.length; i++) {
      this.#path.push(i)
      text += i === 0 ? this.encode(value[i]) : `,${this.encode(value[i])}`
      this.#path.pop()
    }
    return `[${text}]`
  }

  #object(value: object): string {
    if (!isPlain(value)) throw this.#refuse(`${nameOf(value)} cannot be stored${hintFor(value)}`)
    if (Object.getOwnPropertySymbols(value).length > 0)
      throw this.#refuse('a property named by a symbol cannot be stored')
    let text = ''
    for (const name of Object.keys(value)) {
      this.#path.push(name)
      const member: unknown = Reflect.get(value, name)
      if (member !== undefined) {
        this.#count(1)
        text +=
          text === '' ? `${this.#text(name)}:${this.encode(member)}` : `,${this.#text(name)}:${this.encode(member)}`
      }
      this.#path.pop()
    }
    return `{${text}}`
  }

  #count(items: number): void {
    this.#size += items
    if (this.#size > this.#bounds.maxBytes) throw tooManyBytes(this.#bounds.parameter, this.#bounds.maxBytes)
  }

  #where(): string {
    return pathText(this.#bounds.parameter, this.#path)
  }

  #refuse(reason: string, cause?: unknown): QueueError {
    const where = this.#where()
    return new QueueError('not_serializable', `${where}: ${reason}`, { parameter: where, cause })
  }
}

/** Made by a literal, `JSON.parse` or `Object.create(null)`, in this realm or another one. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    prototype === null ||
    prototype === Object.prototype ||
    (typeof prototype === 'object' &&
      Object.getPrototypeOf(prototype) === null &&
      Object.hasOwn(prototype, 'isPrototypeOf'))
  )
}

function nameOf(value: object): string {
  const { constructor } = value
  return typeof constructor === 'function' && constructor.name !== ''
    ? `an instance of ${constructor.name}`
    : 'this object'
}

function hintFor(value: object): string {
  if (value instanceof Date) return '; use toISOString() or getTime()'
  if (value instanceof Map || value instanceof Set) return '; use an object or an array'
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '; use a base64 string'
  return '; use a plain object'
}

function tooManyBytes(parameter: string, maxBytes: number): QueueError {
  return new QueueError('too_large', `${parameter} is larger than ${maxBytes} bytes of JSON`, { parameter })
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
