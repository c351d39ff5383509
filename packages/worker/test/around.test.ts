import { Discard, RetryAt, snooze, STATUS, task, type Status, type TaskContext } from '@millrace/core'
import type { Around, Worker } from '@millrace/worker'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driven, driveUntil, puppet, until, witness, type Puppet } from './harness.ts'

/** Notes what is opened and closed. */
function noting() {
  const notes: string[] = []
  const around = async ({ attempt }: TaskContext, run: () => Promise<unknown>): Promise<unknown> => {
    notes.push(`open ${attempt}`)
    try {
      return await run()
    } finally {
      notes.push(`close ${attempt}`)
    }
  }
  return { notes, around }
}

describe('what is wrapped around a handler', () => {
  it('sees its context, and hands on what it returns', async () => {
    await using bench = new Bench()
    const { notes, around } = noting()
    const demo = task('demo.add', { run: ({ n }: { n: number }) => n + 1 })
    const handle = await bench.client.enqueue(demo, { n: 1 })
    await bench.started({ tasks: [demo], around })
    expect(await handle.result()).toBe(2)
    expect(notes).toEqual(['open 1', 'close 1'])
  })

  it('is closed when the handler fails, when it decides, and anew with each attempt', async () => {
    await using bench = new Bench()
    const { notes, around } = noting()
    const run = async (_: object, { attempt }: TaskContext): Promise<null> => {
      if (attempt === 1) throw new Error('again')
      if (attempt === 2) throw snooze(0)
      return null
    }
    const demo = task('demo.steps', { retries: 1, backoff: () => 0, run })
    const { id } = await bench.client.enqueue(demo, {})
    await bench.started({ tasks: [demo], around })
    await until(async () => (await bench.status(id)) === STATUS.completed)
    expect(notes).toEqual(['open 1', 'close 1', 'open 2', 'close 2', 'open 3', 'close 3'])
  })

  it.each<
    [path: string, status: Status, end: (start: Puppet['starts'][number], bench: Bench, worker: Worker) => unknown]
  >([
    ['a result', STATUS.completed, (start) => start.finish()],
    ['an error', STATUS.failed, (start) => start.fail(new Error('no'))],
    ['a result that cannot be stored', STATUS.failed, (start) => start.finish(1n)],
    ['a snooze', STATUS.scheduled, (start) => start.fail(snooze('1h'))],
    ['a discard', STATUS.failed, (start) => start.fail(new Discard('never'))],
    ['a retry at an instant', STATUS.failed, (start) => start.fail(new RetryAt(0))],
    [
      'a timeout',
      STATUS.failed,
      async (start, bench) => {
        await drive(bench.clock, 60_000)
        start.fail(start.context.signal.reason)
      },
    ],
    [
      'a cancellation',
      STATUS.cancelled,
      async (start, bench) => {
        await bench.client.cancel(start.context.id, { includeRunning: true })
        await until(() => start.context.signal.aborted)
        start.fail(start.context.signal.reason)
      },
    ],
    [
      'a loss',
      STATUS.cancelled,
      async (start, bench) => {
        const { id, attempt } = start.context
        await bench.client.disown([{ id, attempt }])
        await bench.client.recoverStale({ staleAfter: '1h' })
        await bench.client.cancel(id)
        await driveUntil(bench.clock, () => start.context.signal.aborted)
        start.fail(start.context.signal.reason)
      },
    ],
    [
      'a shutdown',
      STATUS.pending,
      async (start, bench, worker) => {
        const stopped = worker.stop({ graceMs: 0 })
        await until(() => start.context.signal.aborted)
        start.fail(start.context.signal.reason)
        await driven(bench.clock, stopped)
      },
    ],
  ])('is opened once and closed once by %s', async (_path, status, end) => {
    await using bench = new Bench()
    const { notes, around } = noting()
    const demo = puppet('demo.path', { timeout: '50s', retries: 0 })
    const [id] = await bench.enqueue(demo.task)
    const worker = await bench.started({ tasks: [demo.task], around, concurrency: 1, sweepEvery: '1h' })
    await until(() => demo.starts.length === 1)
    expect(notes).toEqual(['open 1'])
    const [start] = demo.starts
    if (start !== undefined) await end(start, bench, worker)
    await until(async () => (await bench.status(id)) === status)
    await until(() => worker.health().running === 0)
    expect(notes).toEqual(['open 1', 'close 1'])
  })

  it('stays open while a handler that timed out still runs', async () => {
    await using bench = new Bench()
    const { notes, around } = noting()
    const demo = puppet('demo.slow', { timeout: '1s', retries: 0 })
    const [id] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task], around })
    await until(() => demo.starts.length === 1)
    await drive(bench.clock, 1_000)
    await until(async () => (await bench.status(id)) === STATUS.failed)
    expect(notes).toEqual(['open 1'])
    demo.starts[0]?.finish()
    await until(() => notes.length === 2)
  })

  it('fails the attempt by what it throws itself', async () => {
    await using bench = new Bench()
    const demo = witness('demo.unopened', { retries: 0 })
    const [id] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task], around: () => Promise.reject(new Error('no connection')) })
    await until(async () => (await bench.status(id)) === STATUS.failed)
    expect((await bench.record(id)).error).toMatchObject({ message: 'no connection' })
    expect(demo.runs).toEqual([])
  })

  it.each<[what: string, around: Around]>([
    ['nothing', async (_, run) => void (await run())],
    ['something else', async (_, run) => [await run()]],
    ['before the handler does', async (_, run) => void run()],
  ])('leaves the result as it is when it returns %s', async (_what, around) => {
    await using bench = new Bench()
    const demo = task('demo.kept', { run: ({ n }: { n: number }) => Promise.resolve(n + 1) })
    const handle = await bench.client.enqueue(demo, { n: 1 })
    await bench.started({ tasks: [demo], around })
    expect(await handle.result()).toBe(2)
  })

  it.each<[what: string, thrown: Error, status: Status]>([
    ['an error', new Error('no'), STATUS.failed],
    ['a snooze', snooze('1h'), STATUS.scheduled],
  ])('does not make %s undone by catching it', async (_what, thrown, status) => {
    await using bench = new Bench()
    const demo = task('demo.caught', { retries: 0, run: () => Promise.reject(thrown) })
    const { id } = await bench.client.enqueue(demo, {})
    await bench.started({ tasks: [demo], around: (_, run) => run().catch(() => 'fine') })
    await until(async () => (await bench.record(id)).completedAt !== null || (await bench.status(id)) === status)
    expect(await bench.status(id)).toBe(status)
  })

  it('puts an error of its own in the place of the one that the handler threw, or of its result', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.translated', { retries: 5 })
    const ids = await bench.enqueue(demo.task, 2)
    const around: Around = async (_, run) => {
      await Promise.allSettled([run()])
      throw new Discard('not committed')
    }
    await bench.started({ tasks: [demo.task], around })
    await until(() => demo.starts.length === 2)
    demo.starts[0]?.fail(new Error('again'))
    demo.starts[1]?.finish('done')
    for (const id of ids) {
      await until(async () => (await bench.record(id)).completedAt !== null)
      expect(await bench.record(id)).toMatchObject({ status: STATUS.failed, error: { message: 'not committed' } })
    }
  })

  it('keeps the place of a handler that it did not wait for', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.unawaited', { retries: 0 })
    const [id] = await bench.enqueue(demo.task)
    const around: Around = (_, run) => {
      void run()
      return Promise.reject(new Error('gone ahead'))
    }
    const worker = await bench.started({ tasks: [demo.task], around })
    await until(() => demo.starts.length === 1)
    await drive(bench.clock, 100)
    expect(worker.health().running).toBe(1)
    demo.starts[0]?.fail(new Error('late'))
    await until(async () => (await bench.status(id)) === STATUS.failed)
    expect((await bench.record(id)).error).toMatchObject({ message: 'gone ahead' })
  })

  it('fails the attempt when it does not run the handler, which cannot begin later', async () => {
    await using bench = new Bench()
    const demo = witness('demo.skipped', { retries: 0 })
    const [id] = await bench.enqueue(demo.task)
    const kept: (() => Promise<unknown>)[] = []
    const around: Around = async (_, run) => void kept.push(run)
    await bench.started({ tasks: [demo.task], around })
    await until(async () => (await bench.record(id)).completedAt !== null)
    expect(await bench.record(id)).toMatchObject({
      status: STATUS.failed,
      error: { message: 'options.around returned without having called run(): the handler was not started' },
    })
    await expect(kept[0]?.()).rejects.toThrow('options.around called run() after it had returned')
    expect(demo.runs).toEqual([])
  })

  it('runs the handler once, however often it is asked to', async () => {
    await using bench = new Bench()
    const demo = witness('demo.twice', { retries: 0 })
    const [id] = await bench.enqueue(demo.task)
    const seconds: Promise<unknown>[] = []
    const around: Around = async (_, run) => {
      await run()
      void run()
      seconds.push(run())
    }
    await bench.started({ tasks: [demo.task], around })
    await until(async () => (await bench.record(id)).completedAt !== null)
    expect(await bench.status(id)).toBe(STATUS.completed)
    await expect(seconds[0]).rejects.toThrow('options.around called run() a second time')
    expect(demo.runs).toHaveLength(1)
  })

  it('has to be a function', async () => {
    await using bench = new Bench()
    const options = { client: bench.client, tasks: [witness().task], around: 'open' }
    expect(() => Reflect.apply(bench.worker.bind(bench), bench, [options])).toThrow('options.around')
  })
})
