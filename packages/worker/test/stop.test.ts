import { AttemptAborted, QueueError, STATUS } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driven, driveUntil, lasts, puppet, rounds, until, witness } from './harness.ts'
import { tap } from './tap.ts'

describe('stop', () => {
  it('claims no more, and waits for what runs', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const ids = await bench.enqueue(demo.task, 3)
    const worker = await bench.started({ tasks: [demo.task], concurrency: 2 })
    await until(() => demo.starts.length === 2)
    const stopped = worker.stop()
    expect(worker.health().status).toBe('stopping')
    await drive(bench.clock, 10_000)
    demo.starts[0]?.finish()
    await drive(bench.clock, 10_000)
    expect(demo.starts).toHaveLength(2)
    expect(demo.starts[1]?.context.signal.aborted).toBe(false)
    demo.starts[1]?.finish()
    await driven(bench.clock, stopped)
    expect(await Promise.all(ids.map((id) => bench.status(id)))).toEqual([
      STATUS.completed,
      STATUS.completed,
      STATUS.pending,
    ])
    expect(worker.health()).toMatchObject({ status: 'stopped', running: 0, free: 0, lagMs: 0 })
    const calls = bench.tap.calls.length
    await drive(bench.clock, 60_000, 500)
    expect(bench.tap.calls).toHaveLength(calls)
    expect(bench.reports).toEqual([])
  })

  it('keeps beating while it waits', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    const stopped = worker.stop({ grace: '1h' })
    const other = await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 120_000)
    expect(await bench.record(id)).toMatchObject({ attempt: 1, recoveries: 0, workerId: worker.id })
    demo.starts[0]?.finish()
    await driven(bench.clock, stopped)
    expect(other.health().status).toBe('running')
  })

  it('aborts after the grace, gives a moment, and releases what is left without consuming a retry (D30)', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.slow', { retries: 3 })
    const ids = await bench.enqueue(demo.task, 2)
    const before = await Promise.all(ids.map((id) => bench.record(id)))
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 2)
    const stopped = worker.stop({ grace: '2s' })
    await drive(bench.clock, 1_950)
    expect(demo.starts[0]?.context.signal.aborted).toBe(false)
    await drive(bench.clock, 50)
    expect(demo.starts[0]?.context.signal.reason).toBeInstanceOf(AttemptAborted)
    expect(demo.starts[0]?.context.signal.reason).toMatchObject({ code: 'shutdown' })
    expect(await lasts(bench, stopped)).toBeLessThanOrEqual(1_050)
    for (const [i, id] of ids.entries()) {
      expect(await bench.record(id)).toMatchObject({
        status: STATUS.pending,
        lastEvent: 'release',
        attempt: 1,
        retryCount: 0,
        recoveries: 0,
        workerId: null,
        error: null,
        queuedAt: before[i]?.queuedAt,
      })
    }
    expect(bench.told('handler-stuck').length).toBeGreaterThan(0)
    for (const start of demo.starts) start.finish('too late')
    await rounds()
    expect(await bench.status(ids[0])).toBe(STATUS.pending)
  })

  it('releases also what throws because it was told to stop, and completes what returns in the last moment', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.slow', { retries: 3 })
    const [first, second] = await bench.enqueue(demo.task, 2)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 2)
    const stopped = worker.stop({ graceMs: 0 })
    await rounds()
    demo.starts[0]?.fail(demo.starts[0].context.signal.reason)
    demo.starts[1]?.finish()
    await until(() => worker.health().status === 'stopped')
    await stopped
    expect(await bench.record(first)).toMatchObject({
      status: STATUS.pending,
      lastEvent: 'release',
      retryCount: 0,
      error: null,
    })
    expect(await bench.status(second)).toBe(STATUS.completed)
  })

  it('is idempotent, and a second call with less grace shortens it', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    const first = worker.stop({ grace: '1h' })
    await drive(bench.clock, 5_000)
    const shorter = worker.stop({ grace: '1s' })
    const longer = worker.stop({ grace: '2h' })
    expect(await lasts(bench, Promise.all([first, longer, shorter]))).toBeLessThanOrEqual(2_100)
    expect(await bench.status(id)).toBe(STATUS.pending)
    await worker.stop()
    demo.starts[0]?.finish()
  })

  it('gives back what a claim brings that was under way', async () => {
    await using bench = new Bench()
    const demo = puppet()
    bench.tap.always('refuse', 'watch')
    const worker = await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 10_000)
    bench.tap.next('turn', 'hold')
    const ids = await bench.enqueue(demo.task, 3)
    await drive(bench.clock, 5_000)
    const stopped = worker.stop()
    await rounds()
    bench.tap.release()
    await driven(bench.clock, stopped)
    expect(demo.starts).toEqual([])
    for (const id of ids)
      expect(await bench.record(id)).toMatchObject({
        status: STATUS.pending,
        attempt: 1,
        retryCount: 0,
        workerId: null,
      })
  })

  it.each(['lose', 'mute'] as const)('gives back what a claim took whose reply was lost: %s', async (fault) => {
    await using bench = new Bench()
    const demo = puppet()
    bench.tap.always('refuse', 'watch')
    const worker = await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 10_000)
    bench.tap.next('turn', fault)
    const ids = await bench.enqueue(demo.task, 3)
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.running)) === 3)
    if (fault === 'mute') await drive(bench.clock, 9_900)
    await driven(bench.clock, worker.stop())
    expect(demo.starts).toEqual([])
    for (const id of ids)
      expect(await bench.record(id)).toMatchObject({ status: STATUS.pending, attempt: 1, retryCount: 0 })
  })

  it('does not repeat a claim that nobody has answered', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const worker = await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 10_000)
    bench.tap.next('turn', 'drop')
    const [id] = await bench.enqueue(demo.task)
    await until(() => worker.health().consecutiveErrors === 1)
    const before = bench.tap.turns.length
    await driven(bench.clock, worker.stop())
    expect(bench.tap.turns.slice(before).some(({ claim }) => claim !== undefined)).toBe(false)
    expect(await bench.record(id)).toMatchObject({ status: STATUS.pending, attempt: 0 })
  })

  it('gives back a lost claim while it waits for others', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    await drive(bench.clock, 10_000)
    bench.tap.next('turn', 'lose')
    const [id] = await bench.enqueue(demo.task)
    await until(() => worker.health().consecutiveErrors === 1)
    const stopped = worker.stop({ grace: '1h' })
    expect(await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.pending)).toBeLessThanOrEqual(
      5_100,
    )
    demo.starts[0]?.finish()
    await driven(bench.clock, stopped)
  })

  it('does not wait for the end of a pause after an error', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task], random: () => 0.999 })
    await until(() => demo.starts.length === 1)
    bench.tap.always('refuse', 'turn')
    demo.starts[0]?.finish()
    await drive(bench.clock, 15_000)
    bench.tap.heal()
    expect(await lasts(bench, worker.stop())).toBeLessThanOrEqual(50)
    expect(await bench.status(id)).toBe(STATUS.completed)
  })

  it('does not wait for a backend that was closed before it', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task)
    const seen = tap(memoryBackend({ clock: bench.clock }), bench.clock)
    const worker = await bench.started({ tasks: [demo.task] }, { tap: seen })
    await seen.backend.close()
    expect(await lasts(bench, worker.stop())).toBeLessThanOrEqual(50)
  })

  it('says nothing of wake-ups that it does not need any more', async () => {
    await using bench = new Bench()
    bench.tap.always('hang', 'watch')
    const worker = await bench.started({ tasks: [witness().task] })
    await drive(bench.clock, 4_000)
    expect(await lasts(bench, worker.stop())).toBeLessThanOrEqual(50)
    expect(bench.reports).toEqual([])
  })

  it('leaves no worker, timer or watch behind, and can be called before start', async () => {
    await using bench = new Bench()
    const demo = witness()
    const worker = bench.worker({ tasks: [demo.task] })
    await worker.stop()
    expect(worker.health().status).toBe('stopped')
    await expect(worker.start()).rejects.toMatchObject({ code: 'closed' })
    await expect(worker.run()).rejects.toMatchObject({ code: 'closed' })
    expect(bench.tap.calls).toEqual([])
  })

  it('ends a start that is under way', async () => {
    await using bench = new Bench()
    bench.tap.always('refuse', 'open', 'turn')
    const worker = bench.worker({ tasks: [witness().task] })
    const starting = worker.start()
    const refused = expect(starting).rejects.toMatchObject({ code: 'closed' })
    await drive(bench.clock, 3_000)
    await driven(bench.clock, worker.stop())
    await refused
  })

  it.each(['refuse', 'drop', 'hang'] as const)(
    'ends in bounded time with the backend down, and says what was not settled: %s',
    async (fault) => {
      await using bench = new Bench()
      const demo = puppet()
      const [id] = await bench.enqueue(demo.task)
      const worker = await bench.started({ tasks: [demo.task] })
      await until(() => demo.starts.length === 1)
      await drive(bench.clock, 4_000)
      bench.tap.always(fault, 'turn', 'sweep', 'watch')
      await drive(bench.clock, 3_000)
      expect(await lasts(bench, worker.stop({ grace: '2s' }))).toBeLessThanOrEqual(2_000 + 1_000 + 5_000 + 100)
      expect(bench.told('unsettled')).toMatchObject([
        { level: 'error', message: expect.stringContaining('1 outcomes') },
      ])
      bench.tap.heal()
      const other = puppet()
      await bench.started({ tasks: [other.task] })
      await driveUntil(bench.clock, () => other.starts.length === 1)
      expect((await bench.record(id)).retryCount).toBe(0)
      other.starts[0]?.finish()
      demo.starts[0]?.finish()
    },
  )

  it('settles what it can when the backend comes back in time', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    bench.tap.always('refuse', 'turn')
    demo.starts[0]?.finish()
    await drive(bench.clock, 20_000)
    const stopped = worker.stop()
    await drive(bench.clock, 2_000)
    bench.tap.heal()
    await driven(bench.clock, stopped)
    expect(await bench.status(id)).toBe(STATUS.completed)
    expect(bench.told('unsettled')).toEqual([])
  })

  it('does not wait for a stuck handler longer than for any other', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.stuck', { timeout: '1s' })
    const [id] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 5_000)
    expect(await lasts(bench, worker.stop({ grace: '3s' }))).toBeLessThanOrEqual(4_100)
    expect(await bench.record(id)).toMatchObject({ status: STATUS.failed, error: { code: 'timeout' } })
    demo.starts[0]?.finish()
  })

  it('happens at the end of `await using`', async () => {
    await using bench = new Bench()
    const demo = witness()
    let seen
    {
      await using worker = bench.worker({ tasks: [demo.task] })
      await worker.start()
      seen = worker
    }
    expect(seen.health().status).toBe('stopped')
  })

  it('refuses a grace that is none, or two', async () => {
    await using bench = new Bench()
    const worker = bench.worker({ tasks: [witness().task] })
    await expect(worker.stop({ grace: 'soon' as never })).rejects.toBeInstanceOf(QueueError)
    await expect(worker.stop({ grace: '1s', graceMs: 1 })).rejects.toMatchObject({ parameter: 'options.graceMs' })
    await expect(worker.stop({ force: true } as never)).rejects.toMatchObject({ parameter: 'options.force' })
    expect(worker.health().status).toBe('starting')
  })
})
