import { AttemptAborted, STATUS } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driven, driveUntil, puppet, type BenchWorkerOptions } from './harness.ts'
import { brief, slowTap, warmWorker } from './slow.ts'

/** A warm worker with two handlers that do not return, and four records behind them. */
async function full(bench: Bench, demo = puppet(), options: Partial<BenchWorkerOptions> = {}) {
  const { worker, tap } = await warmWorker(bench, { tasks: [demo.task], concurrency: 2, prefetch: 4, ...options })
  const ids = await bench.enqueue(demo.task, 12)
  await driveUntil(bench.clock, () => demo.running === 2 && worker.health().prefetched === 4, 500, 1)
  return { worker, tap, demo, ids, behind: ids.slice(2, 6) }
}

describe('prefetch', () => {
  it('holds nothing beyond what runs before handlers were seen to be short, and for long ones', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task, 40)
    const worker = await bench.started({ tasks: [demo.task], concurrency: 3 }, { tap: slowTap(bench, 4) })
    for (let done = 0; done < 12; done++) {
      await driveUntil(bench.clock, () => demo.running === 3, 1_000, 1)
      await drive(bench.clock, 300, 20)
      expect(await bench.count(STATUS.running)).toBe(3)
      expect(worker.health()).toMatchObject({ running: 3, prefetched: 0 })
      demo.starts[done]?.finish()
    }
    for (const start of demo.starts) start.finish()
    await driven(bench.clock, worker.stop({ graceMs: 0 }))
  })

  it('keeps handlers busy while turns are on their way, and holds at most so many beyond the concurrency', async () => {
    await using bench = new Bench()
    const durations: number[] = []
    for (const prefetch of [0, 6]) {
      const demo = brief(bench, `demo.brief-${prefetch}`)
      const ids = await bench.enqueue(demo.task, 400)
      const from = bench.clock.now()
      const options = { tasks: [demo.task], concurrency: 2, prefetch }
      const worker = await bench.started(options, { tap: slowTap(bench, 4) })
      let most = 0
      while (demo.runs.length < 400) {
        most = Math.max(most, await bench.count(STATUS.running))
        expect(worker.health().prefetched).toBeLessThanOrEqual(prefetch)
        await drive(bench.clock, 1, 1)
      }
      expect(most).toBe(2 + prefetch)
      // In the order in which they were claimed.
      expect(demo.runs).toEqual(ids.map((id) => `${id}#1`))
      durations.push(bench.clock.now() - from)
      await driven(bench.clock, worker.stop())
    }
    const [strict = 0, eager = 0] = durations
    expect(eager).toBeLessThan(strict / 2)
  })

  it('is bounded by default, too', async () => {
    await using bench = new Bench()
    const demo = brief(bench)
    await bench.enqueue(demo.task, 600)
    const worker = await bench.started({ tasks: [demo.task], concurrency: 4 }, { tap: slowTap(bench, 40) })
    let most = 0
    for (let i = 0; i < 2_000 && demo.runs.length < 600; i++) {
      most = Math.max(most, await bench.count(STATUS.running))
      await drive(bench.clock, 1, 1)
    }
    expect(most).toBeGreaterThan(8)
    expect(most).toBeLessThanOrEqual(4 + 20)
    await driven(bench.clock, worker.stop())
  })

  it('is counted apart by health, and beaten like what runs, in one list', async () => {
    await using bench = new Bench()
    const { worker, tap, demo, ids, behind } = await full(bench, puppet(), { heartbeat: '200ms', staleAfter: '1s' })
    expect(worker.health()).toMatchObject({ running: 2, prefetched: 4, free: 0 })
    const before = tap.turns.length
    await drive(bench.clock, 500, 10)
    const beats = tap.turns.slice(before).filter(({ touches }) => touches !== undefined)
    expect(beats.length).toBeGreaterThanOrEqual(2)
    for (const { touches } of beats) expect(touches).toEqual(ids.slice(0, 6).map((id) => ({ id, attempt: 1 })))
    const beaten = await Promise.all(behind.map((id) => bench.record(id)))
    for (const { heartbeatAt, startedAt } of beaten) expect(heartbeatAt).toBeGreaterThan(startedAt ?? 0)
    await driven(bench.clock, worker.stop({ graceMs: 0 }))
    for (const start of demo.starts) start.finish()
  })

  it('is given back at once when the worker stops: no retry consumed, no handler started, and in its old place', async () => {
    await using bench = new Bench()
    const { worker, demo, behind } = await full(bench, puppet('demo.puppet', { retries: 3 }))
    const before = await Promise.all(behind.map((id) => bench.record(id)))
    const stopped = worker.stop({ grace: '1h' })
    expect(worker.health()).toMatchObject({ status: 'stopping', running: 2, prefetched: 0 })
    expect(await driveUntil(bench.clock, async () => (await bench.count(STATUS.running)) === 2, 50, 1)).toBeLessThan(20)
    for (const [i, id] of behind.entries()) {
      expect(await bench.record(id)).toMatchObject({
        status: STATUS.pending,
        lastEvent: 'release',
        attempt: 1,
        retryCount: 0,
        recoveries: 0,
        workerId: null,
        queuedAt: before[i]?.queuedAt,
      })
    }
    expect(demo.starts).toHaveLength(2)
    for (const start of demo.starts) start.finish()
    await driven(bench.clock, stopped)
    expect(demo.starts).toHaveLength(2)
    expect(bench.reports).toEqual([])
  })

  it('is dropped when it was cancelled, and its key is free', async () => {
    await using bench = new Bench()
    const { worker, demo, behind } = await full(bench)
    const [id = ''] = behind
    await bench.client.cancel(id, { includeRunning: true })
    await driveUntil(bench.clock, async () => (await bench.record(id)).workerId === null, 500, 1)
    expect(await bench.record(id)).toMatchObject({ status: STATUS.cancelled, attempt: 1 })
    expect(worker.health().prefetched).toBe(3)
    demo.starts[0]?.finish()
    await driveUntil(bench.clock, () => demo.starts.length === 3, 100, 1)
    expect(demo.starts[2]?.context.id).toBe(behind[1])
    expect(bench.told('lost')).toEqual([])
    await driven(bench.clock, worker.stop({ graceMs: 0 }))
    for (const start of demo.starts) start.finish()
  })

  it('is dropped when it was lost', async () => {
    await using bench = new Bench()
    const options = { heartbeat: '200ms', staleAfter: '1s', sweepEvery: '1h' } as const
    const { worker, demo, behind } = await full(bench, puppet(), options)
    const [id = ''] = behind
    await bench.client.disown([{ id, attempt: 1 }])
    await bench.client.recoverStale({ staleAfter: '1h' })
    await bench.client.claimTask(id, { workerId: 'somebody-else' })
    await driveUntil(bench.clock, () => bench.told('lost').length === 1, 300, 1)
    expect(bench.told('lost')).toMatchObject([
      { level: 'warning', id, message: expect.stringContaining('demo.puppet') },
    ])
    expect(worker.health().prefetched).toBe(3)
    await driven(bench.clock, worker.stop({ graceMs: 0 }))
    expect(demo.starts.map(({ context }) => context.id)).not.toContain(id)
    expect(await bench.record(id)).toMatchObject({ status: STATUS.running, workerId: 'somebody-else' })
    await bench.client.complete({ id, attempt: 2 })
    for (const start of demo.starts) start.finish()
  })

  it('is given back when it has waited for a second, and nothing is held for a while after that', async () => {
    await using bench = new Bench()
    const { worker, tap, demo, behind } = await full(bench)
    await drive(bench.clock, 900, 10)
    expect(worker.health().prefetched).toBe(4)
    await drive(bench.clock, 110, 10)
    expect(worker.health().prefetched).toBe(0)
    for (const id of behind) expect(await bench.record(id)).toMatchObject({ status: STATUS.pending, attempt: 1 })
    const before = tap.turns.length
    await drive(bench.clock, 9_000, 20)
    expect(tap.turns.slice(before).every(({ claim }) => claim === undefined)).toBe(true)
    expect(tap.turns.length - before).toBeLessThanOrEqual(9 / 5 + 9 / 10 + 1)
    for (const id of behind) expect(await bench.record(id)).toMatchObject({ status: STATUS.pending, retryCount: 0 })
    await driven(bench.clock, worker.stop({ graceMs: 0 }))
    for (const start of demo.starts) start.finish()
  })

  it('is not held again at once when handlers become short again after that', async () => {
    await using bench = new Bench()
    const { worker, demo, ids } = await full(bench)
    await drive(bench.clock, 1_100, 10)
    await bench.client.cancel(ids.slice(2))
    const short = brief(bench, 'demo.warm')
    await bench.enqueue(short.task, 900)
    for (const start of demo.starts) start.finish()
    for (let i = 0; i < 400; i++) {
      await drive(bench.clock, 1, 1)
      expect(worker.health().prefetched).toBe(0)
    }
    await driven(bench.clock, worker.stop())
  })

  it('does not count for the timeout: that begins with the handler', async () => {
    await using bench = new Bench()
    const slow = puppet('demo.slow', { timeout: '600ms' })
    const { worker, behind } = await full(bench, slow)
    await drive(bench.clock, 500, 10)
    slow.starts[0]?.finish()
    await driveUntil(bench.clock, () => slow.starts.length === 3, 50, 1)
    const third = slow.starts[2]?.context
    expect(third?.id).toBe(behind[0])
    // Claimed 500 ms ago; its handler has all of its 600 ms.
    expect(await driveUntil(bench.clock, () => third?.signal.aborted, 1_000, 10)).toBeGreaterThanOrEqual(590)
    expect(third?.signal.reason).toBeInstanceOf(AttemptAborted)
    await driven(bench.clock, worker.stop({ graceMs: 0 }))
    for (const start of slow.starts) start.finish()
  })

  it('gives way to a later attempt on the same record', async () => {
    await using bench = new Bench()
    const { worker, demo, ids, behind } = await full(bench, puppet(), { sweepEvery: '1h' })
    const id = behind.at(-1) ?? ''
    await bench.client.cancel(ids.slice(6))
    await bench.client.disown([{ id, attempt: 1 }])
    await bench.client.recoverStale({ staleAfter: '1h' })
    // Claimed again by the same worker before its heartbeat could tell that the first attempt was lost.
    demo.starts[0]?.finish()
    await driveUntil(bench.clock, async () => (await bench.record(id)).attempt === 2, 100, 1)
    await drive(bench.clock, 10, 1)
    for (let done = 1; done < 6; done++) {
      await driveUntil(bench.clock, () => demo.starts.length > done, 500, 1)
      demo.starts[done]?.finish()
    }
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.completed, 500, 1)
    const attempts = demo.starts.filter(({ context }) => context.id === id).map(({ context }) => context.attempt)
    expect(attempts).toEqual([2])
    await driven(bench.clock, worker.stop())
  })
})
