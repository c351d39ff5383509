import { describe, expect, it } from 'vitest'
import { Bench, drive, puppet, rounds, until, witness } from './harness.ts'

describe('health', () => {
  it('tells that the worker is starting, running, stopping, stopped', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task)
    const worker = bench.worker({ tasks: [demo.task], concurrency: 4 })
    bench.clock.advance(60_000)
    expect(worker.health()).toEqual({
      status: 'starting',
      lastTurnAt: null,
      lagMs: 0,
      running: 0,
      prefetched: 0,
      free: 4,
      queues: [{ name: 'default', running: 0, prefetched: 0, concurrency: null }],
      aborted: 0,
      stuck: [],
      consecutiveErrors: 0,
      lastError: null,
    })
    await worker.start()
    expect(worker.health()).toMatchObject({ status: 'running', lastTurnAt: bench.clock.now(), running: 1, free: 3 })
    const stopped = worker.stop()
    expect(worker.health()).toMatchObject({ status: 'stopping', running: 1, free: 0 })
    demo.starts[0]?.finish()
    await stopped
    expect(worker.health()).toMatchObject({ status: 'stopped', running: 0 })
  })

  it('shows when the backend was last reached, and for how long a turn has been due', async () => {
    await using bench = new Bench()
    const worker = await bench.started({ tasks: [witness().task] })
    await drive(bench.clock, 60_000)
    const { lastTurnAt, lagMs } = worker.health()
    expect(bench.clock.now() - (lastTurnAt ?? 0)).toBeLessThanOrEqual(5_000)
    expect(lagMs).toBe(0)
    bench.tap.always('hang', 'turn')
    await drive(bench.clock, 30_000)
    expect(worker.health().lagMs).toBeGreaterThanOrEqual(25_000)
    expect(worker.health().consecutiveErrors).toBeGreaterThanOrEqual(2)
    expect(worker.health().lastTurnAt).toBe(lastTurnAt === null ? null : worker.health().lastTurnAt)
    bench.tap.heal()
    await drive(bench.clock, 20_000)
    expect(worker.health()).toMatchObject({ lagMs: 0, consecutiveErrors: 0 })
    expect(String(worker.health().lastError)).toContain('not answered')
  })

  it('shows a blocked event loop as lag', async () => {
    await using bench = new Bench()
    const worker = await bench.started({ tasks: [witness().task] })
    await drive(bench.clock, 20_000)
    bench.clock.advance(60_000)
    expect(worker.health().lagMs).toBeGreaterThanOrEqual(55_000)
    await rounds()
    expect(worker.health().lagMs).toBe(0)
  })

  it('shows of each queue what runs, what waits for a place, and its limit', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.mail', { queue: 'mail' })
    await bench.enqueue(demo.task, 5)
    const queues = [{ name: 'mail', concurrency: 3 }, 'pdf']
    const worker = await bench.started({ tasks: [demo.task], queues, concurrency: 8 })
    await until(() => demo.running === 3)
    expect(worker.health()).toMatchObject({ running: 3, free: 5 })
    expect(worker.health().queues).toEqual([
      { name: 'mail', running: 3, prefetched: 0, concurrency: 3 },
      { name: 'pdf', running: 0, prefetched: 0, concurrency: null },
    ])
    for (let done = 0; done < 5; done++) {
      await until(() => demo.starts.length > done)
      demo.starts[done]?.finish()
    }
  })

  it('counts from the first time that a handler was told to stop', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id = ''] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    await bench.client.cancel(id, { includeRunning: true })
    await until(() => demo.starts[0]?.context.signal.aborted)
    await drive(bench.clock, 60_000)
    expect(worker.health().stuck).toMatchObject([{ id, abortedFor: 60_000 }])
    demo.starts[0]?.finish()
  })

  it('names handlers that were told to stop long ago and still run', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.stuck', { timeout: '1s' })
    const [id] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    await drive(bench.clock, 20_000)
    expect(worker.health()).toMatchObject({ running: 1, aborted: 1, stuck: [] })
    await drive(bench.clock, 2_000)
    const [abortedFor, abortedAt] = [21_000, bench.clock.now() - 21_000]
    expect(worker.health().stuck).toEqual([
      { id, attempt: 1, taskName: 'demo.stuck', queue: 'default', code: 'timeout', abortedAt, abortedFor },
    ])
    expect(bench.told('handler-stuck')).toMatchObject([
      { level: 'error', id, message: expect.stringContaining('demo.stuck') },
    ])
    await drive(bench.clock, 60_000)
    expect(bench.told('handler-stuck')).toHaveLength(1)
    demo.starts[0]?.finish()
    await until(() => worker.health().running === 0)
    expect(worker.health()).toMatchObject({ aborted: 0, stuck: [], free: 10 })
  })
})
