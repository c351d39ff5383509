import { inputKey } from '@millrace/core'
import { assert, asyncProperty, dictionary, jsonValue, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { invalid, rejection } from './refusal.ts'

describe('a key made of the input', () => {
  it('is the SHA-256 of its canonical JSON text, whatever the order of its properties', async () => {
    const key = await inputKey({ b: [1, { d: null, c: 'x' }], a: 1 })
    expect(key).toBe(await inputKey({ a: 1, b: [1, { c: 'x', d: null }] }))
    // printf '[{"a":1,"b":[1,{"c":"x","d":null}]},[]]' | sha256sum
    expect(key).toBe('input:aa1bee03c3b68a3304cac266cc6fdebb4bb4b7a724c32ed946d0fd3a8b33ba2b')
  })

  it('is another one for another input, and for other arguments', async () => {
    const keys = await Promise.all([
      inputKey({}), inputKey({ a: 1 }), inputKey({ a: '1' }), inputKey({ a: [1] }), inputKey({ a: { b: 1 } }), inputKey({ 'a.b': 1 }),
      inputKey({}, { args: [1] }), inputKey({}, { args: [[1]] }), inputKey({ a: null }),
    ]) // prettier-ignore
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('is made of some properties only, where that is asked for', async () => {
    const [one, other] = [{ user: 'u1', at: 1 }, { at: 2, user: 'u1' }] // prettier-ignore
    expect(await inputKey(one)).not.toBe(await inputKey(other))
    expect(await inputKey(one, { only: ['user'] })).toBe(await inputKey(other, { only: ['user'] }))
    expect(await inputKey(one, { only: ['user'] })).toBe(await inputKey({ user: 'u1' }))
  })

  it('takes what is absent for absent, as it is stored', async () => {
    expect(await inputKey({ a: 1, b: undefined })).toBe(await inputKey({ a: 1 }))
    expect(await inputKey({ a: -0 })).toBe(await inputKey({ a: 0 }))
  })

  it('is the same for every order of the properties of any input', async () => {
    await assert(
      asyncProperty(dictionary(string(), jsonValue()), async (input) => {
        const turned = Object.fromEntries(Object.entries(input).toReversed())
        expect(await inputKey(turned)).toBe(await inputKey(input))
      }),
    )
  })

  it('is refused of what cannot be stored, by its path', async () => {
    expect(await rejection(() => inputKey({ at: new Date(0) }))).toMatchObject({
      code: 'not_serializable',
      parameter: 'input.at',
    })
    expect(await rejection(() => Reflect.apply(inputKey, null, [[1]]))).toEqual(invalid('input'))
    expect(await rejection(() => Reflect.apply(inputKey, null, [{}, { only: 'user' }]))).toEqual(
      invalid('options.only'),
    )
    expect(await rejection(() => inputKey({ a: 1 }, { only: [] }))).toEqual(invalid('options.only'))
    expect(await rejection(() => Reflect.apply(inputKey, null, [{}, { onyl: [] }]))).toEqual(invalid('options.onyl'))
  })
})
