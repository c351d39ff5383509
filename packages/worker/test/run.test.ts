import { AttemptAborted, STATUS, task, type Runnable, type TaskContext, type TaskRecord } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driveUntil, puppet, rounds, until, witness } from './harness.ts'

interface To {
  to: string
}

/** A Standard Schema that takes `{ to: string }`, and hands on what `parse` makes of it. */
function schema(parse: (value: To) => To) {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      types: undefined as { input: To; output: To } | undefined,
      validate(value: unknown) {
        const { to } = value as { to: unknown }
        return typeof to === 'string'
          ? { value: parse({ to }) }
          : { issues: [{ message: 'must be text', path: ['to'] }] }
      },
    },
  } as const
}

async function outcome(bench: Bench, tasks: readonly Runnable[], id: string): Promise<TaskRecord> {
  await bench.started({ tasks })
  await until(async () => (await bench.client.get(id))?.completedAt !== null)
  return await bench.record(id)
}

describe('run', () => {
  it('claims, runs and completes a record, and stores what the handler returns', async () => {
    await using bench = new Bench()
    const add = task('math.add', { run: ({ a, b }: { a: number; b: number }) => ({ sum: a + b }) })
    const handle = await bench.client.enqueue(add, { a: 1, b: 2 })
    await bench.started({ tasks: [add] })
    expect(await handle.result()).toEqual({ sum: 3 })
    expect(await bench.record(handle.id)).toMatchObject({
      status: STATUS.completed,
      attempt: 1,
      workerId: null,
      error: null,
    })
  })

  it('stores null for a handler that returns nothing', async () => {
    await using bench = new Bench()
    const quiet = task('demo.quiet', { run: async () => undefined })
    const { id } = await bench.client.enqueue(quiet, {})
    expect(await outcome(bench, [quiet], id)).toMatchObject({ status: STATUS.completed, result: null })
  })

  it('tells the handler who it is', async () => {
    await using bench = new Bench()
    const seen: TaskContext[] = []
    const demo = task('demo.context', { run: (_input: object, context: TaskContext) => void seen.push(context) })
    const { id } = await bench.client.enqueue(demo, { x: [1] })
    await outcome(bench, [demo], id)
    expect(seen[0]).toMatchObject({ id, attempt: 1, taskName: 'demo.context' })
    expect(seen[0]?.record).toMatchObject({ id, status: STATUS.running, kwargs: { x: [1] } })
    expect(seen[0]?.signal.aborted).toBe(false)
  })

  it('gives the handler what the schema makes of the input', async () => {
    await using bench = new Bench()
    const seen: unknown[] = []
    const demo = task('demo.parsed', {
      input: schema(({ to }) => ({ to: to.toUpperCase() })),
      run: (input) => void seen.push(input),
    })
    const { id } = await bench.client.enqueue(demo, { to: 'a' })
    await outcome(bench, [demo], id)
    expect(seen).toEqual([{ to: 'A' }])
  })

  it('fails without a retry what the schema refuses, and never calls the handler', async () => {
    await using bench = new Bench()
    const older = task('demo.changed', { retries: 5, run: (input: { to: number }) => input.to })
    let calls = 0
    const newer = task('demo.changed', { retries: 5, input: schema((value) => value), run: () => void (calls += 1) })
    const { id } = await bench.client.enqueue(older, { to: 7 })
    const record = await outcome(bench, [newer], id)
    expect(record).toMatchObject({
      status: STATUS.failed,
      attempt: 1,
      retryCount: 0,
      error: { code: 'invalid_argument' },
    })
    expect(record.error?.message).toContain('input.to')
    expect(calls).toBe(0)
  })

  it('retries when a schema breaks for a reason of its own', async () => {
    await using bench = new Bench()
    let calls = 0
    const input = schema((value) => {
      calls += 1
      if (calls === 1) throw new Error('the schema asked a database that was down')
      return value
    })
    const demo = task('demo.flaky-schema', { retries: 1, backoff: () => 0, input, run: () => null })
    const older = task('demo.flaky-schema', { retries: 1, run: (input: { to: string }) => input.to })
    const { id } = await bench.client.enqueue(older, { to: 'a' })
    await bench.started({ tasks: [demo] })
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.completed)
    expect((await bench.record(id)).retryCount).toBe(1)
  })

  it.each([
    ['an Error subclass', new RangeError('too far'), { name: 'RangeError', message: 'too far' }],
    ['a text', 'just text', { name: 'Error', message: 'just text' }],
    ['undefined', undefined, { name: 'Error', message: 'undefined' }],
    ['null', null, { name: 'Error', message: 'null' }],
    ['an object', { reason: 1 }, { name: 'Error', message: '{"reason":1}' }],
  ])('stores what the handler throws: %s', async (_name, thrown, error) => {
    await using bench = new Bench()
    const sync = task('demo.throws', {
      run: (): null => {
        // oxlint-disable-next-line only-throw-error -- handlers do
        throw thrown
      },
    })
    const { id } = await bench.client.enqueue(sync, {})
    expect(await outcome(bench, [sync], id)).toMatchObject({ status: STATUS.failed, error })
  })

  it('stores an error whose properties cannot be read', async () => {
    await using bench = new Bench()
    const hostile = new Error('x')
    for (const name of ['name', 'message', 'stack', 'code', 'cause']) {
      Object.defineProperty(hostile, name, {
        get: () => {
          throw new Error('no')
        },
      })
    }
    const demo = task('demo.hostile', {
      run: async (): Promise<null> => {
        throw hostile
      },
    })
    const { id } = await bench.client.enqueue(demo, {})
    expect((await outcome(bench, [demo], id)).status).toBe(STATUS.failed)
  })

  it.each([
    ['a bigint', 1n],
    ['a Date', new Date(0)],
    ['NaN', Number.NaN],
    ['2 MiB of text', 'x'.repeat(2 * 1_048_576)],
  ])('fails without a retry when the result cannot be stored: %s', async (_name, result) => {
    await using bench = new Bench()
    const demo = task('demo.result', { retries: 3, run: (): unknown => result })
    const { id } = await bench.client.enqueue(demo as never, {} as never)
    const record = await outcome(bench, [demo], id)
    expect(record).toMatchObject({ status: STATUS.failed, attempt: 1, retryCount: 0 })
    expect(record.error?.message).toContain('result')
  })

  it('retries after the delay of the task, until no retry is left', async () => {
    await using bench = new Bench()
    const counts: number[] = []
    const starts: number[] = []
    const backoff = (retryCount: number): number => {
      counts.push(retryCount)
      return 1_000 * (retryCount + 1)
    }
    const demo = task('demo.retry', {
      retries: 2,
      backoff,
      run: (): null => {
        starts.push(bench.clock.now())
        throw new Error('again')
      },
    })
    const { id } = await bench.client.enqueue(demo, {})
    await bench.started({ tasks: [demo] })
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.failed)
    const [first = 0] = starts
    expect(starts.map((at) => at - first)).toEqual([0, 1_000, 3_000])
    expect(counts).toEqual([0, 1, 2])
    expect(await bench.record(id)).toMatchObject({ attempt: 3, retryCount: 2, error: { message: 'again' } })
  })

  it('retries also with a policy that throws', async () => {
    await using bench = new Bench()
    const backoff = (): number => {
      throw new Error('a bad policy')
    }
    const demo = task('demo.policy', {
      retries: 1,
      backoff,
      run: (): null => {
        throw new Error('the real reason')
      },
    })
    const { id } = await bench.client.enqueue(demo, {})
    await bench.started({ tasks: [demo] })
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.failed)
    expect(await bench.record(id)).toMatchObject({ attempt: 2, error: { message: 'the real reason' } })
  })
})

