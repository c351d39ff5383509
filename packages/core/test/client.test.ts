import {
  createClient,
  isId,
  manualClock,
  systemClock,
  task,
  type Backend,
  type ListQuery,
  type Page,
} from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createdBy } from './created-by.ts'
import { recordingBackend } from './recording-backend.ts'
import { invalid, refusal } from './refusal.ts'
import { sampleRecord } from './sample-record.ts'
import { ID, idOf } from './sample-request.ts'

const note = task<{ n: number }, null>('note')
const record = sampleRecord()

describe('a client', () => {
  it('shows its backend and its clock', () => {
    const { backend } = recordingBackend()
    const clock = manualClock()
    expect(createClient({ backend, clock })).toMatchObject({ backend, clock })
    expect(createClient({ backend }).clock).toBe(systemClock)
  })

  it.each<[what: string, options: unknown, parameter: string]>([
    ['nothing', undefined, 'options'],
    ['a backend in place of options', recordingBackend().backend, 'options.capabilities'],
    ['no backend', {}, 'options.backend'],
    ['a URL for a backend', { backend: 'memory:' }, 'options.backend'],
    ['null for a backend', { backend: null }, 'options.backend'],
    ['a promise of a backend', { backend: Promise.resolve(recordingBackend().backend) }, 'options.backend'],
    ['a time for a clock', { backend: recordingBackend().backend, clock: 5 }, 'options.clock'],
    ['half a clock', { backend: recordingBackend().backend, clock: { now: Date.now } }, 'options.clock'],
    ['an unknown option', { backend: recordingBackend().backend, url: 'memory:' }, 'options.url'],
  ])('is not made of %s', (_what, options, parameter) => {
    expect(refusal(() => Reflect.apply(createClient, null, [options]))).toEqual(invalid(parameter))
  })

  it('does nothing before it is asked', () => {
    const { backend, calls } = recordingBackend()
    createClient({ backend })
    expect(calls).toEqual([])
  })

  it('takes the time of its ids from its clock', async () => {
    const clock = manualClock(5)
    const { backend } = recordingBackend({ enqueue: createdBy })
    const { id } = await createClient({ backend, clock }).enqueue(note, { n: 1 })
    expect(isId(id) && id.startsWith('00000000-0005-7')).toBe(true)
  })
})

describe('reading', () => {
  it('one record', async () => {
    const answers = [record, null]
    const { backend, calls } = recordingBackend({ get: () => Promise.resolve([answers.shift() ?? null]) })
    const client = createClient({ backend })
    expect(await client.get(ID)).toBe(record)
    expect(await client.get(ID)).toBeNull()
    expect(calls[0]).toEqual({ method: 'get', parameters: [[ID]] })
  })

  it('by key: of a task, or of the namespace', async () => {
    const { backend, calls } = recordingBackend({ getByKey: () => Promise.resolve([record]) })
    const client = createClient({ backend })
    expect(await client.getByKey('k', note)).toBe(record)
    await client.getByKey('k', { name: 'other' })
    await client.getByKey('k')
    expect(calls.map(({ parameters }) => parameters)).toEqual([
      [[{ scope: 'task', taskName: 'note', key: 'k' }]],
      [[{ scope: 'task', taskName: 'other', key: 'k' }]],
      [[{ scope: 'namespace', key: 'k' }]],
    ])
  })

  it('what a silent backend does not answer is not there', async () => {
    const none = (): Promise<readonly []> => Promise.resolve([])
    const client = createClient({ backend: recordingBackend({ get: none, getByKey: none }).backend })
    expect([await client.get(ID), await client.getByKey('k')]).toEqual([null, null])
  })

  it('a page, and statistics', async () => {
    const page: Page = { records: [record], cursor: 'c' }
    const statistics = { at: 5, counts: {}, queues: [], workers: [] } as unknown as Awaited<
      ReturnType<Backend['statistics']>
    >
    const { backend, calls } = recordingBackend({
      list: () => Promise.resolve(page),
      statistics: () => Promise.resolve(statistics),
    })
    const client = createClient({ backend })
    const query: ListQuery = { view: 'failed', limit: 5 }
    expect(await client.list(query)).toBe(page)
    expect(await client.statistics({ queue: 'a' })).toBe(statistics)
    await client.statistics()
    expect(calls).toEqual([
      { method: 'list', parameters: [query] },
      { method: 'statistics', parameters: [{ queue: 'a' }] },
      { method: 'statistics', parameters: [undefined] },
    ])
  })
})

