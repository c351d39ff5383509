import { task } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { shared, type Offer } from '../src/shares.ts'
import { dice } from './dice.ts'
import { Bench, drive, driveUntil, puppet, until } from './harness.ts'

interface Queue extends Offer {
  readonly name: string
  /** Records that wait in it. */
  readonly holds: number
}

const queue = (name: string, weight: number, fields: Partial<Queue> = {}): Queue => ({
  name,
  weight,
  most: Infinity,
  isDry: false,
  holds: Infinity,
  ...fields,
})

/** What such a claim takes of each queue, as every backend claims lines in the order given. */
function claimed(queues: readonly Queue[], limit: number, random: () => number): ReadonlyMap<string, number> {
  const taken = new Map<string, number>()
  let left = limit
  for (const { offer, limit: most } of shared(queues, limit, random)) {
    const count = Math.min(left, most, offer.holds)
    taken.set(offer.name, count)
    left -= count
  }
  return taken
}

/** Of all that many claims take, how much is of each queue. */
function partsOf(queues: readonly Queue[], limit: number, claims = 20_000): Record<string, number> {
  const random = dice(4_711)
  const sums = new Map(queues.map(({ name }) => [name, 0]))
  for (let i = 0; i < claims; i++)
    for (const [name, count] of claimed(queues, limit, random)) sums.set(name, (sums.get(name) ?? 0) + count)
  const total = [...sums.values()].reduce((sum, one) => sum + one, 0)
  expect(total).toBe(claims * limit)
  return Object.fromEntries([...sums].map(([name, sum]) => [name, sum / total]))
}

function expectParts(parts: Record<string, number>, expected: Record<string, number>): void {
  for (const [name, part] of Object.entries(expected))
    expect([name, parts[name]]).toEqual([name, expect.closeTo(part, 1.7)])
}

describe('the shares of a claim', () => {
  it.each([1, 2, 7, 10, 64])('are those of the weights on average, in claims of %i', (limit) => {
    expectParts(partsOf([queue('a', 6), queue('b', 3), queue('c', 1)], limit), { a: 0.6, b: 0.3, c: 0.1 })
  })

  it.each([1, 3, 20])('of an empty queue go to the others as they weigh, in claims of %i', (limit) => {
    const queues = [queue('a', 90, { holds: 0, isDry: true }), queue('b', 6), queue('c', 3), queue('d', 1)]
    expectParts(partsOf(queues, limit), { a: 0, b: 0.6, c: 0.3, d: 0.1 })
  })

  it.each([4, 30])('of a queue that may have few more go to the others, in claims of %i', (limit) => {
    const parts = partsOf([queue('a', 8, { most: 1 }), queue('b', 3), queue('c', 1)], limit)
    const rest = 1 - 1 / limit
    expectParts(parts, { a: 1 / limit, b: 0.75 * rest, c: 0.25 * rest })
  })

  it('differ from claim to claim by less than one record, once there are enough for all', () => {
    const random = dice(99)
    for (let i = 0; i < 500; i++) {
      const taken = claimed([queue('a', 5), queue('b', 3), queue('c', 2)], 25, random)
      expect(taken.get('a')).toBeGreaterThanOrEqual(12)
      expect(taken.get('a')).toBeLessThanOrEqual(13)
      expect(taken.get('c')).toBe(5)
    }
  })

  it('leave out nobody: whatever is there is found, however little it weighs', () => {
    const random = dice(7)
    const weights = [1_000, 1, 1, 500]
    for (let i = 0; i < 2_000; i++) {
      const [limit, full] = [1 + (i % 5), i % weights.length]
      const isDry = (one: number): boolean => (i >> 3) % (one + 2) === 0
      const queues = weights.map((weight, one) =>
        queue(`${one}`, weight, { holds: one === full ? 1 : 0, isDry: isDry(one) }),
      )
      const shares = shared(queues, limit, random)
      expect(shares.map(({ offer }) => offer.name).toSorted()).toEqual(['0', '1', '2', '3'])
      for (const share of shares) expect(share.limit).toBeGreaterThan(0)
      expect([...claimed(queues, limit, random).values()].reduce((sum, one) => sum + one, 0)).toBe(1)
    }
  })

  it('are never more than the claim may take, nor than the queue may have', () => {
    const random = dice(3)
    for (let i = 0; i < 500; i++) {
      const queues = [queue('a', 1 + (i % 9), { most: 2 }), queue('b', 4, { most: 1 + (i % 4) }), queue('c', 1)]
      for (const { offer, limit } of shared(queues, 6, random))
        expect(limit).toBeLessThanOrEqual(Math.min(6, offer.most))
    }
  })
})

