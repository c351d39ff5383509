import {
  createClient, manualClock, QueueError, task, TaskOutcomeError, type Client, type Handle, type Hint, type ManualClock,
  type TaskRecord, type Watch,
} from '@millrace/core' // prettier-ignore
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createdBy } from './created-by.ts'
import { memoryClient } from './memory-client.ts'
import { recordingBackend, type Recording } from './recording-backend.ts'
import { invalid, rejection } from './refusal.ts'
import { sampleRecord } from './sample-record.ts'

const double = task<{ n: number }, { doubled: number }>('double', { retries: 1 })

/** Until somebody waits for a result: a timer is set for the next look, and one for the end. */
async function waiting(clock: ManualClock, timers = 2): Promise<void> {
  await vi.waitFor(() => expect(clock.pending).toBe(timers), { interval: 1 })
}

async function claimed(client: Client, id: string): Promise<TaskRecord> {
  const record = await client.claimTask(id, { workerId: 'w' })
  if (record === null) throw new Error('not claimed')
  return record
}

/** How the result of a handle was refused. */
async function ended(result: Promise<unknown>): Promise<TaskOutcomeError> {
  const error: unknown = await result.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof TaskOutcomeError) return error
  throw new Error('not an outcome', { cause: error })
}

describe('a result', () => {
  it('comes when the handler has returned', async () => {
    const { client, clock } = memoryClient()
    const handle = await client.enqueue(double, { n: 2 })
    const result = handle.result()
    await waiting(clock)
    await client.complete(await claimed(client, handle.id), { doubled: 4 })
    expect((await result).doubled).toBe(4)
    expect(clock.pending).toBe(0)
  })

  it('is there at once if the record has ended before, as often as asked', async () => {
    const { client } = memoryClient()
    const handle = await client.enqueue(double, { n: 2 })
    await client.complete(await claimed(client, handle.id), { doubled: 4 })
    expect(await handle.result()).toEqual({ doubled: 4 })
    expect(await handle.result({ timeout: 0 })).toEqual({ doubled: 4 })
  })

  it('comes after a retry, too', async () => {
    const { client, clock } = memoryClient()
    const handle = await client.enqueue(double, { n: 2 })
    const result = handle.result()
    await waiting(clock)
    expect(await client.fail(await claimed(client, handle.id), new Error('again'))).toMatchObject({ status: 'pending' })
    await client.complete(await claimed(client, handle.id), { doubled: 5 })
    expect(await result).toEqual({ doubled: 5 })
  })

  it('is null where the handler returned nothing', async () => {
    const { client } = memoryClient()
    const handle = await client.enqueue(task<object, null>('log'), {})
    await client.complete(await claimed(client, handle.id))
    expect(await handle.result()).toBeNull()
  })

  it('is read by the output schema', async () => {
    const { client } = memoryClient()
    const output = z.object({ at: z.string().transform((text) => text.length) })
    const measure = task('measure', { input: z.object({}), output })
    const handle = await client.enqueue(measure, {})
    await client.complete(await claimed(client, handle.id), { at: 'four' })
    expect(await handle.result()).toEqual({ at: 4 })
    const bad = await client.enqueue(measure, {})
    await client.complete(await claimed(client, bad.id), { at: 4 })
    expect(await rejection(() => bad.result())).toEqual(invalid('result.at'))
  })

  it('of an existing record is the one that its holder gets', async () => {
    const { client } = memoryClient()
    const first = await client.enqueue(double, { n: 2 }, { key: 'k' })
    const second = await client.enqueue(double, { n: 3 }, { key: 'k' })
    expect([first.outcome, second.outcome, second.id]).toEqual(['created', 'existing', first.id])
    await client.complete(await claimed(client, first.id), { doubled: 4 })
    expect(await second.result()).toEqual({ doubled: 4 })
  })
})

