import { exponential, fixed, snooze, STATUS, task } from '@millrace/core'
import { createTestbed } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { NOTHING } from './summaries.ts'

const NOON = Date.UTC(2030, 0, 1, 12)
const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('time', () => {
  it('stands still at `now` for the client, the records and the handlers', async () => {
    let seen = 0
    const a = task('a', { run: () => void (seen = bed.clock.now()) })
    await using bed = await createTestbed({ tasks: [a], now: new Date(NOON) })
    const { record } = await bed.client.enqueue(a, {})
    expect(record?.createdAt).toBe(NOON)
    await bed.runAll()
    expect({ seen, now: bed.clock.now() }).toEqual({ seen: NOON, now: NOON })
    expect(bed.client.clock).toBe(bed.clock)
  })

  it('is that of the machine at first', async () => {
    const before = Date.now()
    await using bed = await createTestbed()
    expect(bed.clock.now()).toBeGreaterThanOrEqual(before)
    expect(bed.clock.now()).toBeLessThanOrEqual(Date.now())
  })

  it('goes on by what was asked for, though nothing is due', async () => {
    await using bed = await createTestbed({ now: NOON })
    expect(await bed.advance('14d')).toEqual(NOTHING)
    expect(bed.clock.now()).toBe(NOON + 14 * 24 * HOUR)
    await bed.advanceTo(new Date(NOON + 15 * 24 * HOUR))
    await bed.advanceTo(NOON)
    expect(bed.clock.now()).toBe(NOON + 15 * 24 * HOUR)
  })
})

describe('advance', () => {
  it('runs every record at its own instant: delays, retries, snoozes, and what these enqueue', async () => {
    const seen: string[] = []
    const at = (): number => (bed.clock.now() - NOON) / MINUTE
    const leaf = task('leaf', { run: () => void seen.push(`leaf ${at()}`) })
    const flaky = task('flaky', {
      retries: 2,
      backoff: exponential('7m', { jitter: 'none' }),
      run: async (_input: object, { attempt }) => {
        seen.push(`flaky#${attempt} ${at()}`)
        if (attempt < 3) throw new Error('not yet')
        await bed.client.enqueue(leaf, {}, { delay: '1m' })
        return null
      },
    })
    const lazy = task('lazy', {
      run: (_input: object, { attempt }) => {
        seen.push(`lazy#${attempt} ${at()}`)
        if (attempt === 1) throw snooze('10m')
        return null
      },
    })
    await using bed = await createTestbed({ tasks: [leaf, flaky, lazy], now: NOON })
    await bed.client.enqueue(lazy, {}, { delay: '5m' })
    await bed.client.enqueue(flaky, {})
    await bed.client.enqueue(leaf, {}, { scheduledAt: NOON + 30 * MINUTE })
    await bed.client.enqueue(leaf, {}, { delay: 30 * MINUTE + 1 })
    const summary = await bed.advance('30m')
    expect(seen).toEqual(['flaky#1 0', 'lazy#1 5', 'flaky#2 7', 'lazy#2 15', 'flaky#3 21', 'leaf 22', 'leaf 30'])
    expect(summary).toEqual({ ...NOTHING, runs: 7, completed: 4, retried: 2, snoozed: 1 })
    expect(await bed.advance(1)).toMatchObject({ completed: 1 })
  })

  it('takes no jitter from a backoff, unless `random` is given', async () => {
    const seen: number[] = []
    const flaky = task('flaky', {
      retries: 1,
      backoff: exponential('1h'),
      run: () => {
        seen.push(bed.clock.now() - NOON)
        throw new Error('no')
      },
    })
    let bed = await createTestbed({ tasks: [flaky], now: NOON })
    await bed.client.enqueue(flaky, {})
    await bed.runAll({ scheduled: true })
    await bed.close()
    bed = await createTestbed({ tasks: [flaky], now: NOON, worker: { random: () => 0.25 } })
    await bed.client.enqueue(flaky, {})
    await bed.runAll({ scheduled: true })
    await bed.close()
    expect(seen).toEqual([0, HOUR, 0, HOUR / 4])
  })

  it('stops at timers of the code under test', async () => {
    const seen: number[] = []
    const a = task('a', { run: () => void seen.push(bed.clock.now() - NOON) })
    await using bed = await createTestbed({ tasks: [a], now: NOON })
    bed.clock.after(90, () => void bed.client.enqueue(a, {}))
    const disarm = bed.clock.after(100, () => void bed.client.enqueue(a, {}))
    disarm()
    await bed.advance('1h')
    expect(seen).toEqual([90])
  })

  it('expires at the first instant after its deadline what did not start, and nothing that did', async () => {
    const flaky = task('flaky', {
      retries: 1,
      backoff: fixed('2h'),
      run: (_input: object, { attempt }) => {
        if (attempt === 1) throw new Error('no')
        return null
      },
    })
    await using bed = await createTestbed({ tasks: [flaky], now: NOON })
    const never = await bed.client.enqueue(task('never', { queue: 'nobody' }), {}, { expiresIn: '1h' })
    const late = await bed.client.enqueue(flaky, {}, { delay: '2h', expiresIn: '1h' })
    const started = await bed.client.enqueue(flaky, {}, { expiresIn: '1h' })
    expect(await bed.advance('1d')).toEqual({ ...NOTHING, runs: 2, completed: 1, expired: 2, retried: 1 })
    for (const handle of [never, late])
      expect(await handle.refresh()).toMatchObject({ status: STATUS.expired, completedAt: NOON + HOUR + 1 })
    expect(await started.refresh()).toMatchObject({ status: STATUS.completed, completedAt: NOON + 2 * HOUR })
  })

  it('goes past the retention', async () => {
    const a = task('a', { run: () => null })
    await using bed = await createTestbed({ tasks: [a], worker: { retention: { completed: '1h' } } })
    const handle = await bed.client.enqueue(a, {})
    await bed.advance('59m')
    expect((await handle.refresh())?.status).toBe(STATUS.completed)
    await bed.advance('2m')
    expect(await handle.refresh()).toBeNull()
  })

  it('counts handlers at each instant for itself: a month of a task that enqueues itself is not endless', async () => {
    let runs = 0
    const hourly = task('hourly', {
      run: async () => {
        runs += 1
        await bed.client.enqueue(hourly, {}, { delay: '1h' })
        return null
      },
    })
    await using bed = await createTestbed({ tasks: [hourly], limit: 2 })
    await bed.client.enqueue(hourly, {})
    await bed.advance('3d')
    expect(runs).toBe(73)
  })
})

