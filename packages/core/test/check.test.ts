import { runInNewContext } from 'node:vm'
import {
  checkArray, checkBoolean, checkDuration, checkId, checkInteger, checkName, checkOneOf, checkOptions, checkSignal, checkText, checkTime,
} from '@millrace/core' // prettier-ignore
import { describe, expect, it, vi } from 'vitest'
import { invalid, refusal, thrownBy, tooLarge } from './refusal.ts'

const untouched = vi.fn<() => string>(() => 'mail')
/** Values that are no text, among them one that would turn into a good one if it was asked. */
const NO_TEXTS: readonly unknown[] = [
  undefined, null, 5, true, 1n, Symbol('mail'), {}, ['mail'], () => 'mail', Object('mail'), { toString: untouched },
] // prettier-ignore

describe('a name', () => {
  it.each([
    'a',
    '0',
    'email.send',
    'a:b/c@d-e_f',
    'A'.repeat(200),
    'constructor',
    'toString',
    'hasOwnProperty',
    'null',
    'undefined',
  ])('is %s', (name) => expect(checkName('queue', name)).toBe(name))

  it.each([
    '', ' ', ' mail', 'mail ', 'a b', 'A'.repeat(201), 'a\0b', 'a\r\n*3', 'mail\n', 'é', '{x}', '}{', '*', '?', '[a]', '__proto__', '-a',
    '.a', ':a', 'a,b', 'a|b', 'a"b', 'a\\b', '😀', '\ud800',
  ])('is not %j', (name) => expect(refusal(() => checkName('queue', name))).toEqual(invalid('queue'))) // prettier-ignore

  it('is nothing but a text, and nothing is turned into one', () => {
    for (const value of NO_TEXTS) expect(refusal(() => checkName('name', value))).toEqual(invalid('name'))
    expect(untouched).not.toHaveBeenCalled()
  })

  it('is refused with the rule, without showing it', () => {
    const error = thrownBy(() => checkName('options.queue', 'my secret'))
    expect(error.message).toBe(
      'options.queue must be 1 to 200 of A-Z a-z 0-9 . _ : / @ - and begin with a letter or digit',
    )
  })
})

describe('a text', () => {
  it.each(['x', '0', 'null', '__proto__', 'a\r\nb', '\0', 'é', 'e\u0301', '😀', '{task}:1', ' '])('is %j', (text) =>
    expect(checkText('key', text, 512)).toBe(text),
  )

  it('has at most the bytes of the limit', () => {
    expect(checkText('key', 'x'.repeat(512), 512)).toHaveLength(512)
    expect(checkText('key', '😀'.repeat(128), 512)).toHaveLength(256)
    expect(refusal(() => checkText('key', 'x'.repeat(513), 512))).toEqual(tooLarge('key'))
    expect(refusal(() => checkText('key', `${'😀'.repeat(128)}x`, 512))).toEqual(tooLarge('key'))
    expect(thrownBy(() => checkText('key', 'secret', 5)).message).toBe('key is longer than 5 bytes')
  })

  it.each(['', '\ud800', 'a\udc00b', '\ud83d\ud83d\ude00'])('is not %j', (text) =>
    expect(refusal(() => checkText('key', text, 512))).toEqual(invalid('key')),
  )

  it('is nothing but a text', () => {
    for (const value of NO_TEXTS) expect(refusal(() => checkText('key', value, 512))).toEqual(invalid('key'))
    expect(untouched).not.toHaveBeenCalled()
  })
})

describe('an id', () => {
  const id = '019b76da-a800-7000-8000-000000000000'

  it('is a lower-case UUIDv7', () => {
    expect(checkId('id', id)).toBe(id)
    for (const value of [...NO_TEXTS, '', id.toUpperCase(), '../../etc/passwd', 'x'.repeat(1_000_000)]) {
      expect(refusal(() => checkId('ids[0]', value))).toEqual(invalid('ids[0]'))
    }
  })
})

