import { runInNewContext } from 'node:vm'
import { decodeError, DEFAULT_LIMITS, encodeError, type Json, type TaskError } from '@millrace/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refusal } from './refusal.ts'

const encode = (thrown: unknown, errorBytes: number = DEFAULT_LIMITS.errorBytes): string =>
  encodeError(thrown, { errorBytes })

function stored(thrown: unknown, errorBytes?: number): TaskError {
  const error = decodeError(JSON.parse(encode(thrown, errorBytes)))
  if (error === null) throw new Error('nothing was stored')
  return error
}

/** How many errors hang on each other, this one counted. */
function chainLength(error: TaskError): number {
  return error.cause === undefined ? 1 : 1 + chainLength(error.cause)
}

const hostile = (): never => {
  throw new Error('hostile')
}
class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError'
  readonly code: string | number | symbol
  constructor(message: string, code: string | number | symbol) {
    super(message)
    this.code = code
  }
}

describe('an Error is stored', () => {
  it('with its name, message and stack', () => {
    const error = new TypeError('no such user')
    expect(stored(error)).toEqual({ name: 'TypeError', message: 'no such user', stack: error.stack })
  })

  it('with its own code, if that is a text or a number', () => {
    expect(stored(new DatabaseError('gone', 'ECONNRESET'))).toMatchObject({ name: 'DatabaseError', code: 'ECONNRESET' })
    expect(stored(new DatabaseError('gone', 1205)).code).toBe('1205')
    expect(stored(new DatabaseError('gone', Symbol('code')))).not.toHaveProperty('code')
  })

  it('with its causes, of any kind', () => {
    const error = new Error('outer', { cause: new RangeError('inner', { cause: 'a text' }) })
    expect(stored(error)).toMatchObject({
      message: 'outer',
      cause: { name: 'RangeError', message: 'inner', cause: { name: 'Error', message: 'a text' } },
    })
  })

  it('with five causes at most', () => {
    let error = new Error('root')
    for (let i = 0; i < 20; i++) error = new Error(`level ${i}`, { cause: error })
    expect(chainLength(stored(error))).toBe(6)
  })

  it('although it is its own cause', () => {
    const error = new Error('again')
    error.cause = error
    expect(chainLength(stored(error))).toBe(6)
  })

  it('also of another realm', () => {
    const error: unknown = runInNewContext('Object.assign(new SyntaxError("far away"), { code: 7 })')
    expect(stored(error)).toMatchObject({ name: 'SyntaxError', message: 'far away', code: '7' })
  })

  it('without a stack, if it has none', () => {
    const error = new Error('bare')
    Reflect.deleteProperty(error, 'stack')
    expect(stored(error)).toEqual({ name: 'Error', message: 'bare' })
  })

  it('as far as it can be read', () => {
    const error = new Error('hidden')
    for (const name of ['name', 'message', 'stack', 'code', 'cause']) {
      Object.defineProperty(error, name, { get: hostile })
    }
    expect(stored(error)).toEqual({ name: 'Error', message: 'a thrown value that cannot be shown' })
  })

  it('although name and message are no texts', () => {
    const error = Object.assign(new Error('x'), { name: 5, message: { a: [1] } })
    expect(stored(error)).toMatchObject({ name: '5', message: '{"a":[1]}' })
  })
})

describe('anything else that is thrown is stored as its text', () => {
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()

  it.each<[what: string, thrown: unknown, message: string]>([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a text', 'out of paper', 'out of paper'],
    ['an empty text', '', ''],
    ['a number', 404, '404'],
    ['a bigint', 5n, '5'],
    ['a symbol', Symbol('stop'), 'Symbol(stop)'],
    ['an object', { status: 500 }, '{"status":500}'],
    ['an object that has no JSON', { toJSON: () => undefined }, '[object Object]'],
    ['an object with a bigint', { n: 1n }, 'a thrown value that cannot be shown'],
    ['a hostile toJSON', { toJSON: hostile }, 'a thrown value that cannot be shown'],
    ['a hostile toString', Object.assign(() => 1, { toString: hostile }), 'a thrown value that cannot be shown'],
    ['a revoked proxy', revoked.proxy, 'a thrown value that cannot be shown'],
  ])('%s', (_what, thrown, message) => {
    expect(stored(thrown)).toEqual({ name: 'Error', message })
  })
})

