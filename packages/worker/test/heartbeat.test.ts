import { AttemptAborted, manualClock, STATUS } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driveUntil, puppet, rounds, until, witness } from './harness.ts'
import { tap } from './tap.ts'

describe('heartbeats', () => {
  it('touch everything that is held, only when they are due', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const ids = await bench.enqueue(demo.task, 3)
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 3)
    const before = bench.tap.turns.length
    await drive(bench.clock, 20_000)
    const beats = bench.tap.turns.slice(before).filter(({ touches }) => touches !== undefined)
    expect(beats).toHaveLength(4)
    for (const { touches } of beats) expect(touches).toEqual(ids.map((id) => ({ id, attempt: 1 })))
    expect((await bench.record(ids[0])).heartbeatAt).toBe(bench.clock.now())
    for (const start of demo.starts) start.finish()
  })

  it('keep a long attempt alive for hours', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    await drive(bench.clock, 4 * 3_600_000, 1_000)
    demo.starts[0]?.finish()
    await until(async () => (await bench.status(id)) === STATUS.completed)
    expect(await bench.record(id)).toMatchObject({ attempt: 1, recoveries: 0 })
  })

  it('go on after a failing turn, and nobody is told to stop (D23, F42)', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    bench.tap.always('refuse', 'turn')
    await drive(bench.clock, 14_000)
    bench.tap.heal()
    await drive(bench.clock, 60_000)
    expect(demo.starts).toHaveLength(1)
    expect(demo.starts[0]?.context.signal.aborted).toBe(false)
    demo.starts[0]?.finish()
    await until(async () => (await bench.status(id)) === STATUS.completed)
    expect(await bench.record(id)).toMatchObject({ attempt: 1, recoveries: 0 })
  })

  it('go on after an error that the worker did not expect (D23)', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    let isBroken = true
    bench.tap.answers((answer) => {
      if (!isBroken) return answer
      isBroken = false
      throw new TypeError('cannot read properties of undefined')
    })
    await drive(bench.clock, 60_000)
    expect(bench.told('turn-failed')).toHaveLength(1)
    expect(await bench.record(id)).toMatchObject({ attempt: 1, status: STATUS.running })
    demo.starts[0]?.finish()
  })

  it('go on while a call hangs: it is given up in time (F18)', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    bench.tap.next('turn', 'hang')
    await drive(bench.clock, 60_000)
    expect(await bench.record(id)).toMatchObject({ attempt: 1, recoveries: 0, status: STATUS.running })
    expect(bench.told('turn-failed')[0]?.message).toContain('not answered within 10000 ms')
    demo.starts[0]?.finish()
  })

  it('tell a handler that its attempt is lost, keep its slot, and drop what it does', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id = ''] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task], concurrency: 1, sweepEvery: '1h' })
    await until(() => demo.starts.length === 1)
    await bench.client.disown([{ id, attempt: 1 }])
    await bench.client.recoverStale({ staleAfter: '1h' })
    await bench.client.claimTask(id, { workerId: 'somebody-else' })
    await drive(bench.clock, 5_000)
    const { signal } = demo.starts[0]?.context ?? {}
    expect(signal?.reason).toBeInstanceOf(AttemptAborted)
    expect(signal?.reason).toMatchObject({ code: 'lost' })
    expect(bench.told('lost')).toMatchObject([{ level: 'warning', id }])
    expect(worker.health()).toMatchObject({ running: 1, free: 0 })
    const before = bench.tap.turns.length
    demo.starts[0]?.finish()
    await until(() => worker.health().free === 1)
    await drive(bench.clock, 20_000)
    expect(bench.tap.turns.slice(before).flatMap(({ settlements = [] }) => settlements)).toEqual([])
    expect(await bench.record(id)).toMatchObject({ status: STATUS.running, attempt: 2, workerId: 'somebody-else' })
    await bench.client.complete({ id, attempt: 2 })
  })

  it('report a lost outcome that could not have been known before', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id = ''] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task], sweepEvery: '1h' })
    await until(() => demo.starts.length === 1)
    await bench.client.disown([{ id, attempt: 1 }])
    await bench.client.recoverStale({ staleAfter: '1h' })
    await bench.client.claimTask(id, { workerId: 'somebody-else' })
    demo.starts[0]?.finish()
    await until(() => bench.told('lost').length === 1)
    expect(await bench.record(id)).toMatchObject({ attempt: 2, result: null })
    await bench.client.complete({ id, attempt: 2 }, 'theirs')
  })

  it('tell a handler that it was cancelled, at once by a hint, and free the key when it has returned', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const handle = await bench.client.enqueue(demo.task, { n: 1 }, { key: 'k' })
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    await drive(bench.clock, 2_000)
    await bench.client.cancel(handle.id, { includeRunning: true })
    await until(() => demo.starts[0]?.context.signal.aborted)
    expect(demo.starts[0]?.context.signal.reason).toMatchObject({ code: 'cancelled' })
    await drive(bench.clock, 60_000)
    expect(await bench.record(handle.id)).toMatchObject({ status: STATUS.cancelled, workerId: worker.id })
    expect((await bench.client.enqueue(demo.task, { n: 2 }, { key: 'k' })).outcome).toBe('existing')
    demo.starts[0]?.finish('ignored')
    await until(async () => (await bench.record(handle.id)).workerId === null)
    expect(await bench.record(handle.id)).toMatchObject({ status: STATUS.cancelled, result: null })
    const settled = bench.tap.turns.flatMap(({ settlements = [] }) => settlements)
    expect(settled).toEqual([{ outcome: 'release', id: handle.id, attempt: 1 }])
    expect((await bench.client.enqueue(demo.task, { n: 3 }, { key: 'k' })).outcome).toBe('created')
    await until(() => demo.starts.length === 2)
    demo.starts[1]?.finish()
  })

  it('leave a cancelled record held when its timeout is over, too', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.timeout', { timeout: '10s' })
    const [id = ''] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    await bench.client.cancel(id, { includeRunning: true })
    await drive(bench.clock, 60_000)
    expect(await bench.record(id)).toMatchObject({ status: STATUS.cancelled, workerId: worker.id })
    demo.starts[0]?.finish()
    await until(async () => (await bench.record(id)).workerId === null)
  })

  it('tell a handler that it was cancelled without a hint, too', async () => {
    await using bench = new Bench()
    bench.tap.always('hang', 'watch')
    const demo = puppet()
    const [id = ''] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    await bench.client.cancel(id, { includeRunning: true })
    expect(await driveUntil(bench.clock, () => demo.starts[0]?.context.signal.aborted)).toBeLessThanOrEqual(5_000)
    demo.starts[0]?.fail(new Error('stopped'))
    await until(async () => (await bench.record(id)).workerId === null)
    expect((await bench.record(id)).error).toMatchObject({ code: 'cancelled' })
  })

  it('do not go backwards with the clock of the machine', async () => {
    await using bench = new Bench()
    let setBackMs = 0
    const clock = { now: () => bench.clock.now() - setBackMs, after: bench.clock.after }
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task] }, { clock })
    await until(() => demo.starts.length === 1)
    await drive(bench.clock, 6_000)
    setBackMs = 3_600_000
    await drive(bench.clock, 120_000)
    expect(bench.clock.now() - ((await bench.record(id)).heartbeatAt ?? 0)).toBeLessThanOrEqual(5_050)
    await bench.enqueue(demo.task)
    await driveUntil(bench.clock, () => demo.starts.length === 2, 10_000)
    for (const start of demo.starts) start.finish()
  })

  it('are not driven by a flood of false hints', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task)
    bench.tap.hints({ kind: 'control' })
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    const before = bench.tap.turns.length
    await drive(bench.clock, 10_000)
    expect(bench.tap.turns.length - before).toBeLessThanOrEqual(10_000 / 50 + 10)
    demo.starts[0]?.finish()
  })

  it('find out what a blocked event loop has cost, and only one outcome counts (F16)', async () => {
    await using bench = new Bench()
    const blocked = manualClock(bench.clock.now())
    const demo = puppet('demo.blocked', { retries: 0 })
    const [id = ''] = await bench.enqueue(demo.task)
    const seen = tap(bench.store, blocked)
    const frozen = bench.worker({ tasks: [demo.task] }, { tap: seen, clock: blocked })
    await frozen.start()
    await until(() => demo.starts.length === 1)
    await bench.started({ tasks: [demo.task] })
    await driveUntil(bench.clock, () => demo.starts.length === 2)
    blocked.advance(60_000)
    await until(() => demo.starts[0]?.context.signal.aborted)
    expect(demo.starts[0]?.context.signal.reason).toMatchObject({ code: 'lost' })
    demo.starts[0]?.finish('the zombie')
    demo.starts[1]?.finish()
    await until(async () => (await bench.status(id)) === STATUS.completed)
    expect(await bench.record(id)).toMatchObject({ attempt: 2, recoveries: 1, result: null })
    const stopped = frozen.stop({ graceMs: 0 })
    await until(() => frozen.health().status === 'stopped')
    await stopped
    expect({ timers: blocked.pending, watches: seen.openWatches }).toEqual({ timers: 0, watches: 0 })
  })

  it('give up an older attempt on a record that the same worker has claimed again', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id = ''] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task], sweepEvery: '1h' })
    await until(() => demo.starts.length === 1)
    await bench.client.disown([{ id, attempt: 1 }])
    await bench.client.recoverStale({ staleAfter: '1h' })
    await until(() => demo.starts.length === 2)
    expect(demo.starts[0]?.context.signal.reason).toMatchObject({ code: 'lost' })
    expect(demo.starts[1]?.context.signal.aborted).toBe(false)
    await drive(bench.clock, 30_000)
    expect(demo.starts[1]?.context.signal.aborted).toBe(false)
    demo.starts[0]?.finish('old')
    demo.starts[1]?.finish()
    await until(async () => (await bench.status(id)) === STATUS.completed)
    expect((await bench.record(id)).attempt).toBe(2)
  })
})

