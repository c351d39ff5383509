import { durationMs } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { invalid, refusal, thrownBy } from './refusal.ts'

const HUNDRED_YEARS = 3_155_760_000_000
const read = (value: unknown): unknown => Reflect.apply(durationMs, null, ['options.delay', value])

describe('a duration', () => {
  it.each<[value: unknown, ms: number]>([
    [0, 0],
    [250, 250],
    [0.4, 0],
    [1.5, 2],
    ['0ms', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['14d', 1_209_600_000],
    ['1.5s', 1_500],
    ['0.25ms', 0],
    ['007s', 7_000],
    [2 ** 31, 2 ** 31],
    [HUNDRED_YEARS, HUNDRED_YEARS],
    ['36525d', HUNDRED_YEARS],
  ])('%s is %i ms', (value, ms) => expect(read(value)).toBe(ms))

  it.each<[value: unknown]>([
    [-1],
    ['-5s'],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [HUNDRED_YEARS + 1],
    ['36526d'],
    [`${'9'.repeat(400)}s`],
    [''],
    ['5'],
    ['s'],
    ['5x'],
    ['5 s'],
    [' 5s'],
    ['5s '],
    ['5s\n'],
    ['5S'],
    ['5sec'],
    ['5y'],
    ['.5s'],
    ['5.s'],
    ['1e3s'],
    ['1m30s'],
    ['NaNs'],
    ['toString'],
    ['5constructor'],
    [null],
    [undefined],
    [5n],
    [{}],
    [['5s']],
    [new Date(5)],
    [Symbol('5s')],
  ])('is not %s', (value) => expect(refusal(() => read(value))).toEqual(invalid('options.delay')))

  it('is refused with what is allowed', () => {
    expect(thrownBy(() => read('5x')).message).toBe(
      'options.delay must be milliseconds from 0 to 100 years, or a number with a unit: "250ms", "30s", "5m", "2h", "14d"',
    )
  })
})