describe('a large error is cut to the limit', () => {
  const limit = DEFAULT_LIMITS.errorBytes
  const bytes = (thrown: unknown, errorBytes?: number): number => Buffer.byteLength(encode(thrown, errorBytes))

  it('first the causes go, while the rest stays whole', () => {
    const error = new Error('outer', { cause: new Error('x'.repeat(limit)) })
    expect(stored(error)).toEqual({ name: 'Error', message: 'outer', stack: error.stack })
  })

  it('then the stack is cut', () => {
    const error = new Error('deep')
    error.stack = `Error: deep\n${'    at somewhere\n'.repeat(100_000)}`
    const cut = stored(error)
    expect(cut.message).toBe('deep')
    expect(error.stack.startsWith(cut.stack ?? '-')).toBe(true)
    expect(bytes(error)).toBeLessThanOrEqual(limit)
    expect(bytes(error)).toBeGreaterThan(limit - 20)
  })

  it('then the stack goes, and the message is cut', () => {
    const error = new Error('m'.repeat(1_000_000))
    const cut = stored(error)
    expect(cut).not.toHaveProperty('stack')
    expect(cut.message).toMatch(/^m{16000,16384}$/)
    expect(bytes(error)).toBe(limit)
  })

  it('a text of 1 MB is cut as well', () => {
    expect(bytes('😀'.repeat(500_000))).toBeLessThanOrEqual(limit)
    expect(bytes('😀'.repeat(500_000))).toBeGreaterThan(limit - 4)
    expect(stored({ rows: 'r'.repeat(1_000_000) }).message).toMatch(/^\{"rows":"r+$/)
  })

  it('a text of 100 MB is not written out again and again', () => {
    const error = new Error('m'.repeat(100_000_000), { cause: new Error('c'.repeat(100_000_000)) })
    expect(stored(error).message).toMatch(/^m{16000,16384}$/)
    expect(bytes(error)).toBe(limit)
  })

  it('name and code are cut, too', () => {
    const error = Object.assign(new Error('short'), { name: 'N'.repeat(20_000), code: 'C'.repeat(20_000) })
    expect(stored(error)).toMatchObject({ name: 'N'.repeat(200), code: 'C'.repeat(200), message: 'short' })
  })

  it.each(Array.from({ length: 8 }, (_, i) => [limit - i]))('never within a code point (limit %i)', (errorBytes) => {
    for (const text of ['😀'.repeat(10_000), `a${'😀'.repeat(10_000)}`, 'é€😀'.repeat(10_000)]) {
      const { message } = stored(text, errorBytes)
      expect(message.isWellFormed()).toBe(true)
      expect(text.startsWith(message)).toBe(true)
    }
  })

  it('escapes count as they are written', () => {
    expect(bytes('\0'.repeat(100_000))).toBeLessThanOrEqual(limit)
    expect(bytes('\ud800'.repeat(100_000))).toBeLessThanOrEqual(limit)
  })

  it('to nothing, where nothing fits', () => {
    expect(encode(new Error('x'), 5)).toBe('{}')
    expect(stored(new Error('x'), 5)).toEqual({ name: 'Error', message: '' })
  })
})

describe('for anything thrown', () => {
  const options = { withBigInt: true, withDate: true, withMap: true, withSet: true, withBoxedValues: true } as const
  const anything = fc.anything({ ...options, withNullPrototype: true, withObjectString: true, withSparseArray: true })
  const long = fc.string({ unit: 'binary', maxLength: 400 })
  const anError = fc
    .record({ message: long, name: long, code: anything, cause: anything })
    .map(({ message, cause, ...rest }) => Object.assign(new Error(message, { cause }), rest))

  it('the text is JSON within the limit, and reads back', () => {
    fc.assert(
      fc.property(fc.oneof(anything, anError), fc.integer({ min: 2, max: 2_000 }), (thrown, errorBytes) => {
        const text = encode(thrown, errorBytes)
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(errorBytes)
        expect(decodeError(JSON.parse(text))).toMatchObject({ name: expect.any(String), message: expect.any(String) })
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a stored error', () => {
  it('is null where there is none', () => {
    expect(decodeError(null)).toBeNull()
  })

  it('keeps of foreign fields nothing', () => {
    const value: Json = { name: 'E', message: 'm', stack: 's', code: 'c', cause: { name: 'C', message: '' }, more: 1 }
    expect(decodeError(value)).toEqual({
      name: 'E',
      message: 'm',
      stack: 's',
      code: 'c',
      cause: { name: 'C', message: '' },
    })
    expect(decodeError({ name: 'E', message: 'm', stack: 1, code: 2, cause: 'x' })).toEqual({ name: 'E', message: 'm' })
  })

  it.each<[Json]>([
    ['text'],
    [5],
    [true],
    [[]],
    [{ name: 5 }],
    [{ message: { toString: 1 } }],
    [{ cause: { name: [] } }],
  ])('is corrupt if it is %j', (value) => {
    expect(refusal(() => decodeError(value))).toEqual({ code: 'corrupt_record', parameter: null })
  })
})