describe('a whole number', () => {
  it.each([-10, -1, 0, 5, 10])('is %i', (value) => expect(checkInteger('priority', value, -10, 10)).toBe(value))

  it.each([-11, 11, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', '', null, undefined, 5n, [5], Object(5), true])(
    'within its bounds is not %s',
    (value) => expect(refusal(() => checkInteger('priority', value, -10, 10))).toEqual(invalid('priority')),
  )

  it('is refused with its bounds', () => {
    expect(thrownBy(() => checkInteger('limit', -1, 0, 1_000)).message).toBe(
      'limit must be a whole number from 0 to 1000',
    )
  })
})

it('true or false is nothing else', () => {
  expect([checkBoolean('flag', true), checkBoolean('flag', false)]).toEqual([true, false])
  for (const value of [undefined, null, 0, 1, 'false', 'true', {}, Object(true)]) {
    expect(refusal(() => checkBoolean('flag', value))).toEqual(invalid('flag'))
  }
})

describe('an instant', () => {
  const at = 1_800_000_000_000

  it.each<[what: string, value: unknown, expected: number]>([
    ['epoch milliseconds', at, at],
    ['the first', 0, 0],
    ['the last', 9_999_999_999_999, 9_999_999_999_999],
    ['a Date', new Date(at), at],
    ['a Date of a class', new (class Day extends Date {})(at), at],
    ['a Date of another realm', runInNewContext(`new Date(${at})`), at],
    ['a Date with a name of its own', Object.assign(new Date(at), { [Symbol.toStringTag]: 'Day' }), at],
  ])('is %s', (_what, value, expected) => expect(checkTime('options.scheduledAt', value)).toBe(expected))

  it.each<[what: string, value: unknown]>([
    ['before 1970', -1],
    ['after 2286', 10_000_000_000_000],
    ['within a millisecond', 1.5],
    ['NaN', Number.NaN],
    ['an invalid Date', new Date(Number.NaN)],
    ['a Date before 1970', new Date(-1)],
    ['a text', '2026-01-01T00:00:00.000Z'],
    ['a word', 'tomorrow'],
    ['nothing', undefined],
    ['null', null],
    ['a bigint', 5n],
    ['an object that passes for a Date', { [Symbol.toStringTag]: 'Date' }],
    ['an object with a time', { getTime: () => at }],
    ['the prototype of dates', Date.prototype],
  ])('is not %s', (_what, value) =>
    expect(refusal(() => checkTime('options.scheduledAt', value))).toEqual(invalid('options.scheduledAt')),
  )
})

it('a signal may be left out, and come from another realm', () => {
  const { signal } = new AbortController()
  const foreign: AbortSignal = Object.create(null, {
    aborted: { value: false },
    addEventListener: { value: () => undefined },
  })
  expect([undefined, signal, foreign].map((value) => checkSignal('signal', value))).toEqual([
    undefined,
    signal,
    foreign,
  ])
  for (const value of [null, 5, 'abort', {}, new AbortController(), new EventTarget()]) {
    expect(refusal(() => Reflect.apply(checkSignal, null, ['signal', value]))).toEqual(invalid('signal'))
  }
})

it('a duration may have a smallest', () => {
  expect(checkDuration('ttl', '1s', 1_000)).toBe(1_000)
  expect(checkDuration('ttl', 0)).toBe(0)
  expect(thrownBy(() => checkDuration('ttl', '1s', 1_001)).message).toBe('ttl must be at least 1001 ms')
  expect(refusal(() => checkDuration('ttl', -1, 0))).toEqual(invalid('ttl'))
})

describe('a list', () => {
  it('is an array up to the limit', () => {
    const list = ['a', 'b']
    expect(checkArray('ids', list, 2)).toBe(list)
    expect(checkArray('ids', [], 0)).toEqual([])
    expect(refusal(() => checkArray('ids', list, 1))).toEqual(tooLarge('ids'))
    expect(thrownBy(() => checkArray('ids', list, 1)).message).toBe('ids has 2 items, more than the limit of 1')
  })

  it.each([undefined, null, 'ab', 5, {}, { length: 1 }, new Set([1])])('is not %s', (value) => {
    expect(refusal(() => Reflect.apply(checkArray, null, ['ids', value, 10]))).toEqual(invalid('ids'))
  })

  it('has no holes: nobody would look into them', () => {
    // oxlint-disable-next-line no-sparse-arrays
    expect(refusal(() => checkArray('ids', ['a', , 'c'], 10))).toEqual(invalid('ids'))
  })
})

describe('one of a few', () => {
  it('is found by its name', () => {
    expect(checkOneOf('order', 'asc', ['asc', 'desc'])).toBe('asc')
  })

  it.each(['ASC', '', 'ascending', null, undefined, 0, ['asc'], { toString: untouched }])('is not %s', (value) => {
    const error = thrownBy(() => checkOneOf('order', value, ['asc', 'desc']))
    expect({ code: error.code, parameter: error.parameter }).toEqual(invalid('order'))
    expect(error.message).toBe('order must be one of asc, desc')
  })
})

describe('options', () => {
  const known = ['delay', 'scheduledAt', 'expiresIn', 'expiresAt', 'key', 'onConflict']
  const messageFor = (name: string): string => thrownBy(() => checkOptions('options', { [name]: 1 }, known)).message

  it('may be left out, or undefined', () => {
    expect(checkOptions('options', {}, known)).toBeUndefined()
    expect(checkOptions('options', { key: undefined, delay: 5 }, known)).toBeUndefined()
    expect(checkOptions('options', Object.create(null), known)).toBeUndefined()
  })

  it.each([undefined, null, 'delay', 5, true, [], () => ({})])('are not %s', (value) => {
    expect(refusal(() => checkOptions('options', value, known))).toEqual(invalid('options'))
  })

  it.each([
    ['dealy', 'delay'],
    ['delays', 'delay'],
    ['Delay', 'delay'],
    ['sheduledAt', 'scheduledAt'],
    ['schedule', 'scheduledAt'],
    ['expire', 'expiresIn'],
    ['expiresat', 'expiresAt'],
    ['on_conflict', 'onConflict'],
    ['k', 'key'],
  ])('with a name that is misspelt say what was meant: %s', (written, meant) => {
    expect(messageFor(written)).toBe(`options.${written} is not known; did you mean ${meant}?`)
    expect(refusal(() => checkOptions('options', { [written]: 1 }, known))).toEqual(invalid(`options.${written}`))
  })

  it.each(['jobIdentifier', 'x'.repeat(70)])('with a name like no other list what there is: %s', (written) => {
    expect(messageFor(written)).toBe(
      `options.${written} is not known; known are delay, scheduledAt, expiresIn, expiresAt, key, onConflict`,
    )
  })

  it('do not fall for names that every object has', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(refusal(() => checkOptions('options', { [name]: 1 }, known))).toEqual(invalid(`options.${name}`))
    }
    const parsed: unknown = JSON.parse('{"__proto__":{"key":1}}')
    expect(refusal(() => checkOptions('options', parsed, known))).toEqual(invalid('options.__proto__'))
  })
})