describe('each record of a list', () => {
  const pages: readonly Page[] = [
    { records: [sampleRecord({ id: idOf(1) }), sampleRecord({ id: idOf(2) })], cursor: 'a' },
    { records: [], cursor: 'b' },
    { records: [sampleRecord({ id: idOf(3) })], cursor: null },
  ]

  it('is read page by page, empty ones between them', async () => {
    const left = [...pages]
    const { backend, calls } = recordingBackend({
      list: () => Promise.resolve(left.shift() ?? { records: [], cursor: null }),
    })
    const ids: string[] = []
    for await (const { id } of createClient({ backend }).each({ view: 'next', queue: 'a', limit: 2 })) ids.push(id)
    expect(ids).toEqual([idOf(1), idOf(2), idOf(3)])
    const query = { view: 'next', queue: 'a', limit: 2 }
    expect(calls.map(({ parameters }) => parameters)).toEqual([
      [{ ...query, cursor: null }],
      [{ ...query, cursor: 'a' }],
      [{ ...query, cursor: 'b' }],
    ])
  })

  it('is read only as far as it is asked for', async () => {
    const { backend, calls } = recordingBackend({
      list: () => Promise.resolve(pages[0] ?? { records: [], cursor: null }),
    })
    for await (const { id } of createClient({ backend }).each({ view: 'next' })) {
      expect(id).toBe(idOf(1))
      break
    }
    expect(calls).toHaveLength(1)
  })
})

