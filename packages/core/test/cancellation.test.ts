import { createClient, task, type Backend, type CancelFilter, type Json, type JsonObject } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { memoryClient } from './memory-client.ts'
import { recordingBackend } from './recording-backend.ts'
import { invalid, rejection, rejectionOf, unserializable, type Refusal } from './refusal.ts'
import { sampleRecord } from './sample-record.ts'
import { ID, idOf } from './sample-request.ts'

const note = task<{ n: number }, null>('note')
const other = task<{ n: number }, null>('other')

describe('cancelling by id', () => {
  it('cancels what waits, and says why', async () => {
    const { client } = memoryClient()
    const { id } = await client.enqueue(note, { n: 1 })
    expect(await client.cancel(id, { reason: 'no longer needed' })).toEqual({ matched: 1, cancelled: [id], missed: [] })
    expect(await client.get(id)).toMatchObject({
      status: 'cancelled',
      error: { code: 'cancelled', message: 'no longer needed' },
    })
  })

  it('answers for each id: cancelled, ended, running, gone', async () => {
    const { client } = memoryClient()
    const { id: running } = await client.enqueue(note, { n: 1 })
    await client.claimTask(running, { workerId: 'w' })
    const { id: ended } = await client.enqueue(note, { n: 2 })
    const claimed = await client.claimTask(ended, { workerId: 'w' })
    if (claimed) await client.complete(claimed)
    const { id: waiting } = await client.enqueue(note, { n: 3 })
    const { id: later } = await client.enqueue(note, { n: 4 }, { delay: '1h' })
    expect(await client.cancel([running, ended, ID, waiting, later])).toEqual({
      matched: 5,
      cancelled: [waiting, later],
      missed: [
        { id: running, outcome: 'refused', status: 'running' },
        { id: ended, outcome: 'refused', status: 'completed' },
        { id: ID, outcome: 'missing', status: null },
      ],
    })
  })

  it('cancels what runs only when asked', async () => {
    const { client } = memoryClient()
    const { id } = await client.enqueue(note, { n: 1 })
    const claimed = await client.claimTask(id, { workerId: 'w' })
    expect((await client.cancel(id, { includeRunning: false })).cancelled).toEqual([])
    expect((await client.cancel(id, { includeRunning: true })).cancelled).toEqual([id])
    expect(claimed && (await client.heartbeat(claimed))).toBe('refused')
  })

  it('goes in as many calls as the limit of a batch needs', async () => {
    const { backend, calls } = recordingBackend(
      { cancel: ({ ids }) => Promise.resolve(ids.map((id) => ({ id, outcome: 'ok', status: 'cancelled' }))) },
      { batch: 2 },
    )
    const ids = [1, 2, 3, 4, 5].map(idOf)
    const report = await createClient({ backend }).cancel(ids, { includeRunning: true, reason: 'r' })
    expect(report).toEqual({ matched: 5, cancelled: ids, missed: [] })
    expect(calls.map(({ parameters }) => parameters)).toEqual([
      [{ ids: [idOf(1), idOf(2)], includeRunning: true, reason: 'r' }],
      [{ ids: [idOf(3), idOf(4)], includeRunning: true, reason: 'r' }],
      [{ ids: [idOf(5)], includeRunning: true, reason: 'r' }],
    ])
  })

  it('of no ids does nothing', async () => {
    const { backend, calls } = recordingBackend()
    expect(await createClient({ backend }).cancel([])).toEqual({ matched: 0, cancelled: [], missed: [] })
    expect(calls).toEqual([])
  })
})