describe('presence', () => {
  it('is shown at start, and taken back at stop', async () => {
    await using bench = new Bench()
    const demo = witness()
    const worker = await bench.started({ tasks: [demo.task], concurrency: 3, queues: ['default'] })
    const shown = async () => (await bench.client.statistics()).workers
    expect(await shown()).toMatchObject([
      {
        workerId: worker.id,
        concurrency: 3,
        pid: process.pid,
        lines: [{ queue: 'default', executionBackend: 'local' }],
      },
    ])
    await worker.stop()
    expect(await shown()).toEqual([])
  })

  it('is shown while there is work as often as a fleet wants to know it', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    const before = bench.tap.turns.filter(({ presence }) => presence !== undefined).length
    await drive(bench.clock, 60_000)
    expect(bench.tap.turns.filter(({ presence }) => presence !== undefined)).toHaveLength(before + 6)
    demo.starts[0]?.finish()
  })

  it('is shown without work twice an hour, and the fleet does not forget the worker', async () => {
    await using bench = new Bench()
    const demo = witness()
    const worker = await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 5 * 3_600_000, 1_000)
    expect(bench.tap.turns.filter(({ presence }) => presence !== undefined)).toHaveLength(11)
    expect((await bench.client.statistics()).workers).toMatchObject([{ workerId: worker.id }])
  })

  it('is shown again after the fleet has forgotten the worker', async () => {
    await using bench = new Bench()
    const demo = witness()
    await bench.started({ tasks: [demo.task] })
    bench.tap.always('refuse', 'turn')
    await drive(bench.clock, 3_700_000, 1_000)
    expect((await bench.client.statistics()).workers).toEqual([])
    bench.tap.heal()
    await drive(bench.clock, 20_000)
    await rounds()
    expect((await bench.client.statistics()).workers).toHaveLength(1)
  })
})
