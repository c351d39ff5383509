import { STATUS } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driven, driveUntil, lasts, puppet, rounds, until, witness } from './harness.ts'

const nothing = { settled: 0, released: 0, abandoned: [], unsettled: 0 }

describe('a stop tells', () => {
  it('what was settled, what was given back, and which handlers it left behind', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.slow', { retries: 3 })
    const [, , left] = await bench.enqueue(demo.task, 5)
    const worker = await bench.started({ tasks: [demo.task], concurrency: 3 })
    await until(() => demo.starts.length === 3)
    const [first, second, third] = demo.starts
    second?.context.signal.addEventListener('abort', () => second.fail(second.context.signal.reason))
    const stopped = worker.stop({ grace: '2s' })
    await drive(bench.clock, 1_000)
    first?.finish()
    const expected = {
      settled: 1,
      released: 2,
      abandoned: [{ id: left, attempt: 1, taskName: 'demo.slow' }],
      unsettled: 0,
    }
    expect(await driven(bench.clock, stopped)).toEqual(expected)
    third?.finish()
    await rounds()
    expect(await worker.stop()).toEqual(expected)
    expect(await bench.record(left)).toMatchObject({ status: STATUS.pending, lastEvent: 'release' })
  })

  it('of failures, of snoozes, and of a handler that its timeout has failed already', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.mixed')
    const deaf = puppet('demo.deaf', { timeout: '1s' })
    await bench.enqueue(demo.task)
    const [late] = await bench.enqueue(deaf.task)
    const worker = await bench.started({ tasks: [demo.task, deaf.task] })
    await until(() => demo.starts.length === 1 && deaf.starts.length === 1)
    await drive(bench.clock, 2_000)
    const stopped = worker.stop({ grace: '1s' })
    demo.starts[0]?.fail(new Error('it went wrong'))
    expect(await driven(bench.clock, stopped)).toEqual({
      ...nothing,
      settled: 1,
      abandoned: [{ id: late, attempt: 1, taskName: 'demo.deaf' }],
    })
    expect((await bench.record(late)).status).toBe(STATUS.failed)
    deaf.starts[0]?.finish()
  })

  it('what a claim brings that was under way as given back, though no handler had begun', async () => {
    await using bench = new Bench()
    const demo = puppet()
    bench.tap.always('refuse', 'watch')
    const worker = await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 10_000)
    bench.tap.next('turn', 'hold')
    await bench.enqueue(demo.task, 3)
    await drive(bench.clock, 5_000)
    const stopped = worker.stop()
    await rounds()
    bench.tap.release()
    expect(await driven(bench.clock, stopped)).toEqual({ ...nothing, released: 3 })
    expect(demo.starts).toEqual([])
  })

  it('nothing of outcomes that came too late', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    await bench.store.sweep({ what: 'stale', staleAfterMs: 1 })
    bench.clock.advance(10)
    await bench.store.sweep({ what: 'stale', staleAfterMs: 1 })
    expect((await bench.record(id)).recoveries).toBe(1)
    const stopped = worker.stop()
    demo.starts[0]?.finish()
    expect(await driven(bench.clock, stopped)).toEqual(nothing)
  })

  it('what the backend did not take', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task, 2)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 2)
    bench.tap.always('hang', 'turn', 'sweep', 'watch')
    demo.starts[0]?.finish()
    const report = await driven(bench.clock, worker.stop({ grace: 0 }))
    expect(report).toMatchObject({ settled: 0, released: 0, unsettled: 2, abandoned: [{ attempt: 1 }] })
    demo.starts[1]?.finish()
  })

  it('nothing, if it had nothing, or was never started', async () => {
    await using bench = new Bench()
    expect(await bench.worker({ tasks: [witness().task] }).stop()).toEqual(nothing)
    const worker = await bench.started({ tasks: [witness().task] })
    expect(await driven(bench.clock, worker.stop())).toEqual(nothing)
  })

  it('whoever runs it, too', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task)
    const worker = bench.worker({ tasks: [demo.task] })
    const running = worker.run()
    await until(() => demo.starts.length === 1)
    const stopped = worker.stop({ grace: '1s' })
    demo.starts[0]?.finish()
    const report = await driven(bench.clock, running)
    expect(report).toEqual({ ...nothing, settled: 1 })
    expect(await stopped).toEqual(report)
  })
})