describe('cancelling by filter', () => {
  it('finds every record that fits, over many pages, and leaves the others', async () => {
    const { client } = memoryClient()
    const wanted = await client.enqueueMany(
      note,
      Array.from({ length: 250 }, (_, n) => ({ input: { n }, options: n % 3 === 0 ? { delay: '1h' as const } : {} })),
    )
    const spared = await client.enqueueMany(other, [{ input: { n: 1 } }, { input: { n: 2 }, options: { delay: '1h' } }])
    const elsewhere = await client.enqueue(note, { n: 1 }, { queue: 'slow' })
    const report = await client.cancel({ taskName: 'note', queue: 'default' })
    expect(report.matched).toBe(250)
    expect(report.missed).toEqual([])
    expect([...report.cancelled].toSorted()).toEqual(wanted.map(({ id }) => id).toSorted())
    const { counts } = await client.statistics()
    expect(counts).toMatchObject({ cancelled: 250, pending: 2, scheduled: 1 })
    for (const { id } of [...spared, elsewhere]) expect((await client.get(id))?.status).not.toBe('cancelled')
  })

  it('says what ran and was left alone, unless it is asked to', async () => {
    const { client } = memoryClient()
    const { id: running } = await client.enqueue(note, { n: 1 })
    await client.claimTask(running, { workerId: 'w' })
    const { id: waiting } = await client.enqueue(note, { n: 2 })
    expect(await client.cancel({ taskName: 'note' })).toEqual({
      matched: 2,
      cancelled: [waiting],
      missed: [{ id: running, outcome: 'refused', status: 'running' }],
    })
    expect(await client.cancel({ taskName: 'note' }, { includeRunning: true, reason: 'stop' })).toEqual({
      matched: 1,
      cancelled: [running],
      missed: [],
    })
    expect(await client.cancel({ taskName: 'note' })).toEqual({ matched: 0, cancelled: [], missed: [] })
  })

  const body = { user: { id: 5, name: 'Ada' }, tags: ['a', 'b'], flag: null, nested: { list: [{ x: 1, y: 2 }] } }

  it.each<[fits: boolean, part: JsonObject]>([
    [true, { user: {} }],
    [true, { user: { id: 5 } }],
    [true, { user: { name: 'Ada', id: 5 } }],
    [true, { flag: null }],
    [true, { tags: ['a', 'b'] }],
    [true, { nested: { list: [{ x: 1 }] } }],
    [false, { user: { id: 6 } }],
    [false, { user: { id: '5' } }],
    [false, { user: { age: 5 } }],
    [false, { user: null }],
    [false, { user: 'Ada' }],
    [false, { user: [] }],
    [false, { flag: false }],
    [false, { flag: {} }],
    [false, { missing: null }],
    [false, { tags: ['a'] }],
    [false, { tags: ['b', 'a'] }],
    [false, { tags: { 0: 'a' } }],
    [false, { tags: [] }],
    [false, { nested: { list: [{ z: 1 }] } }],
    [false, { constructor: {} }],
    [false, { toString: {} }],
  ])('%s: %j', async (fits, part) => {
    const { client } = memoryClient()
    const task1 = task<typeof body, null>('any')
    const { id } = await client.enqueue(task1, body, { metadata: body })
    const count = fits ? 1 : 0
    expect((await client.cancel({ kwargs: part, metadata: part })).matched).toBe(count)
    expect((await client.get(id))?.status).toBe(fits ? 'cancelled' : 'pending')
  })

  it('compares kwargs with kwargs and metadata with metadata, and both must fit', async () => {
    const { client } = memoryClient()
    const inputOf = async (n: number, m: Json): Promise<string> =>
      (await client.enqueue(note, { n }, { metadata: { m } })).id
    const [first, second, third] = [await inputOf(1, 1), await inputOf(1, 2), await inputOf(2, 1)]
    expect((await client.cancel({ kwargs: { n: 1 }, metadata: { m: 1 } })).cancelled).toEqual([first])
    expect((await client.cancel({ metadata: { m: 1 } })).cancelled).toEqual([third])
    expect((await client.cancel({ kwargs: { n: 1 } })).cancelled).toEqual([second])
    expect((await client.cancel({ kwargs: { m: 1 } })).matched).toBe(0)
  })

  it('takes an empty object beside another condition', async () => {
    const { client } = memoryClient()
    const [first] = await client.enqueueMany(note, [{ input: { n: 1 } }])
    await client.enqueue(other, { n: 1 })
    expect((await client.cancel({ taskName: 'note', kwargs: {}, metadata: {} })).cancelled).toEqual([first?.id])
  })

  it('ends although more that fits comes faster than it looks', async () => {
    const { client, backend, clock } = memoryClient()
    const many = Array.from({ length: 250 }, (_, n) => ({ input: { n } }))
    await client.enqueueMany(note, many)
    let pages = 0
    const busy = overriding(backend, {
      list: async (query) => {
        const page = await backend.list(query)
        if (page.records.length > 0 && ++pages > 20) throw new Error('it goes on and on')
        clock.advance(1)
        if (page.records.length > 0) await client.enqueueMany(note, many)
        return page
      },
    })
    expect((await createClient({ backend: busy, clock }).cancel({ taskName: 'note' })).cancelled.length).toBe(250)
  })

  it('looks for what it was asked for, whatever its owner changes meanwhile', async () => {
    const { client } = memoryClient()
    const [first] = await client.enqueueMany(note, [{ input: { n: 1 } }, { input: { n: 2 } }])
    const kwargs = { n: 1 }
    const cancelling = client.cancel({ kwargs })
    kwargs.n = 2
    expect((await cancelling).cancelled).toEqual([first?.id])
  })

  it('meets a record again that has moved on meanwhile, and reports it once', async () => {
    const record = sampleRecord({ id: ID })
    const { backend, calls } = recordingBackend({
      list: ({ view }) =>
        Promise.resolve({ records: view === 'pending' || view === 'running' ? [record] : [], cursor: null }),
      cancel: ({ ids }) => {
        const status = calls.length < 8 ? 'running' : 'cancelled'
        return Promise.resolve(ids.map((id) => ({ id, outcome: status === 'running' ? 'refused' : 'ok', status })))
      },
    })
    const report = await createClient({ backend }).cancel({ taskName: 'email.send' }, { includeRunning: true })
    expect(report).toEqual({ matched: 1, cancelled: [ID], missed: [] })
    const views = calls.filter(({ method }) => method === 'list').map(({ parameters: [query] }) => query)
    expect(views).toMatchObject([{ view: 'waiting' }, { view: 'scheduled' }, { view: 'pending' }, { view: 'running' }])
  })
})

