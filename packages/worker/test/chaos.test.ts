import { QueueError, STATUS, task, type TaskContext, type TurnRequest } from '@millrace/core'
import type { Worker } from '@millrace/worker'
import { describe, expect, it } from 'vitest'
import { dice } from './dice.ts'
import { Bench, driven, driveUntil, until } from './harness.ts'
import { tap, type Tap } from './tap.ts'

interface Weather {
  readonly tap: Tap
  /** Turns of one slot that were in flight at the same time; turns of all slots. */
  readonly most: { ofOneSlot: number; together: number }
}

/** A network that is slow by chance and loses calls and replies, of several slots and in any order. */
function stormy(bench: Bench, random: () => number, losses: number): Weather {
  const inFlight = new Map<number, number>()
  const most = { ofOneSlot: 0, together: 0 }
  const pause = (): Promise<void> =>
    new Promise((resolve) => void bench.clock.after(Math.floor(random() * 30), resolve))
  const lost = (what: string): QueueError => new QueueError('connection', `${what} was lost`, { indeterminate: true })
  const count = (slot: number, by: number): void => {
    inFlight.set(slot, (inFlight.get(slot) ?? 0) + by)
    most.ofOneSlot = Math.max(most.ofOneSlot, ...inFlight.values())
    most.together = Math.max(
      most.together,
      [...inFlight.values()].reduce((sum, one) => sum + one, 0),
    )
  }
  async function turn(request: TurnRequest) {
    count(request.slot, 1)
    try {
      await pause()
      if (random() < losses / 2) throw lost('a call')
      const answer = await bench.store.turn(request)
      await pause()
      if (random() < losses) throw lost('a reply')
      return answer
    } finally {
      count(request.slot, -1)
    }
  }
  const backend = new Proxy(bench.store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (name === 'turn') return turn
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  return { tap: tap(backend, bench.clock), most }
}

describe('chaos', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'of lost calls and replies starts no attempt twice and loses nothing: seed %i',
    async (seed) => {
      await using bench = new Bench()
      const random = dice(seed * 7_919)
      const starts: string[] = []
      const demo = task('demo.chaos', {
        retries: 10,
        backoff: () => 5,
        run: async (_: { n?: number }, { id, attempt }: TaskContext) => {
          starts.push(`${id}#${attempt}`)
          const kind = random()
          if (kind < 0.1) throw new Error('by chance')
          if (kind < 0.7) await new Promise<void>((resolve) => void bench.clock.after(Math.floor(kind * 8), resolve))
          return null
        },
      })
      const ids = await bench.enqueue(demo, 800)
      const weathers = [stormy(bench, random, 0.3), stormy(bench, random, 0.1)]
      const prefetch = 30
      const workers: Worker[] = []
      for (const [i, weather] of weathers.entries())
        workers.push(await bench.started({ tasks: [demo], concurrency: 40, prefetch, workerId: `w${i}` }, weather))
      const isOver = async (): Promise<boolean> => {
        for (const { id } of workers) {
          const { records } = await bench.store.list({ view: STATUS.running, limit: 1_000 })
          expect(records.filter(({ workerId }) => workerId === id).length).toBeLessThanOrEqual(40 + prefetch)
        }
        return (await bench.count(STATUS.completed)) === 800
      }
      await driveUntil(bench.clock, isOver, 300_000, 3)
      expect(new Set(starts).size).toBe(starts.length)
      const records = await Promise.all(ids.map((id) => bench.record(id)))
      // Every attempt but those that were given back unstarted has had a handler; no attempt had two.
      expect(starts.length).toBeLessThanOrEqual(records.reduce((sum, { attempt }) => sum + attempt, 0))
      for (const { attempt, retryCount, recoveries } of records) {
        expect(retryCount).toBeLessThan(attempt)
        expect(recoveries).toBe(0)
      }
      for (const { most } of weathers) {
        expect(most.ofOneSlot).toBe(1)
        expect(most.together).toBeLessThanOrEqual(4)
      }
      expect(Math.max(...weathers.map(({ most }) => most.together))).toBeGreaterThanOrEqual(2)
    },
  )

  it.each([
    [31, 'priority'],
    [32, 'weighted'],
    [33, 'listed'],
    [34, 'weighted'],
  ] as const)('never has more handlers of a queue than its limit: seed %i, %s', async (seed, order) => {
    await using bench = new Bench()
    const random = dice(seed * 6_700_417)
    const work = async (): Promise<null> => {
      const kind = random()
      if (kind < 0.1) throw new Error('by chance')
      // Some of them longer than their timeout.
      const ms = Math.floor(kind * (kind < 0.6 ? 8 : 30))
      await new Promise<void>((resolve) => void bench.clock.after(ms, resolve))
      return null
    }
    const options = { retries: 60, backoff: () => 5, timeout: '6ms' } as const
    const tasks = ['a', 'b', 'c'].map((queue) =>
      task<{ n?: number }, null>(`demo.${queue}`, { ...options, queue }).handle(work),
    )
    for (const one of tasks) await bench.enqueue(one, 50)
    const queues = [{ name: 'a', concurrency: 3 }, { name: 'b', concurrency: 7 }, 'c']
    const [running, most] = [new Map<string, number>(), new Map<string, number>()]
    const around = async ({ record: { queue } }: TaskContext, run: () => Promise<unknown>): Promise<unknown> => {
      const now = (running.get(queue) ?? 0) + 1
      running.set(queue, now)
      most.set(queue, Math.max(most.get(queue) ?? 0, now))
      try {
        return await run()
      } finally {
        running.set(queue, (running.get(queue) ?? 0) - 1)
      }
    }
    await bench.started(
      { tasks, queues, order, around, concurrency: 40, prefetch: 20, random },
      stormy(bench, random, 0.3),
    )
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 150, 600_000, 3)
    expect([most.get('a'), most.get('b')]).toEqual([3, 7])
    expect(most.get('c')).toBeGreaterThan(7)
  })

  it.each([21, 22, 23])('of answers that overtake each other tells nobody falsely of a loss: seed %i', async (seed) => {
    await using bench = new Bench()
    const random = dice(seed * 15_485_863)
    const demo = task('demo.chaos', {
      timeout: '4ms',
      run: async () => {
        await new Promise<void>((resolve) => void bench.clock.after(Math.floor(random() * 6), resolve))
        return null
      },
    })
    const ids = await bench.enqueue(demo, 2_000)
    const weather = stormy(bench, random, 0)
    await bench.started({ tasks: [demo], concurrency: 60, prefetch: 60, heartbeat: '5ms' }, weather)
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.pending)) === 0, 60_000, 1)
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.running)) === 0, 1_000, 1)
    const records = await Promise.all(ids.map((id) => bench.record(id)))
    expect(records.every(({ attempt }) => attempt === 1)).toBe(true)
    expect(bench.reports).toEqual([])
    expect(weather.most.together).toBeGreaterThanOrEqual(3)
  })

  it.each([11, 12, 13, 14])('in the middle of a stop gives everything back: seed %i', async (seed) => {
    await using bench = new Bench()
    const random = dice(seed * 104_729)
    const starts: string[] = []
    const ended: string[] = []
    const demo = task('demo.chaos', {
      run: async (_: { n?: number }, { id, attempt }: TaskContext) => {
        starts.push(`${id}#${attempt}`)
        await new Promise<void>((resolve) => void bench.clock.after(1 + Math.floor(random() * 6), resolve))
        ended.push(id)
        return null
      },
    })
    const ids = await bench.enqueue(demo, 3_000)
    const weather = stormy(bench, random, 0.2)
    const worker = await bench.started({ tasks: [demo], concurrency: 60, prefetch: 60 }, weather)
    await driveUntil(bench.clock, () => starts.length > 900, 60_000, 1)
    await driven(bench.clock, worker.stop())
    const startsAtStop = starts.length
    const records = await Promise.all(ids.map((id) => bench.record(id)))
    const finished = new Set(ended)
    for (const { id, status, retryCount, recoveries, workerId } of records) {
      expect({ id, status }).toEqual({ id, status: finished.has(id) ? STATUS.completed : STATUS.pending })
      expect({ retryCount, recoveries, workerId }).toEqual({ retryCount: 0, recoveries: 0, workerId: null })
    }
    expect(bench.told('unsettled')).toEqual([])
    expect(bench.told('lost')).toEqual([])
    const next = await bench.started({ tasks: [demo], concurrency: 200 })
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 3_000, 60_000, 5)
    expect(starts.length - startsAtStop).toBe(3_000 - finished.size + (ended.length - 3_000))
    expect(new Set(starts).size).toBe(starts.length)
    await until(() => next.health().running === 0)
  })
})