describe('the moment between abort and release', () => {
  it('is as long as it is told to be', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    const stopped = worker.stop({ grace: '1s', moment: '10s' })
    await drive(bench.clock, 10_900)
    expect(demo.starts[0]?.context.signal.aborted).toBe(true)
    expect(await bench.status(id)).toBe(STATUS.running)
    demo.starts[0]?.finish()
    expect(await driven(bench.clock, stopped)).toEqual({ ...nothing, settled: 1 })
  })

  it('is over at once with a second stop that has none, and only what has not heeded its signal is left behind', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const ids = await bench.enqueue(demo.task, 3)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 3)
    const [deaf, thrower, finisher] = demo.starts
    thrower?.context.signal.addEventListener('abort', () => thrower.fail(thrower.context.signal.reason))
    finisher?.context.signal.addEventListener('abort', () => finisher.finish())
    const stopped = worker.stop({ grace: '1h' })
    await drive(bench.clock, 5_000)
    const again = worker.stop({ grace: 0, moment: 0 })
    expect(await lasts(bench, again)).toBe(0)
    expect(await stopped).toMatchObject({ settled: 1, released: 2, abandoned: [{ id: ids[0] }] })
    expect(await bench.status(ids[2])).toBe(STATUS.completed)
    deaf?.finish()
  })

  it('is cut short by a later stop, and never lengthened', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    const stopped = worker.stop({ grace: 0, moment: '1h' })
    await drive(bench.clock, 5_000)
    void worker.stop({ grace: '1h', moment: '5s' })
    void worker.stop({ grace: '1h', moment: '2h' })
    expect(await lasts(bench, stopped)).toBeLessThanOrEqual(50)
    demo.starts[0]?.finish()
  })

  it('is refused if it is no duration', async () => {
    await using bench = new Bench()
    const worker = bench.worker({ tasks: [witness().task] })
    for (const call of [() => worker.stop({ moment: 'soon' as never }), () => worker.run({ moment: -1 })])
      await expect(call()).rejects.toMatchObject({ code: 'invalid_argument', parameter: 'options.moment' })
    expect(worker.health().status).toBe('starting')
  })
})

describe('after a stop', () => {
  it('what a handler does that was left behind changes nothing: no turn, no timer, no report', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.deaf', { timeout: '1h', retries: 3 })
    const ids = await bench.enqueue(demo.task, 3)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 3)
    await driven(bench.clock, worker.stop({ grace: '1s' }))
    const [calls, reports] = [bench.tap.calls.length, bench.reports.length]
    expect(bench.clock.pending).toBe(0)
    demo.starts[0]?.context.progress({ percent: 50 })
    demo.starts[0]?.context.log('late')
    demo.starts[0]?.finish('late')
    demo.starts[1]?.fail(new Error('late'))
    await drive(bench.clock, 120_000, 500)
    expect([bench.tap.calls.length, bench.reports.length]).toEqual([calls, reports])
    for (const id of ids)
      expect(await bench.record(id)).toMatchObject({
        status: STATUS.pending,
        attempt: 1,
        retryCount: 0,
        recoveries: 0,
        progress: null,
      })
    expect(worker.health()).toMatchObject({ status: 'stopped', running: 1 })
    demo.starts[2]?.finish()
  })

  it('another worker finishes what was given back, in its old place', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    await driven(bench.clock, worker.stop({ grace: 0 }))
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 2)
    demo.starts[1]?.finish()
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.completed)
    demo.starts[0]?.fail(new Error('late'))
    await rounds()
    expect(await bench.record(id)).toMatchObject({ status: STATUS.completed, attempt: 2, retryCount: 0, recoveries: 0 })
  })
})

describe('a block with `await using`', () => {
  it('that throws stops the worker, and the error passes', async () => {
    await using bench = new Bench()
    const demo = witness()
    const [id] = await bench.enqueue(demo.task)
    const worker = bench.worker({ tasks: [demo.task] })
    const block = async (): Promise<void> => {
      await using running = worker
      await running.start()
      throw new Error('of the block')
    }
    await expect(block()).rejects.toThrow('of the block')
    expect(worker.health().status).toBe('stopped')
    expect(await bench.status(id)).toBe(STATUS.completed)
  })

  it('whose worker was stopped in it, or never started, ends as well', async () => {
    await using bench = new Bench()
    {
      await using worker = await bench.started({ tasks: [witness().task] })
      await driven(bench.clock, worker.stop())
    }
    {
      await using worker = bench.worker({ tasks: [witness().task] })
      expect(worker.health().status).toBe('starting')
      await worker[Symbol.asyncDispose]()
      expect(worker.health().status).toBe('stopped')
    }
  })
})