describe('timeout', () => {
  it('aborts the signal, fails the attempt at once and says what timed out (D32)', async () => {
    await using bench = new Bench()
    const slow = puppet('email.send', { timeout: '30s', retries: 1, backoff: () => 0 })
    const [id] = await bench.enqueue(slow.task)
    await bench.started({ tasks: [slow.task], concurrency: 2 })
    await until(() => slow.starts.length === 1)
    await drive(bench.clock, 30_000)
    const { signal } = slow.starts[0]?.context ?? {}
    expect(signal?.reason).toBeInstanceOf(AttemptAborted)
    expect(signal?.reason).toMatchObject({
      code: 'timeout',
      message: 'email.send timed out after 30000 ms (attempt 1)',
    })
    expect((await bench.record(id)).error).toMatchObject({
      name: 'AttemptAborted',
      code: 'timeout',
      message: 'email.send timed out after 30000 ms (attempt 1)',
    })
    await until(() => slow.starts.length === 2)
    await drive(bench.clock, 30_000)
    const record = await bench.record(id)
    expect(record).toMatchObject({
      status: STATUS.failed,
      attempt: 2,
      error: { message: 'email.send timed out after 30000 ms (attempt 2)' },
    })
    for (const start of slow.starts) start.finish()
  })

  it('keeps the slot until the handler has really returned, and drops its late outcome', async () => {
    await using bench = new Bench()
    const slow = puppet('demo.slow', { timeout: '1s' })
    const [first, second] = await bench.enqueue(slow.task, 2)
    const worker = await bench.started({ tasks: [slow.task], concurrency: 1 })
    await until(() => slow.starts.length === 1)
    await drive(bench.clock, 1_000)
    expect(await bench.status(first)).toBe(STATUS.failed)
    await drive(bench.clock, 10_000)
    expect(slow.starts).toHaveLength(1)
    expect(worker.health()).toMatchObject({ running: 1, free: 0 })
    slow.starts[0]?.finish('too late')
    await until(() => slow.starts.length === 2)
    expect(await bench.record(first)).toMatchObject({ status: STATUS.failed, result: null })
    slow.starts[1]?.finish()
    await until(async () => (await bench.status(second)) === STATUS.completed)
    expect(slow.most).toBe(1)
    expect(bench.told('lost')).toEqual([])
  })

  it('does not fire after the handler has returned', async () => {
    await using bench = new Bench()
    const quick = puppet('demo.quick', { timeout: '1s' })
    const [id] = await bench.enqueue(quick.task)
    await bench.started({ tasks: [quick.task] })
    await until(() => quick.starts.length === 1)
    await drive(bench.clock, 950)
    quick.starts[0]?.finish()
    await until(async () => (await bench.status(id)) === STATUS.completed)
    await drive(bench.clock, 5_000)
    expect(quick.starts[0]?.context.signal.aborted).toBe(false)
    expect(await bench.status(id)).toBe(STATUS.completed)
  })

  it('also ends an attempt whose schema never answers', async () => {
    await using bench = new Bench()
    const older = task('demo.schema', { run: () => null })
    const input = {
      '~standard': { version: 1, vendor: 'test', validate: () => new Promise<never>(() => undefined) },
    } as const
    const demo = task('demo.schema', { timeout: '1s', input, run: () => null })
    const { id } = await bench.client.enqueue(older, {})
    await bench.started({ tasks: [demo] })
    await drive(bench.clock, 1_000)
    expect(await bench.record(id)).toMatchObject({ status: STATUS.failed, error: { code: 'timeout' } })
  })
})

