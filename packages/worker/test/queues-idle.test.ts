import { describe, expect, it } from 'vitest'
import { Bench, drive, puppet, rounds, until, witness } from './harness.ts'
import { claimsIn, two } from './two-queues.ts'

describe('no hot spin of a worker whose queues have limits or weights', () => {
  it('makes as few turns beside a full queue and an empty one as without the full one', async () => {
    await using bench = new Bench()
    const { slow, quick, ...options } = two(1)
    await bench.enqueue(slow.task, 3)
    await bench.client.enqueue(slow.task, { n: 4 }, { delay: '1s' })
    await bench.started({ ...options, concurrency: 4 })
    await until(() => slow.running === 1)
    await drive(bench.clock, 20_000)
    const before = bench.tap.turns.length
    await drive(bench.clock, 60_000)
    expect(bench.tap.turns.length - before).toBeLessThanOrEqual(60 / 5 + 60 / 5 + 60 / 10 + 1)
    const calls = bench.tap.calls.length
    await rounds(200)
    expect(bench.tap.calls.length).toBe(calls)
    for (let done = 0; done < 4; done++) {
      await until(() => slow.starts.length > done)
      slow.starts[done]?.finish()
    }
    expect(quick.starts).toHaveLength(0)
  })

  it('makes only heartbeats while all its queues are full', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task, 3)
    await bench.client.enqueue(demo.task, { n: 4 }, { delay: '1s' })
    const worker = await bench.started({ tasks: [demo.task], queues: [{ name: 'default', concurrency: 2 }] })
    await until(() => demo.running === 2)
    expect(worker.health()).toMatchObject({ running: 2, free: 0 })
    await drive(bench.clock, 2_000)
    const before = bench.tap.turns.length
    await drive(bench.clock, 60_000)
    const turns = bench.tap.turns.slice(before)
    expect(turns.length).toBeLessThanOrEqual(60 / 5 + 60 / 10 + 1)
    expect(claimsIn(turns)).toEqual([])
    for (let done = 0; done < 4; done++) {
      await until(() => demo.starts.length > done)
      demo.starts[done]?.finish()
    }
  })

  it('is quiet with a handler that is stuck in the only place of its queue', async () => {
    await using bench = new Bench()
    const slow = puppet('demo.slow', { queue: 'slow', timeout: '1s' })
    const queues = [{ name: 'slow', concurrency: 1 }, 'quick']
    await bench.enqueue(slow.task, 2)
    await bench.started({ tasks: [slow.task], queues, concurrency: 5 })
    await drive(bench.clock, 40_000)
    const before = bench.tap.turns.length
    await drive(bench.clock, 60_000)
    expect(bench.tap.turns.length - before).toBeLessThanOrEqual(60 / 5 + 60 / 10 + 1)
    expect(slow.starts).toHaveLength(1)
    for (const start of slow.starts) start.finish()
    await until(() => slow.starts.length === 2)
    slow.starts[1]?.finish()
  })

  it('polls no more often than any other while all queues of a weighted worker are empty', async () => {
    await using bench = new Bench()
    const demo = witness('demo.a', { queue: 'a' })
    const queues = [{ name: 'a', weight: 5 }, { name: 'b', weight: 3 }, 'c']
    await bench.started({ tasks: [demo.task], queues, order: 'weighted' })
    await drive(bench.clock, 15_000)
    const before = bench.tap.turns.length
    await drive(bench.clock, 60_000)
    expect(bench.tap.turns.length - before).toBeLessThanOrEqual(60 / 5 + 60 / 10 + 1)
    const calls = bench.tap.calls.length
    await rounds(200)
    expect(bench.tap.calls.length).toBe(calls)
    await bench.enqueue(demo.task)
    await until(() => demo.runs.length === 1)
  })
})