describe('closing', () => {
  it('sends what was gathered and waits for its answer', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { backend, methods } = recordingBackend({
      enqueue: async (requests) => {
        await promise
        return await createdBy(requests)
      },
    })
    const client = createClient({ backend })
    const call = client.enqueue(note, { n: 1 })
    const closing = client.close()
    expect(methods()).toEqual(['enqueue'])
    resolve()
    await closing
    expect(methods()).toEqual(['enqueue', 'close'])
    expect((await call).outcome).toBe('created')
  })

  it('goes on if what was gathered cannot be sent', async () => {
    const { backend, methods } = recordingBackend({ enqueue: () => Promise.reject(new Error('lost')) })
    const client = createClient({ backend })
    const [call] = await Promise.allSettled([client.enqueue(note, { n: 1 }), client.close()])
    expect(call.status).toBe('rejected')
    expect(methods()).toEqual(['enqueue', 'close'])
  })

  it('happens by itself at the end of a block', async () => {
    const { backend, methods } = recordingBackend({ enqueue: createdBy })
    {
      await using client = createClient({ backend })
      void client.enqueue(note, { n: 1 })
    }
    expect(methods()).toEqual(['enqueue', 'close'])
  })

  it('happens at the end of a block that throws, too, and the error passes', async () => {
    const { backend, methods } = recordingBackend({ enqueue: createdBy })
    const block = async (): Promise<void> => {
      await using client = createClient({ backend })
      void client.enqueue(note, { n: 1 })
      throw new Error('of the block')
    }
    await expect(block()).rejects.toThrow('of the block')
    expect(methods()).toEqual(['enqueue', 'close'])
  })

  it('happens once, however often it is asked for', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { backend, methods } = recordingBackend({ close: () => promise })
    const client = createClient({ backend })
    let closed = 0
    const closings = [client.close(), client.close(), client[Symbol.asyncDispose]()].map(async (closing) => {
      await closing
      closed += 1
    })
    await new Promise((ready) => setImmediate(ready))
    expect(closed).toBe(0)
    resolve()
    await Promise.all([...closings, client.close()])
    expect(methods()).toEqual(['close'])
  })

  it('refuses what is enqueued from then on, while it still waits for what was under way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { backend, methods } = recordingBackend({
      enqueue: async (requests) => {
        await promise
        return await createdBy(requests)
      },
    })
    const client = createClient({ backend })
    const call = client.enqueue(note, { n: 1 })
    const closing = client.close()
    await expect(client.enqueue(note, { n: 2 })).rejects.toMatchObject({ code: 'closed', indeterminate: false })
    await expect(client.enqueueMany(note, [{ input: { n: 3 } }])).rejects.toMatchObject({ code: 'closed' })
    await expect(client.enqueue(note, { n: 1n } as never)).rejects.toMatchObject({ code: 'not_serializable' })
    resolve()
    await closing
    expect((await call).outcome).toBe('created')
    expect(methods()).toEqual(['enqueue', 'close'])
  })

  it('waits five seconds for a backend that hangs, and no longer', async () => {
    const clock = manualClock()
    const { backend, methods } = recordingBackend({ enqueue: () => new Promise(() => undefined) })
    const client = createClient({ backend, clock })
    void client.enqueue(note, { n: 1 })
    const closing = client.close()
    clock.advance(4_999)
    await new Promise((ready) => setImmediate(ready))
    expect(methods()).toEqual(['enqueue'])
    clock.advance(1)
    await closing
    expect(methods()).toEqual(['enqueue', 'close'])
    expect(clock.pending).toBe(0)
  })

  it.each(['enqueue', 'enqueueMany'] as const)('waits for what a schema still looks at: %s', async (how) => {
    const { promise: looked, resolve } = Promise.withResolvers<void>()
    const input = z.object({ n: z.number() }).refine(() => looked.then(() => true))
    const checked = task('checked', { input })
    const { backend, methods } = recordingBackend({ enqueue: createdBy })
    const client = createClient({ backend })
    const call =
      how === 'enqueue' ? client.enqueue(checked, { n: 1 }) : client.enqueueMany(checked, [{ input: { n: 1 } }])
    const closing = client.close()
    await expect(client.enqueue(checked, { n: 2 })).rejects.toMatchObject({ code: 'closed' })
    resolve()
    await closing
    expect([await call].flat()).toMatchObject([{ outcome: 'created' }])
    expect(methods()).toEqual(['enqueue', 'close'])
  })

  it('waits five seconds for a schema that hangs, and refuses what comes of it later', async () => {
    const clock = manualClock()
    const { promise: looked, resolve } = Promise.withResolvers<void>()
    const checked = task('checked', { input: z.object({}).refine(() => looked.then(() => true)) })
    const { backend, methods } = recordingBackend()
    const client = createClient({ backend, clock })
    const call = client.enqueue(checked, {})
    const closing = client.close()
    clock.advance(5_000)
    await closing
    resolve()
    await expect(call).rejects.toMatchObject({ code: 'closed', indeterminate: false })
    expect(methods()).toEqual(['close'])
  })

  it('closes over an input that a schema refuses meanwhile', async () => {
    const checked = task('checked', { input: z.object({}).refine(async () => false) })
    const { backend, methods } = recordingBackend()
    const client = createClient({ backend })
    const refused = expect(client.enqueue(checked, {})).rejects.toMatchObject({ code: 'invalid_argument' })
    await client.close()
    await refused
    expect(methods()).toEqual(['close'])
  })

  it('leaves no timer behind', async () => {
    const clock = manualClock()
    const { backend } = recordingBackend({ enqueue: createdBy })
    const client = createClient({ backend, clock })
    void client.enqueue(note, { n: 1 })
    await client.close()
    expect(clock.pending).toBe(0)
  })
})