describe('without a result', () => {
  const ends: Readonly<
    Record<string, (client: Client, handle: Handle<unknown>, clock: ManualClock) => Promise<unknown>>
  > = {
    failed: async (client, { id }) =>
      client.fail(await claimed(client, id), new RangeError('too far'), { retry: false }),
    cancelled: async (client, { id }) => client.cancel(id, { reason: 'not needed' }),
    expired: async (client, _handle, clock) => {
      clock.advance(1_001)
      return await client.expireOverdue()
    },
  }

  it.each([
    ['failed', 'too far', 'RangeError'],
    ['cancelled', 'not needed', 'Cancelled'],
    ['expired', 'not started before its deadline', 'Expired'],
  ])('it says that the record is %s, and why', async (status, why, name) => {
    const { client, clock } = memoryClient()
    const handle = await client.enqueue(double, { n: 1 }, { expiresIn: '1s' })
    const outcome = ended(handle.result())
    await waiting(clock)
    await ends[status]?.(client, handle, clock)
    const error = await outcome
    expect(error).toMatchObject({
      name: 'TaskOutcomeError',
      id: handle.id,
      status,
      record: { status, error: { name } },
    })
    expect(error.message).toBe(`double ${handle.id} ${status}: ${why}`)
    expect(clock.pending).toBe(0)
  })

  it('it says that the record was replaced', async () => {
    const { client, clock } = memoryClient()
    const first = await client.enqueue(double, { n: 1 }, { key: 'k' })
    const outcome = ended(first.result())
    await waiting(clock)
    const second = await client.enqueue(double, { n: 2 }, { key: 'k', onConflict: 'replace' })
    expect(second.outcome).toBe('replaced')
    expect((await outcome).record?.error).toEqual({
      name: 'Replaced',
      message: `replaced by ${second.id}`,
      code: 'replaced',
    })
  })

  it('it says that the record is gone', async () => {
    const { client, clock } = memoryClient()
    const handle = await client.enqueue(double, { n: 1 })
    await client.complete(await claimed(client, handle.id), { doubled: 2 })
    clock.advance(600_001)
    expect((await client.cleanUp({ olderThan: '10m' })).removed).toEqual([handle.id])
    const error = await ended(handle.result())
    expect(error).toMatchObject({ id: handle.id, status: null, record: null })
    expect(error.message).toBe(`record ${handle.id} does not exist (any more)`)
    expect(await handle.refresh()).toBeNull()
  })

  it('it says that the record went while it was waited for', async () => {
    const { client, backend, clock } = memoryClient()
    const handle = await client.enqueue(double, { n: 1 })
    const outcome = ended(handle.result())
    await waiting(clock)
    await backend.destroy()
    expect(await outcome).toMatchObject({ status: null })
  })

  it('it says why, if that is known', () => {
    const record = sampleRecord({ taskName: 'a', status: 'failed' })
    expect(new TaskOutcomeError(record.id, record).message).toBe(`a ${record.id} failed`)
  })
})

describe('waiting ends', () => {
  it('when its time is over', async () => {
    const { client, clock } = memoryClient()
    const handle = await client.enqueue(double, { n: 1 })
    const result = handle.result({ timeout: '3s' })
    await waiting(clock)
    clock.advance(2_999)
    await waiting(clock)
    clock.advance(1)
    await expect(result).rejects.toMatchObject({
      name: 'QueueError',
      code: 'timeout',
      parameter: 'options.timeout',
      retryable: true,
      message: `double ${handle.id} was still pending after 3000 ms`,
    })
    expect(clock.pending).toBe(0)
    expect((await handle.refresh())?.status).toBe('pending')
  })

  it('after a minute by default', async () => {
    const { client, clock } = memoryClient()
    const handle = await client.enqueue(double, { n: 1 })
    const result = handle.result()
    const failed = expect(result).rejects.toMatchObject({ code: 'timeout' })
    for (let second = 0; second < 60; second += 5) {
      await waiting(clock)
      clock.advance(5_000)
    }
    await failed
  })

  it('at once with timeout 0, after one look', async () => {
    const { client, clock } = memoryClient()
    const handle = await client.enqueue(double, { n: 1 })
    expect(await rejection(() => handle.result({ timeout: 0 }))).toEqual({
      code: 'timeout',
      parameter: 'options.timeout',
    })
    expect(clock.pending).toBe(0)
  })

  it('when its signal aborts, with its reason', async () => {
    const { client, clock } = memoryClient()
    const handle = await client.enqueue(double, { n: 1 })
    const controller = new AbortController()
    const result = handle.result({ signal: controller.signal })
    await waiting(clock)
    const reason = new Error('request closed')
    controller.abort(reason)
    await expect(result).rejects.toBe(reason)
    expect(clock.pending).toBe(0)
  })

  it('without any I/O if its signal has aborted before', async () => {
    const { backend, calls } = recordingBackend({ enqueue: createdBy })
    const handle = await createClient({ backend }).enqueue(double, { n: 1 })
    const reason = new Error('request closed')
    await expect(handle.result({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(calls.map(({ method }) => method)).toEqual(['enqueue'])
  })

  it('when the backend is closed', async () => {
    const { client, clock } = memoryClient()
    const handle = await client.enqueue(double, { n: 1 })
    const result = handle.result()
    await waiting(clock)
    const [outcome] = await Promise.allSettled([result, client.close()])
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'closed' } })
    expect(clock.pending).toBe(0)
  })
})

