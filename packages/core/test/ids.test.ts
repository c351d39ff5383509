import { createIdMaker, isId, manualClock, PARTITION_BITS, partitionOf } from '@millrace/core'
import { describe, expect, it } from 'vitest'

const START = 1_800_000_000_000

/** The instant that an id says it was made at. */
const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
const make = (count: number, maker: () => string): readonly string[] => Array.from({ length: count }, () => maker())

describe('an id', () => {
  it('is a canonical UUIDv7 with the time in front', () => {
    const [id = ''] = make(1, createIdMaker(manualClock(START)))
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(isId(id)).toBe(true)
    expect(timeOf(id)).toBe(START)
  })

  it.each([0, 1, 2 ** 32, 2 ** 48 - 1])('is one at any instant (%i)', (start) => {
    const [id = ''] = make(1, createIdMaker(manualClock(start)))
    expect(isId(id)).toBe(true)
    expect(timeOf(id)).toBe(start)
  })

  it('is one before 1970, too, with the earliest time there is', () => {
    const ids = make(3, createIdMaker(manualClock(-5)))
    expect(ids.every(isId)).toBe(true)
    expect(ids.map(timeOf)).toEqual([0, 0, 0])
    expect(ids.toSorted()).toEqual(ids)
  })

  it.each<[what: string, value: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['an object', { toString: () => '019b76da-a800-7000-8000-000000000000' }],
    ['an empty text', ''],
    ['upper case', '019B76DA-A800-7000-8000-000000000000'],
    ['another version', '019b76da-a800-4000-8000-000000000000'],
    ['another variant', '019b76da-a800-7000-c000-000000000000'],
    ['no dashes', '019b76daa80070008000000000000000'],
    ['something behind', '019b76da-a800-7000-8000-000000000000\n'],
    ['something in front', ' 019b76da-a800-7000-8000-000000000000'],
    ['a path', '../../etc/passwd'],
    ['a long text', 'a'.repeat(1_000_000)],
  ])('is not %s', (_what, value) => {
    expect(isId(value)).toBe(false)
  })
})

describe('the order of ids is the order in which they were made', () => {
  it('within one millisecond, also when its counter is full', () => {
    const ids = make(5_000, createIdMaker(manualClock(START)))
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(5_000)
    expect(ids.slice(0, 4_096).every((id) => timeOf(id) === START)).toBe(true)
    expect(ids.slice(4_096).every((id) => timeOf(id) === START + 1)).toBe(true)
  })

  it('when time catches up with a borrowed millisecond', () => {
    const clock = manualClock(START)
    const maker = createIdMaker(clock)
    const borrowed = make(4_200, maker)
    clock.advance(1)
    const then = make(10, maker)
    clock.advance(1)
    const after = make(10, maker)
    const ids = [...borrowed, ...then, ...after]
    expect(ids.toSorted()).toEqual(ids)
    expect(timeOf(then[0] ?? '')).toBe(START + 1)
    expect(timeOf(after[0] ?? '')).toBe(START + 2)
  })

  it('when the clock steps back', () => {
    let now = START
    const maker = createIdMaker({ now: () => now })
    const before = make(10, maker)
    now -= 60_000
    const during = make(5_000, maker)
    now = START + 5
    const after = make(10, maker)
    const ids = [...before, ...during, ...after]
    expect(ids.toSorted()).toEqual(ids)
    expect(timeOf(during[0] ?? '')).toBe(START)
    expect(timeOf(after[0] ?? '')).toBe(START + 5)
  })
})

describe('the last bits are the partition', () => {
  it.each([0, 1, 511, 1_023])('%i', (partition) => {
    const maker = createIdMaker(manualClock(START))
    const ids = make(300, () => maker(partition))
    expect(new Set(ids.map(partitionOf))).toEqual(new Set([partition]))
    expect(ids.every(isId)).toBe(true)
  })

  it('0 unless one is given', () => {
    expect(partitionOf(createIdMaker(manualClock())())).toBe(0)
    expect(2 ** PARTITION_BITS).toBe(1_024)
  })

  it('leave the others random', () => {
    const maker = createIdMaker(manualClock(START))
    const tails = make(1_000, () => maker(7)).map((id) => id.slice(18))
    expect(new Set(tails).size).toBe(1_000)
    expect(new Set(tails.map((tail) => tail.slice(0, 2)))).toEqual(new Set(['-8', '-9', '-a', '-b']))
  })
})

it('two makers of the same instant never make the same id', () => {
  const clock = manualClock(START)
  const [one, other] = [createIdMaker(clock), createIdMaker(clock)]
  const ids = new Set([...make(100_000, one), ...make(100_000, other)])
  expect(ids.size).toBe(200_000)
})