function overriding(backend: Backend, members: Partial<Backend>): Backend {
  return new Proxy(backend, {
    get(target, name) {
      const member: unknown = Reflect.get(members, name) ?? Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

describe('cancelling is refused before any I/O', () => {
  class Filter implements CancelFilter {
    readonly queue = 'a'
  }

  it.each<[what: string, parameters: readonly unknown[], refused: Refusal]>([
    ['nothing', [], invalid('filter')],
    ['null', [null], invalid('filter')],
    ['a number', [5], invalid('filter')],
    ['a filter without a condition', [{}], invalid('filter')],
    ['a condition that is not there', [{ taskName: undefined }], invalid('filter')],
    ['nothing that kwargs must have', [{ kwargs: {} }], invalid('filter')],
    ['nothing that metadata must have', [{ metadata: {} }], invalid('filter')],
    ['two conditions that say nothing', [{ taskName: undefined, kwargs: {}, metadata: {} }], invalid('filter')],
    ['a bad task', [{ taskName: '*' }], invalid('filter.taskName')],
    ['a bad queue', [{ queue: null }], invalid('filter.queue')],
    [
      'a bad id behind many good ones',
      [[...Array.from({ length: 1_000 }, (_, n) => idOf(n)), 'x']],
      invalid('ids[1000]'),
    ],
    ['a misspelt filter', [{ task: 'note' }], invalid('filter.task')],
    ['kwargs that are a text', [{ kwargs: 'x' }], invalid('filter.kwargs')],
    ['kwargs that are null', [{ kwargs: null }], invalid('filter.kwargs')],
    ['metadata that are a list', [{ metadata: [] }], invalid('filter.metadata')],
    ['a value that no record can hold', [{ kwargs: { at: new Date() } }], unserializable('filter.kwargs.at')],
    ['a value that got lost', [{ kwargs: { userId: undefined } }], invalid('filter.kwargs.userId')],
    [
      'one deep inside',
      [{ queue: 'a', metadata: { of: [{ a: 1, b: undefined }] } }],
      invalid('filter.metadata.of[0].b'),
    ],
    ['a misspelt option', [ID, { force: true }], invalid('options.force')],
    ['options that are none', [[ID], null], invalid('options')],
    ['a hole', [Object.assign([], { 1: ID })], invalid('ids')],
  ])('%s', async (_what, parameters, refused) => {
    const { backend, calls } = recordingBackend()
    const client = createClient({ backend })
    expect(await rejection(() => Reflect.apply(client.cancel, client, parameters))).toEqual(refused)
    expect(calls).toEqual([])
  })

  it('and of a handle it says what to pass', async () => {
    const { client } = memoryClient()
    const handle = await client.enqueue(note, { n: 1 })
    const { parameter, message } = await rejectionOf(() => Reflect.apply(client.cancel, client, [handle]))
    expect({ parameter, message }).toEqual({
      parameter: 'filter',
      message: 'filter must have conditions; of a handle or a record pass its id: cancel(handle.id)',
    })
    expect((await handle.refresh())?.status).toBe('pending')
  })

  it('but a filter may be made by a class', async () => {
    const { client } = memoryClient()
    await client.enqueue(note, { n: 1 }, { queue: 'a' })
    await client.enqueue(note, { n: 1 })
    expect((await client.cancel(new Filter())).matched).toBe(1)
  })
})