describe('a watch that helps little', () => {
  interface Stub {
    readonly handle: Handle<{ doubled: number }>
    readonly recording: Recording
    readonly clock: ManualClock
    readonly closed: () => number
  }

  /** A handle whose watch answers with `hints`, and then with nothing; the record ends at its n-th look. */
  async function stub(hints: Hint[], endsAtLook: number): Promise<Stub> {
    const clock = manualClock()
    let looks = 0
    let closed = 0
    const watch: Watch = {
      next: ({ signal } = {}) => {
        const hint = hints.shift()
        if (hint !== undefined) return Promise.resolve(hint)
        return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(null)))
      },
      close() {
        closed += 1
        return Promise.resolve()
      },
    }
    const recording = recordingBackend({
      enqueue: createdBy,
      watch: () => Promise.resolve(watch),
      get: () => {
        looks += 1
        if (looks === 99) return Promise.reject(new QueueError('connection', 'lost'))
        const status = looks >= endsAtLook ? ('completed' as const) : ('running' as const)
        return Promise.resolve([sampleRecord({ status, result: { doubled: looks } })])
      },
    })
    const handle = await createClient({ backend: recording.backend, clock }).enqueue(double, { n: 1 })
    return { handle, recording, clock, closed: () => closed }
  }

  it('is armed before the first look, for this record alone', async () => {
    const { handle, recording, closed } = await stub([], 1)
    await handle.result()
    expect(recording.calls.slice(1)).toEqual([
      { method: 'watch', parameters: [{ ids: [handle.id] }] },
      { method: 'get', parameters: [[handle.id]] },
    ])
    expect(closed()).toBe(1)
  })

  it('and loses its hint: the record is looked at again all 5 s', async () => {
    const { handle, clock, closed } = await stub([], 3)
    const result = handle.result()
    for (let look = 1; look < 3; look++) {
      await waiting(clock)
      clock.advance(5_000)
    }
    expect(await result).toEqual({ doubled: 3 })
    expect(closed()).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('and hints for nothing: the record is looked at again', async () => {
    const { handle, clock } = await stub([{ kind: 'work' }, { kind: 'control' }, { kind: 'work' }], 4)
    expect(await handle.result()).toEqual({ doubled: 4 })
    expect(clock.pending).toBe(0)
  })

  it('is closed if looking fails', async () => {
    const { recording, clock, handle, closed } = await stub([], 200)
    const result = handle.result({ timeout: '1h' })
    const failed = expect(result).rejects.toMatchObject({ code: 'connection' })
    for (let look = 1; look < 99; look++) {
      await waiting(clock)
      clock.advance(5_000)
    }
    await failed
    expect(closed()).toBe(1)
    expect(recording.methods().filter((method) => method === 'watch')).toHaveLength(1)
  })

  it('takes no listener of the signal along', async () => {
    const { handle } = await stub([{ kind: 'work' }, { kind: 'work' }], 3)
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    await handle.result({ signal })
    expect(added).toHaveBeenCalledTimes(1)
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(added.mock.calls.map(([, listener]) => listener))
  })
})

it.each<[options: unknown, parameter: string]>([
  [null, 'options'],
  [5_000, 'options'],
  [{ timeout: 'soon' }, 'options.timeout'],
  [{ timeout: -1 }, 'options.timeout'],
  [{ timeoutMs: 5 }, 'options.timeoutMs'],
  [{ signal: 'stop' }, 'options.signal'],
  [{ signal: {} }, 'options.signal'],
])('bad options are refused before any I/O: %j', async (options, parameter) => {
  const { backend, calls } = recordingBackend({ enqueue: createdBy })
  const handle = await createClient({ backend }).enqueue(double, { n: 1 })
  expect(await rejection(() => Reflect.apply(handle.result, handle, [options]))).toEqual(invalid(parameter))
  expect(calls).toHaveLength(1)
})