describe('unknown task', () => {
  it('waits and is reported, and runs where it is known', async () => {
    await using bench = new Bench()
    const known = witness('demo.known')
    const other = witness('demo.other')
    const [id] = await bench.enqueue(other.task)
    const old = await bench.started({ tasks: [known.task] })
    await until(async () => (await bench.status(id)) === STATUS.scheduled)
    const record = await bench.record(id)
    expect(record.scheduledAt).toBe(bench.clock.now() + 30_000)
    expect(record).toMatchObject({ retryCount: 0, error: null })
    expect(bench.told('unknown-task')).toMatchObject([
      { level: 'warning', id, message: expect.stringContaining('demo.other') },
    ])
    await bench.started({ tasks: [known.task, other.task] })
    await old.stop()
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.completed)
  })

  it('fails without a retry when it has waited for a day', async () => {
    await using bench = new Bench()
    const known = witness('demo.known')
    const other = witness('demo.other', { retries: 5 })
    const [id] = await bench.enqueue(other.task)
    await bench.started({ tasks: [known.task], unknownTask: { delay: '1h' } })
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.failed, 90_000_000, 60_000)
    const record = await bench.record(id)
    expect(record).toMatchObject({
      status: STATUS.failed,
      retryCount: 0,
      error: { name: 'UnknownTask', code: 'unknown_task' },
    })
    expect((record.completedAt ?? 0) - record.createdAt).toBeGreaterThanOrEqual(86_400_000)
    expect((record.completedAt ?? 0) - record.createdAt).toBeLessThan(86_400_000 + 2 * 3_600_000)
  })

  it('gives a record that was due long after it was made as much time as any other', async () => {
    await using bench = new Bench()
    const known = witness('demo.known')
    const later = witness('demo.later')
    const { id } = await bench.client.enqueue(later.task, { n: 1 }, { delay: '3d' })
    bench.clock.advance(3 * 86_400_000)
    await bench.started({ tasks: [known.task], unknownTask: { delay: '1h' } })
    await drive(bench.clock, 23 * 3_600_000, 60_000)
    expect(await bench.record(id)).toMatchObject({ status: STATUS.scheduled, retryCount: 0, error: null })
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.failed, 3 * 3_600_000, 60_000)
  })

  it('fails at once if it is told to', async () => {
    await using bench = new Bench()
    const [id] = await bench.enqueue(witness('demo.other').task)
    await bench.started({ tasks: [witness('demo.known').task], unknownTask: { failAfter: 0 } })
    await until(async () => (await bench.status(id)) === STATUS.failed)
  })

  it('does not keep the worker from the tasks that it knows', async () => {
    await using bench = new Bench()
    const known = witness('demo.known')
    await bench.enqueue(witness('demo.other').task, 25)
    await bench.enqueue(known.task, 5)
    await bench.started({ tasks: [known.task], concurrency: 5 })
    await until(() => known.runs.length === 5)
    await rounds()
    expect(await bench.count(STATUS.scheduled)).toBe(25)
  })
})
