import { STATUS } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driven, driveUntil, puppet, until, type Puppet } from './harness.ts'

/** A keyed record whose only handler is told to stop, and goes on. */
async function late(bench: Bench, demo: Puppet): Promise<string> {
  const { id } = await bench.client.enqueue(demo.task, { n: 1 }, { key: 'k' })
  await until(() => demo.starts.length === 1)
  await drive(bench.clock, 60_000)
  expect(demo.starts[0]?.context.signal.reason).toMatchObject({ code: 'timeout' })
  return id
}

describe('a record with a key that timed out', () => {
  it('stays held, and its key taken, until the handler has really returned', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.keyed', { timeout: '1s', retries: 0 })
    const worker = await bench.started({ tasks: [demo.task] })
    const id = await late(bench, demo)
    expect(await bench.record(id)).toMatchObject({ status: STATUS.running, attempt: 1, recoveries: 0 })
    expect((await bench.client.enqueue(demo.task, { n: 2 }, { key: 'k' })).outcome).toBe('existing')
    expect(worker.health()).toMatchObject({ running: 1, aborted: 1, stuck: [{ id, code: 'timeout' }] })
    demo.starts[0]?.finish('too late')
    await until(async () => (await bench.status(id)) === STATUS.failed)
    expect(await bench.record(id)).toMatchObject({
      result: null,
      error: { name: 'AttemptAborted', code: 'timeout', message: 'demo.keyed timed out after 1000 ms (attempt 1)' },
    })
    expect((await bench.client.enqueue(demo.task, { n: 3 }, { key: 'k' })).outcome).toBe('created')
    await until(() => demo.starts.length === 2)
    demo.starts[1]?.finish()
  })

  it('is retried after that, so that no two handlers of a key run at once', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.keyed', { timeout: '1s', retries: 1, backoff: () => 5_000 })
    await bench.started({ tasks: [demo.task] })
    const id = await late(bench, demo)
    expect(demo.starts).toHaveLength(1)
    demo.starts[0]?.fail(new Error('aborted'))
    await until(async () => (await bench.status(id)) === STATUS.scheduled)
    expect(await driveUntil(bench.clock, () => demo.starts.length === 2)).toBe(5_000)
    expect(await bench.record(id)).toMatchObject({ attempt: 2, retryCount: 1 })
    demo.starts[1]?.finish()
    await until(async () => (await bench.status(id)) === STATUS.completed)
  })

  it.each(['untilStart', 'forever'] as const)(
    'is settled at once where its key does not ask for that: %s',
    async (keyHold) => {
      await using bench = new Bench()
      const demo = puppet('demo.keyed', { timeout: '1s', retries: 0 })
      await bench.started({ tasks: [demo.task] })
      const { id } = await bench.client.enqueue(demo.task, { n: 1 }, { key: 'k', keyHold })
      await until(() => demo.starts.length === 1)
      await drive(bench.clock, 2_000)
      expect(await bench.record(id)).toMatchObject({ status: STATUS.failed, error: { code: 'timeout' } })
      demo.starts[0]?.finish()
    },
  )

  it('fails at once if its key was free from the start on', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.keyed', { timeout: '1s', retries: 1, backoff: () => 5_000 })
    const worker = await bench.started({ tasks: [demo.task] })
    const { id } = await bench.client.enqueue(demo.task, { n: 1 }, { key: 'k', keyHold: 'untilStart' })
    await until(() => demo.starts.length === 1)
    await drive(bench.clock, 1_000)
    expect(await bench.record(id)).toMatchObject({
      status: STATUS.scheduled,
      retryCount: 1,
      error: { code: 'timeout' },
    })
    expect(await driveUntil(bench.clock, () => demo.starts.length === 2)).toBe(5_000)
    expect(worker.health()).toMatchObject({ running: 2, aborted: 1 })
    for (const start of demo.starts) start.finish()
    await until(async () => (await bench.status(id)) === STATUS.completed)
  })

  it('is cancelled if somebody cancels it meanwhile', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.keyed', { timeout: '1s', retries: 1 })
    await bench.started({ tasks: [demo.task] })
    const id = await late(bench, demo)
    expect((await bench.client.cancel(id, { includeRunning: true })).cancelled).toEqual([id])
    await drive(bench.clock, 10_000)
    demo.starts[0]?.finish()
    await until(async () => (await bench.record(id)).workerId === null)
    expect(await bench.record(id)).toMatchObject({ status: STATUS.cancelled, error: { code: 'cancelled' } })
  })

  it('fails with the timeout when the worker stops before the handler returns', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.keyed', { timeout: '1s', retries: 0 })
    const worker = await bench.started({ tasks: [demo.task] })
    const id = await late(bench, demo)
    await driven(bench.clock, worker.stop({ graceMs: 0 }))
    expect(await bench.record(id)).toMatchObject({ status: STATUS.failed, error: { code: 'timeout' } })
    demo.starts[0]?.finish()
  })
})
