import { runInNewContext } from 'node:vm'
import { checkBytes, encodeJson, QueueError, utf8Length } from '@millrace/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refusal, tooLarge } from './refusal.ts'

const BOUNDS = { parameter: 'input', maxBytes: 1_048_576, maxDepth: 100 }
const encode = (value: unknown): string => encodeJson(value, BOUNDS)

/** Texts of any UTF-16 units, rich in surrogates with and without their other half. */
const unit = fc.oneof(fc.integer({ min: 0, max: 0x7ff }), fc.integer({ min: 0xd7f0, max: 0xe010 }), fc.nat(0xffff))
const anyText = fc.array(unit).map((units) => String.fromCharCode(...units))

describe('what JSON can hold is written as it is', () => {
  const shared = { deep: [1] }
  const frozen = Object.freeze({ a: Object.freeze([1]) })

  it.each<[what: string, value: unknown, text: string]>([
    ['null', null, 'null'],
    ['true and false', [true, false], '[true,false]'],
    ['an empty array', [], '[]'],
    ['an empty object', {}, '{}'],
    ['empty ones inside', { list: [], map: {}, nothing: null }, '{"list":[],"map":{},"nothing":null}'],
    ['-0, which becomes 0', [-0, { n: -0 }], '[0,{"n":0}]'],
    ['2^53 + 1 as the double that it is', 2 ** 53 + 1, '9007199254740992'],
    ['the largest and the smallest double', [Number.MAX_VALUE, 5e-324], '[1.7976931348623157e+308,5e-324]'],
    ['a member that is undefined: absent', { a: undefined, b: 1, c: undefined }, '{"b":1}'],
    ['only undefined members', { a: undefined }, '{}'],
    ['the same object twice', { a: shared, b: shared }, '{"a":{"deep":[1]},"b":{"deep":[1]}}'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['frozen values', frozen, '{"a":[1]}'],
    ['a property named length', { length: 1e9 }, '{"length":1000000000}'],
    ['a property named toJSON', { toJSON: 1 }, '{"toJSON":1}'],
    ['a property named constructor', { constructor: 'x' }, '{"constructor":"x"}'],
    ['texts that look like something else', ['1', 'true', 'null', '2026-01-01'], '["1","true","null","2026-01-01"]'],
    ['quotes and backslashes', { 'a"b\\': 'c"\\' }, String.raw`{"a\"b\\":"c\"\\"}`],
    ['line separators, NUL and DEL', '\u2028\u2029\0\u007F', '"\u2028\u2029\\u0000\u007F"'],
    ['emoji', '😀', '"😀"'],
    ['lone surrogates, escaped', ['\ud83d', '\ude00\ud83d'], String.raw`["\ud83d","\ude00\ud83d"]`],
    ['names that are numbers, in the order of JavaScript', { b: 1, 2: 2, 1: 3 }, '{"1":3,"2":2,"b":1}'],
  ])('%s', (_what, value, text) => {
    expect(encode(value)).toBe(text)
    expect(encode(value)).toBe(JSON.stringify(value))
  })

  it('objects and arrays of another realm', () => {
    const far: unknown = runInNewContext('({ list: [1, { a: null }], text: "x" })')
    expect(encode(far)).toBe('{"list":[1,{"a":null}],"text":"x"}')
  })

  it('a property named __proto__ as data, without touching any prototype', () => {
    const value: unknown = JSON.parse('{"__proto__":{"polluted":1},"a":2}')
    const read: object = JSON.parse(encode(value))
    expect(Object.entries(read)).toEqual([
      ['__proto__', { polluted: 1 }],
      ['a', 2],
    ])
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('lone surrogates come back as they were', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(JSON.parse(encode([text]))).toEqual([text])
      }),
    )
  })

  it('a property that is not enumerable is absent, as in JSON', () => {
    expect(encode(Object.defineProperty({ a: 1 }, 'hidden', { value: 1n }))).toBe('{"a":1}')
  })

  it('is written alike after a refusal, and while a getter writes another one', () => {
    expect(() => encode({ a: [{ b: 1n }] })).toThrow('input.a[0].b')
    const value = {
      first: [1],
      get second() {
        return encode({ inner: ['2'] })
      },
      third: { last: 3 },
    }
    expect(encode(value)).toBe(String.raw`{"first":[1],"second":"{\"inner\":[\"2\"]}","third":{"last":3}}`)
    expect(() => encode({ c: { d: () => 1 } })).toThrow('input.c.d:')
  })

  it('calls each getter once', () => {
    let calls = 0
    const value = {
      get first() {
        calls += 1
        return { a: calls }
      },
      get never() {
        calls += 10
        return undefined
      },
    }
    expect(encode(value)).toBe('{"first":{"a":1}}')
    expect(calls).toBe(11)
  })
})

describe('for any value', () => {
  it('JSON comes back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(encode(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('the text is that of JSON.stringify, or the value is refused', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
    })
    fc.assert(
      fc.property(anything, (value) => {
        let text: string
        try {
          text = encodeJson(value, { parameter: 'input', maxBytes: 2_000, maxDepth: 3 })
        } catch (error) {
          expect(error).toBeInstanceOf(QueueError)
          expect(error).toMatchObject({ code: expect.stringMatching(/^(not_serializable|too_large)$/) })
          return
        }
        expect(text).toBe(JSON.stringify(value))
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2_000)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('bytes', () => {
  it('are counted as UTF-8 would count them', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(utf8Length(text)).toBe(Buffer.byteLength(text))
      }),
      { numRuns: 1_000, examples: [[''], ['😀'], ['\ud83d'], ['\ude00'], ['\ud83d\ud83d\ude00'], ['é€']] },
    )
  })

  it('are refused above the limit, never at it', () => {
    expect(checkBytes('key', '€€', 6)).toBeUndefined()
    expect(refusal(() => checkBytes('key', '€€', 5))).toEqual(tooLarge('key'))
    expect(checkBytes('key', 'x'.repeat(1_000), Number.POSITIVE_INFINITY)).toBeUndefined()
  })
})
