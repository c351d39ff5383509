import { Discard, RetryAt, snooze, STATUS, task, type TaskContext } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driveUntil, puppet, until } from './harness.ts'

/** Throws what it is told at its first attempt, and is done at the next. */
function once(thrown: () => unknown, retries: number) {
  const run = async (_: object, { attempt }: TaskContext): Promise<number> => {
    if (attempt === 1) throw thrown()
    return attempt
  }
  return task('demo.once', { retries, backoff: () => 5_000, run })
}

describe('what a handler decides', () => {
  it('is to come later, which costs no retry and is no failure', async () => {
    await using bench = new Bench()
    const demo = once(() => snooze('30s'), 0)
    const { id } = await bench.client.enqueue(demo, {})
    await bench.started({ tasks: [demo] })
    await until(async () => (await bench.status(id)) === STATUS.scheduled)
    expect(await bench.record(id)).toMatchObject({
      attempt: 1,
      retryCount: 0,
      error: null,
      scheduledAt: bench.clock.now() + 30_000,
    })
    expect(await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.completed)).toBe(30_000)
    expect(await bench.record(id)).toMatchObject({ attempt: 2, retryCount: 0, result: 2 })
  })

  it('is when to try again, whatever the backoff says', async () => {
    await using bench = new Bench()
    const at = bench.clock.now() + 12_000
    const demo = once(() => new RetryAt(at, { cause: new Error('429') }), 1)
    const { id } = await bench.client.enqueue(demo, {})
    await bench.started({ tasks: [demo] })
    await until(async () => (await bench.status(id)) === STATUS.scheduled)
    expect(await bench.record(id)).toMatchObject({
      retryCount: 1,
      scheduledAt: at,
      error: { name: 'RetryAt', cause: { message: '429' } },
    })
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.completed)
  })

  it('is an instant that has passed: again at once', async () => {
    await using bench = new Bench()
    const demo = once(() => new RetryAt(0), 1)
    const { id } = await bench.client.enqueue(demo, {})
    await bench.started({ tasks: [demo] })
    await until(async () => (await bench.status(id)) === STATUS.completed)
    expect(await bench.record(id)).toMatchObject({ attempt: 2, retryCount: 1 })
  })

  it('fails all the same when no retry is left', async () => {
    await using bench = new Bench()
    const demo = once(() => new RetryAt(bench.clock.now() + 1_000), 0)
    const { id } = await bench.client.enqueue(demo, {})
    await bench.started({ tasks: [demo] })
    await until(async () => (await bench.status(id)) === STATUS.failed)
  })

  it('is that no retry can help', async () => {
    await using bench = new Bench()
    const demo = once(() => new Discard('no such user'), 9)
    const { id } = await bench.client.enqueue(demo, {})
    await bench.started({ tasks: [demo] })
    await until(async () => (await bench.status(id)) === STATUS.failed)
    expect(await bench.record(id)).toMatchObject({
      attempt: 1,
      retryCount: 0,
      error: { name: 'Discard', message: 'no such user' },
    })
  })

  it('counts also when the worker is told to stop, unlike another error', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.leaving', { retries: 3 })
    const [first, second] = await bench.enqueue(demo.task, 2)
    const worker = await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 2)
    const stopped = worker.stop({ grace: '1s' })
    await drive(bench.clock, 1_000)
    demo.starts[0]?.fail(new Discard('given up'))
    demo.starts[1]?.fail(new Error('aborted'))
    await stopped
    expect([await bench.status(first), await bench.status(second)]).toEqual([STATUS.failed, STATUS.pending])
  })
})
