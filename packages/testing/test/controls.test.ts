import { STATUS, task } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { createTestbed, type OpenBackend } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { backendAt } from './sample/backend.ts'
import { NOTHING } from './summaries.ts'

const contract = task<object, null>('a', { queue: 'a' })
const a = contract.handle(() => null)
const b = task('b', { queue: 'b', run: () => null })

describe.each<[string, OpenBackend | undefined]>([
  ['memory', memoryBackend],
  ['Redis', backendAt(process.env['MILLRACE_TEST_REDIS_URL'] ?? '')],
  ['Valkey', backendAt(process.env['MILLRACE_TEST_VALKEY_URL'] ?? '')],
])('what is paused on %s', (_name, backend) => {
  it('is not due until it is resumed', async () => {
    await using bed = await createTestbed({ tasks: [a, b], backend })
    await bed.client.pause('a')
    const { id } = await bed.client.enqueue(a, {})
    await bed.client.enqueue(b, {})
    expect(await bed.runAll()).toEqual({ ...NOTHING, runs: 1, completed: 1 })
    expect((await bed.client.get(id))?.status).toBe(STATUS.pending)
    await bed.client.resume('a')
    expect(await bed.runAll()).toEqual({ ...NOTHING, runs: 1, completed: 1 })
  })

  it('lets time pass', async () => {
    await using bed = await createTestbed({ tasks: [a], backend })
    const start = bed.clock.now()
    await bed.client.pause()
    await bed.client.enqueue(a, {}, { delay: '1h' })
    expect(await bed.advance('2h')).toEqual(NOTHING)
    expect(await bed.runAll({ scheduled: true })).toEqual(NOTHING)
    expect(bed.clock.now()).toBe(start + 7_200_000)
    await bed.client.resume()
    expect(await bed.runAll()).toEqual({ ...NOTHING, runs: 1, completed: 1 })
  })

  it('is not waited for by an enqueue', async () => {
    await using bed = await createTestbed({ tasks: [a, b], backend, mode: 'inline' })
    await bed.client.pause('a')
    expect((await (await bed.client.enqueue(a, {})).refresh())?.status).toBe(STATUS.pending)
    expect((await (await bed.client.enqueue(b, {})).refresh())?.status).toBe(STATUS.completed)
    await bed.client.resume('a')
    expect((await bed.runAll()).completed).toBe(1)
  })
})

describe('a queue that the worker does not serve', () => {
  it('is left alone, and served where it is asked for', async () => {
    await using bed = await createTestbed({ tasks: [a], mode: 'inline' })
    const elsewhere = await bed.client.enqueue(a, {}, { queue: 'elsewhere' })
    expect(await bed.runAll()).toEqual(NOTHING)
    expect((await elsewhere.refresh())?.status).toBe(STATUS.pending)

    await using other = await createTestbed({ tasks: [a], worker: { queues: ['a', 'elsewhere'] } })
    await other.client.enqueue(a, {}, { queue: 'elsewhere' })
    expect(await other.runAll()).toEqual({ ...NOTHING, runs: 1, completed: 1 })
  })
})

describe('a queue with a limit of its own', () => {
  const worker = { queues: [{ name: 'a', concurrency: 1 }, 'b'] }

  it('is worked off, also behind a handler that waits for something real', async () => {
    let [running, most] = [0, 0]
    const slow = contract.handle(async () => {
      most = Math.max(most, (running += 1))
      await fetch('data:,nothing')
      running -= 1
      return null
    })
    await using bed = await createTestbed({ tasks: [slow, b], worker })
    await bed.client.enqueueMany(slow, [{ input: {} }, { input: {} }, { input: {} }])
    await bed.client.enqueue(b, {})
    expect(await bed.runAll()).toMatchObject({ runs: 4, completed: 4 })
    expect(most).toBe(1)
  })

  it('lets time pass while a handler has its only place', async () => {
    const hang = task('hang', { queue: 'a', timeout: '30s', retries: 0, run: () => new Promise<null>(() => undefined) })
    await using bed = await createTestbed({ tasks: [hang, b], worker })
    await bed.client.enqueueMany(hang, [{ input: {} }, { input: {} }])
    expect(await bed.advance('1m', { whileRunning: true })).toMatchObject({ runs: 1, failed: 1 })
  })

  it('is not full in secret: an enqueue that waits for the place it was made from says so', async () => {
    const parent = task('parent', { queue: 'a', run: async () => void (await bed.client.enqueue(a, {})) })
    await using bed = await createTestbed({
      tasks: [a, b, parent],
      worker,
      mode: 'inline',
      onFailure: 'throw',
      patience: 1,
    })
    await bed.client.enqueue(b, {})
    await expect(bed.client.enqueue(parent, {})).rejects.toMatchObject({ code: 'hanging' })
  })
})