/** Starts by queue, of the first so many. */
function countOf(started: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(started, (name) => name)].map(([name, { length }]) => [name, length]))
}

/** A weighted worker with so many records in each queue, and in which order they started. */
async function raced(
  bench: Bench,
  records: Record<string, number>,
  { weights, concurrency }: { readonly weights: Record<string, number>; readonly concurrency: number },
): Promise<readonly string[]> {
  const started: string[] = []
  const tasks = Object.keys(weights).map((name) =>
    task<{ n?: number }, null>(`demo.${name}`, { queue: name }).handle(() => {
      started.push(name)
      return null
    }),
  )
  for (const [i, name] of Object.keys(weights).entries()) {
    const one = tasks[i]
    if (one !== undefined && (records[name] ?? 0) > 0) await bench.enqueue(one, records[name])
  }
  const queues = Object.entries(weights).map(([name, weight]) => ({ name, weight }))
  await bench.started({ tasks, queues, order: 'weighted', concurrency, prefetch: 0, random: dice(2_026) })
  const total = Object.values(records).reduce((sum, one) => sum + one, 0)
  await until(() => started.length === total)
  return started
}

describe('a worker with weights', () => {
  it.each([1, 4, 20])('gives each queue about its share while all have work: %i handlers', async (concurrency) => {
    await using bench = new Bench()
    const weights = { a: 6, b: 3, c: 1 }
    const started = await raced(bench, { a: 500, b: 500, c: 500 }, { weights, concurrency })
    const { a = 0, b = 0, c = 0 } = countOf(started.slice(0, 500))
    expect(Math.abs(a - 300)).toBeLessThan(40)
    expect(Math.abs(b - 150)).toBeLessThan(40)
    expect(Math.abs(c - 50)).toBeLessThan(25)
  })

  it('starves nobody, however little it weighs', async () => {
    await using bench = new Bench()
    const started = await raced(bench, { a: 900, b: 5 }, { weights: { a: 100, b: 1 }, concurrency: 1 })
    expect(started.indexOf('b')).toBeLessThan(800)
  })

  it.each([1, 10])('gives the share of an empty queue away, without more turns: %i handlers', async (concurrency) => {
    await using bench = new Bench()
    const weights = { empty: 7, b: 2, c: 1 }
    const started = await raced(bench, { b: 300, c: 300 }, { weights, concurrency })
    const { b = 0, c = 0 } = countOf(started.slice(0, 300))
    expect(Math.abs(b - 200)).toBeLessThan(35)
    expect(Math.abs(c - 100)).toBeLessThan(35)
    const claims = bench.tap.turns.filter(({ claim }) => claim !== undefined).length
    expect(claims).toBeLessThan((600 / Math.ceil(concurrency / 2)) * 1.1 + 20)
  })

  it('fills its places at once, also where a queue has more than its share and the others nothing', async () => {
    await using bench = new Bench()
    bench.tap.always('refuse', 'watch')
    const demo = puppet('demo.a', { queue: 'a' })
    const worker = await bench.started({
      tasks: [demo.task],
      queues: ['a', 'b'],
      order: 'weighted',
      concurrency: 10,
      random: () => 0.9,
    })
    await bench.enqueue(demo.task)
    await drive(bench.clock, 19_000)
    await bench.enqueue(demo.task, 10)
    await driveUntil(bench.clock, () => demo.running > 1)
    await until(() => worker.health().running === 10)
    for (const start of demo.starts) start.finish()
  })
})
