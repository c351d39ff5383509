import { DEFAULT_RETRY_POLICY, exponential, fixed, retryDelayMs, type RetryPolicy } from '@millrace/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { invalid, refusal, thrownBy } from './refusal.ts'

const HUNDRED_YEARS = 3_155_760_000_000
const half = (): number => 0.5
const lowest = (): number => 0
/** Never 1: the largest number that Math.random can give. */
const highest = (): number => 1 - 2 ** -53
const delays = (policy: RetryPolicy, counts: readonly number[], random = half): readonly number[] =>
  counts.map((count) => policy(count, random))

describe('fixed', () => {
  it('waits the same before every retry', () => {
    expect(delays(fixed('5s'), [0, 1, 1_000_000])).toEqual([5_000, 5_000, 5_000])
    expect(delays(fixed(0), [0, 7])).toEqual([0, 0])
  })

  it('refuses what is no duration', () => {
    expect(refusal(() => fixed(-1))).toEqual(invalid('delay'))
    expect(refusal(() => Reflect.apply(fixed, null, ['soon']))).toEqual(invalid('delay'))
  })
})

describe('exponential', () => {
  it('doubles with each retry, up to its largest', () => {
    const policy = exponential('1s', { max: '10s', jitter: 'none' })
    expect(delays(policy, [0, 1, 2, 3, 4, 5])).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  })

  it('grows by any factor of at least 1', () => {
    expect(delays(exponential(100, { factor: 3, jitter: 'none' }), [0, 1, 2])).toEqual([100, 300, 900])
    expect(delays(exponential(100, { factor: 1, jitter: 'none' }), [0, 9])).toEqual([100, 100])
    expect(delays(exponential(100, { factor: 1.5, jitter: 'none' }), [1, 2])).toEqual([150, 225])
  })

  it('is never longer than an hour unless it is told', () => {
    expect(exponential('1s', { jitter: 'none' })(1_000_000, half)).toBe(3_600_000)
    expect(exponential('2h', { jitter: 'none' })(0, half)).toBe(3_600_000)
    expect(exponential('1h', { max: '2d', jitter: 'none' })(1_000_000, half)).toBe(172_800_000)
  })

  it('stays 0 however often it is doubled', () => {
    expect(delays(exponential(0, { jitter: 'none' }), [0, 10, 1_023, 1_024, 1_000_000])).toEqual([0, 0, 0, 0, 0])
  })

  it('spreads over the whole delay by default', () => {
    const policy = exponential('1s', { max: '10s' })
    expect(delays(policy, [0, 1, 2], lowest)).toEqual([0, 0, 0])
    expect(delays(policy, [0, 1, 2], half)).toEqual([500, 1_000, 2_000])
    expect(delays(policy, [0, 1, 9], highest)).toEqual([1_000, 2_000, 10_000])
    expect(delays(exponential('1s', { jitter: 'full' }), [3], half)).toEqual([4_000])
  })

  it('asks for chance only where it is wanted', () => {
    const never = (): never => {
      throw new Error('asked')
    }
    expect(exponential('1s', { jitter: 'none' })(0, never)).toBe(1_000)
  })

  it.each<[what: string, parameters: readonly unknown[], parameter: string]>([
    ['no duration', ['soon'], 'first'],
    ['a negative one', [-1], 'first'],
    ['a bad largest', ['1s', { max: '10 minutes' }], 'options.max'],
    ['a factor below 1', ['1s', { factor: 0.5 }], 'options.factor'],
    ['a factor that is NaN', ['1s', { factor: Number.NaN }], 'options.factor'],
    ['an endless factor', ['1s', { factor: Number.POSITIVE_INFINITY }], 'options.factor'],
    ['a factor that is a text', ['1s', { factor: '2' }], 'options.factor'],
    ['an unknown jitter', ['1s', { jitter: 'equal' }], 'options.jitter'],
    ['an unknown option', ['1s', { maximum: '5s' }], 'options.maximum'],
    ['options that are none', ['1s', 5], 'options'],
  ])('refuses %s', (_what, parameters, parameter) => {
    expect(refusal(() => Reflect.apply(exponential, null, parameters))).toEqual(invalid(parameter))
  })

  it('says what was meant', () => {
    expect(thrownBy(() => Reflect.apply(exponential, null, ['1s', { jiter: 'none' }])).message).toMatch(
      /mean jitter\?$/,
    )
  })

  it('gives a delay within its bounds, whatever is asked', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(1_000_000),
        fc.double({ min: 1, max: 1e9, noNaN: true }),
        random,
        (ms, n, factor, r) => {
          const delay = exponential(ms, { factor, max: '1d' })(n, () => r)
          expect(Number.isInteger(delay) && delay >= 0 && delay <= 86_400_000).toBe(true)
        },
      ),
    )
  })
})

it('by default a retry waits up to 1 s at first, and up to 10 min at last', () => {
  expect(delays(DEFAULT_RETRY_POLICY, [0, 1, 20], highest)).toEqual([1_000, 2_000, 600_000])
  expect(delays(DEFAULT_RETRY_POLICY, [0, 20], lowest)).toEqual([0, 0])
})

describe('the answer of any policy becomes a delay that every backend takes', () => {
  it.each<[answer: number, ms: number]>([
    [0, 0],
    [1.4, 1],
    [1.5, 2],
    [-5, 0],
    [-0.4, 0],
    [1e300, HUNDRED_YEARS],
    [Number.POSITIVE_INFINITY, HUNDRED_YEARS],
    [Number.NEGATIVE_INFINITY, 0],
  ])('%d becomes %i', (answer, ms) => {
    const delay = retryDelayMs(() => answer, 0, half)
    expect(delay + 0).toBe(ms)
    expect(Number.isInteger(delay)).toBe(true)
  })

  it.each([Number.NaN, '5m', undefined, Promise.resolve(5)])(
    'does not put a retry off for ever because of %s',
    (answer) => {
      expect(retryDelayMs(() => answer as number, 2, half)).toBe(2_000)
    },
  )

  it('asks it with the retries used, and with chance', () => {
    expect(
      retryDelayMs(
        (count, random) => count * 100 + random(),
        7,
        () => 0.6,
      ),
    ).toBe(701)
  })
})
