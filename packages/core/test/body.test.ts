import { decodeBody, decodeJson, DEFAULT_LIMITS, encodeBody, encodeResult, isObject } from '@millrace/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { invalid, refusal, thrownBy, tooLarge, unserializable } from './refusal.ts'

const object = fc.dictionary(fc.string(), fc.jsonValue())

describe('args, kwargs and metadata', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), object, object, (args, kwargs, metadata) => {
        const body = decodeBody(encodeBody({ args, kwargs, metadata }, DEFAULT_LIMITS))
        expect(JSON.stringify(body)).toBe(JSON.stringify({ args, kwargs, metadata }))
      }),
    )
  })

  it('take no room while they are empty', () => {
    expect(encodeBody({}, DEFAULT_LIMITS)).toBe('{}')
    expect(encodeBody({ args: [], kwargs: {}, metadata: { a: undefined } }, DEFAULT_LIMITS)).toBe('{}')
    expect(decodeBody('{}')).toEqual({ args: [], kwargs: {}, metadata: {} })
  })

  it('keep a property named __proto__ as data', () => {
    const kwargs: object = JSON.parse('{"__proto__":{"args":[1]}}')
    const read = decodeBody(encodeBody({ kwargs }, DEFAULT_LIMITS))
    expect(Object.keys(read.kwargs)).toEqual(['__proto__'])
    expect(decodeBody('{"__proto__":{"args":[1]}}')).toEqual({ args: [], kwargs: {}, metadata: {} })
  })

  it.each([null, 'text', 5, true, 1n, Symbol('s'), () => ({}), [], [1]])('refuse an input that is %s', (kwargs) => {
    expect(refusal(() => encodeBody({ kwargs }, DEFAULT_LIMITS))).toEqual(invalid('input'))
  })

  it('name the part at fault', () => {
    expect(refusal(() => encodeBody({ kwargs: { a: [1n] } }, DEFAULT_LIMITS))).toEqual(unserializable('input.a[0]'))
    expect(refusal(() => encodeBody({ args: [1n] }, DEFAULT_LIMITS)).parameter).toMatch(/args\[0\]$/)
    expect(refusal(() => encodeBody({ metadata: { a: 1n } }, DEFAULT_LIMITS)).parameter).toMatch(/metadata\.a$/)
    expect(refusal(() => encodeBody({ metadata: [] }, DEFAULT_LIMITS)).parameter).toMatch(/metadata$/)
    expect(refusal(() => Reflect.apply(encodeBody, null, [{ args: {} }, DEFAULT_LIMITS])).parameter).toMatch(/args$/)
  })

  it('share one limit', () => {
    const limits = { payloadBytes: 100, depth: 3 }
    const part = { text: 'x'.repeat(60) }
    expect(encodeBody({ kwargs: part }, limits)).toBe(`{"kwargs":${JSON.stringify(part)}}`)
    expect(thrownBy(() => encodeBody({ kwargs: part, metadata: part }, limits)).message).toBe(
      'input, args and metadata together is larger than 100 bytes of JSON',
    )
    expect(refusal(() => encodeBody({ kwargs: { text: 'x'.repeat(101) } }, limits))).toEqual(tooLarge('input'))
    expect(refusal(() => encodeBody({ kwargs: { a: { b: { c: {} } } } }, limits))).toEqual(tooLarge('input'))
  })
})

describe('what is stored but unreadable is corrupt', () => {
  it.each([
    '',
    '{',
    '[]]',
    'NaN',
    'undefined',
    'null',
    '5',
    '"text"',
    '[]',
    '{"args":{"a":1}}',
    '{"args":null}',
    '{"kwargs":[]}',
    '{"kwargs":"x"}',
    '{"metadata":null}',
    '{"metadata":[]}',
  ])('%s', (text) => {
    expect(refusal(() => decodeBody(text))).toEqual({ code: 'corrupt_record', parameter: null })
  })

  it('keeps what the parser said', () => {
    expect(thrownBy(() => decodeJson('{')).cause).toBeInstanceOf(SyntaxError)
  })
})

describe('a result', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(decodeJson(encodeResult(value, DEFAULT_LIMITS)))).toBe(JSON.stringify(value))
      }),
    )
  })

  it('is null where there is nothing', () => {
    expect(encodeResult(undefined, DEFAULT_LIMITS)).toBe('null')
    expect(decodeJson('null')).toBeNull()
    expect(decodeJson(null)).toBeNull()
  })

  it('is refused with its path, or for its size', () => {
    expect(refusal(() => encodeResult({ at: new Date() }, DEFAULT_LIMITS))).toEqual(unserializable('result.at'))
    expect(refusal(() => encodeResult('xxxx', { resultBytes: 5, depth: 1 }))).toEqual(tooLarge('result'))
    expect(refusal(() => encodeResult([[]], { resultBytes: 5, depth: 1 }))).toEqual(tooLarge('result'))
  })
})

it('an object is neither null nor an array', () => {
  expect([{}, Object.create(null), [], null, undefined, 'text', 5].map(isObject)).toEqual([
    true, true, false, false, false, false, false,
  ]) // prettier-ignore
})