describe('whileRunning', () => {
  it('lets a timeout come, at its own instant, and the retry after it', async () => {
    const seen: string[] = []
    const slow = task('slow', {
      timeout: '30s',
      retries: 1,
      backoff: fixed('10s'),
      run: (_input: object, { attempt, signal }) => {
        const told = (): void => void seen.push(`#${attempt} ${signal.reason.code} ${bed.clock.now() - NOON}`)
        return new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve((told(), null))))
      },
    })
    await using bed = await createTestbed({ tasks: [slow], now: NOON, patience: 1 })
    const handle = await bed.client.enqueue(slow, {})
    await expect(bed.advance('30s')).rejects.toMatchObject({ code: 'hanging' })
    expect(bed.clock.now()).toBe(NOON)
    expect(await bed.advance('2m', { whileRunning: true })).toMatchObject({ runs: 1, failed: 1, retried: 1 })
    expect(seen).toEqual(['#1 timeout 30000', '#2 timeout 70000'])
    expect(await handle.refresh()).toMatchObject({ status: STATUS.failed, error: { code: 'timeout' } })
  })

  it('fails a call that throws failures, though the handler has thrown nothing', async () => {
    const slow = task('slow', { timeout: '1s', run: () => new Promise<null>(() => undefined) })
    await using bed = await createTestbed({ tasks: [slow], onFailure: 'throw' })
    await bed.client.enqueue(slow, {})
    await expect(bed.advance('1s', { whileRunning: true })).rejects.toMatchObject({
      code: 'attempt_failed',
      message: 'AttemptAborted: slow timed out after 1000 ms (attempt 1)',
    })
  })

  it('keeps the worker alive meanwhile: nothing goes stale', async () => {
    const { promise, resolve } = Promise.withResolvers<null>()
    const slow = task('slow', { run: () => promise })
    await using bed = await createTestbed({ tasks: [slow] })
    const handle = await bed.client.enqueue(slow, {})
    await bed.advance('5m', { whileRunning: true })
    expect(await handle.refresh()).toMatchObject({ status: STATUS.running, recoveries: 0 })
    resolve(null)
    expect(await bed.runAll()).toMatchObject({ completed: 1 })
    expect(await handle.refresh()).toMatchObject({ attempt: 1, recoveries: 0 })
  })

  it('lets a handler learn that it was cancelled', async () => {
    const slow = task('slow', {
      run: (_input: object, { signal }) =>
        new Promise<null>((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('stopped', { cause: signal.reason }))),
        ),
    })
    await using bed = await createTestbed({ tasks: [slow] })
    const { id } = await bed.client.enqueue(slow, {})
    await bed.advance(0, { whileRunning: true })
    await bed.client.cancel(id, { includeRunning: true })
    expect(await bed.runAll()).toMatchObject({ cancelled: 1 })
    expect(await bed.client.get(id)).toMatchObject({ status: STATUS.cancelled, workerId: null })
  })
})
