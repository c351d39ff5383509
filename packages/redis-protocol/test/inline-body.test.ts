import { decodeBody, DEFAULT_LIMITS, encodeBody } from '@millrace/core'
import { expect, it } from 'vitest'
import { inlineBody, readInlineBody } from '../src/inline-body.ts'

it.each([
  {},
  { kwargs: { to: 'ada' } },
  { kwargs: {} },
  { kwargs: { kwargs: { a: 1 } } },
  { kwargs: { a: {}, metadata: {} } },
  { kwargs: { a: '},"metadata":{' } },
  { kwargs: { a: 1 }, metadata: { b: 2 } },
  { args: [1], kwargs: { a: 1 } },
  { args: [{ kwargs: {} }] },
  { metadata: { b: 2 } },
])('a body is read as it was written: %j', (body) => {
  const text = encodeBody(body, DEFAULT_LIMITS)
  expect(readInlineBody(inlineBody(text))).toEqual(decodeBody(text))
})

it('an input alone stands alone', () => {
  expect(inlineBody(encodeBody({ kwargs: { to: 'ada' } }, DEFAULT_LIMITS))).toBe('={"to":"ada"}')
})

it.each(['={', '=5', '=null', '=', '{"kwargs":5}', '{"kwargs":{}} ', '{"kwargs":{},"args":[1]}', 'x'])(
  'what encodeBody did not write is what decodeBody says of it: %s',
  (text) => {
    const read = (decode: () => unknown): unknown => {
      try {
        return decode()
      } catch (error) {
        return Object(error).code
      }
    }
    expect(read(() => readInlineBody(inlineBody(text)))).toEqual(read(() => decodeBody(text)))
  },
)
