import { createClient, inputKey, manualClock, task, type Backend, type TaskRequest } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryBackend } from '../../memory/src/index.ts'
import { createdBy } from './created-by.ts'
import { memoryClient, type MemoryClient } from './memory-client.ts'
import { recordingBackend } from './recording-backend.ts'
import { invalid, refusal, rejection } from './refusal.ts'

const note = task<{ n?: number; text?: string }>('note')
const other = task('other')
const forever = { key: 'k', keyHold: 'forever' } as const

/** Enqueued, completed, and cleaned up; the key may stay. */
async function gone({ client, clock }: MemoryClient, options: Parameters<typeof client.enqueue>[2]): Promise<string> {
  const { id } = await client.enqueue(note, {}, options)
  const record = await client.claimTask(id, { workerId: 'w' })
  if (record === null) throw new Error('not claimed')
  await client.complete(record)
  clock.advance(3_600_000)
  await client.cleanUp({ olderThan: '10m' })
  return id
}

describe('a handle of a key whose record is gone', () => {
  it('is reserved: it has the id, no record, and no result', async () => {
    const opened = memoryClient()
    const id = await gone(opened, forever)
    const handle = await opened.client.enqueue(note, {}, { key: 'k' })
    expect(handle).toMatchObject({ outcome: 'reserved', id, taskName: 'note', record: null })
    expect(await handle.refresh()).toBeNull()
    await expect(handle.result()).rejects.toMatchObject({ name: 'TaskOutcomeError', id, status: null, record: null })
    const waiting = opened.client.enqueueAndWait(note, {}, { key: 'k' })
    await expect(waiting).rejects.toMatchObject({ name: 'TaskOutcomeError', id })
  })

  it("is a conflict where the namespace's key belongs to another task", async () => {
    const opened = memoryClient()
    const id = await gone(opened, { ...forever, keyScope: 'namespace' })
    const options = { key: 'k', keyScope: 'namespace' } as const
    const refused = opened.client.enqueue(other, {}, options)
    await expect(refused).rejects.toMatchObject({ code: 'key_conflict', parameter: 'options.key' })
    const [handle, own] = [
      ...(await opened.client.enqueueMany(other, [{ input: {}, options }])),
      ...(await opened.client.enqueueMany(note, [{ input: {}, options }])),
    ]
    expect(handle).toMatchObject({ outcome: 'conflict', id, taskName: 'note', record: null })
    expect(await handle?.refresh()).toBeNull()
    expect(own).toMatchObject({ outcome: 'reserved', id, record: null })
  })
})

it('a record that has ended but still has the key gives its result', async () => {
  const { client } = memoryClient()
  const double = task<{ n: number }, number>('double')
  const first = await client.enqueue(double, { n: 2 }, { key: 'k', keyHold: { window: '10m' } })
  const record = await client.claimTask(first.id, { workerId: 'w' })
  if (record === null) throw new Error('not claimed')
  await client.complete(record, 4)
  const again = await client.enqueue(double, { n: 2 }, { key: 'k' })
  expect(again).toMatchObject({ outcome: 'existing', id: first.id, record: { status: 'completed' } })
  expect(await again.result()).toBe(4)
})

describe('a key is reset', () => {
  it('of a task, or of the namespace', async () => {
    const { client } = memoryClient()
    await client.enqueue(note, {}, forever)
    await client.enqueue(note, {}, { key: 'all', keyScope: 'namespace' })
    expect(await client.resetKey('k')).toBe('free')
    expect(await client.resetKey('k', other)).toBe('free')
    expect(await client.resetKey('k', note)).toBe('reset')
    expect(await client.resetKey('all')).toBe('refused')
    expect((await client.enqueue(note, {}, forever)).outcome).toBe('created')
  })

  it('after the enqueues of the same tick', async () => {
    const { client } = memoryClient()
    const enqueued = client.enqueue(note, {}, forever)
    expect(await client.resetKey('k', note)).toBe('reset')
    expect((await enqueued).outcome).toBe('created')
  })

  it('with a name that is none it is refused before any I/O, and after the close as well', async () => {
    const { client } = memoryClient()
    expect(await rejection(() => client.resetKey(''))).toEqual(invalid('key'))
    for (const act of [client.resetKey, client.getByKey]) {
      expect(await rejection(() => Reflect.apply(act, client, [5]))).toEqual(invalid('key'))
      expect(await rejection(() => Reflect.apply(act, client, ['k', 'note']))).toEqual(invalid('of'))
      expect(await rejection(() => Reflect.apply(act, client, ['k', { name: 5 }]))).toEqual(invalid('of.name'))
    }
    for (const act of [client.get, client.logs])
      expect(await rejection(() => Reflect.apply(act, client, ['k']))).toEqual(invalid('id'))
    await client.close()
    await expect(client.resetKey('k')).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('a key is made', () => {
  it('of the task: one record of it at a time', async () => {
    const { client } = memoryClient()
    const outcomes = []
    for (const [of, n] of [
      [note, 1],
      [note, 2],
      [other, 3],
    ] as const)
      outcomes.push(await client.enqueue(of, { n }, { keyBy: 'task' }))
    expect(outcomes.map(({ outcome, record }) => [outcome, record?.key])).toEqual([
      ['created', 'note'],
      ['existing', 'note'],
      ['created', 'other'],
    ])
  })

  it('of the input with its positional arguments, in whatever order its properties stand', async () => {
    const { client } = memoryClient()
    const enqueue = async (input: { n: number; text?: string }, args?: readonly unknown[]): Promise<unknown> => {
      const given = { keyBy: 'input', ...(args === undefined ? {} : { args }) } as const
      const { outcome, record } = await client.enqueue(note, input, given)
      expect(record?.key).toBe(await inputKey(input, args === undefined ? {} : { args }))
      return outcome
    }
    expect(await enqueue({ n: 1, text: 'a' })).toBe('created')
    expect(await enqueue({ text: 'a', n: 1 })).toBe('existing')
    expect(await enqueue({ n: 1, text: 'a' }, [])).toBe('existing')
    expect(await enqueue({ n: 1, text: 'a' }, [1])).toBe('created')
    expect(await enqueue({ n: 2, text: 'a' })).toBe('created')
  })

  it('of whatever the backend takes, however large or deep', async () => {
    const backend = memoryBackend({ limits: { payloadBytes: 4_000_000, depth: 200 } })
    const client = createClient({ backend })
    const deep = Array.from({ length: 150 }).reduce<object>((inside) => ({ inside }), {})
    for (const [input, args] of [
      [{ text: 'x'.repeat(2_000_000) }, []],
      [{ n: 1 }, [deep]],
    ] as const) {
      const enqueue = async (): Promise<unknown> =>
        (await client.enqueue(note, input, { keyBy: 'input', args })).outcome
      expect([await enqueue(), await enqueue()]).toEqual(['created', 'existing'])
    }
  })

  it('in the tick of the enqueue, so that a call right after finds it', async () => {
    const { client } = memoryClient()
    const enqueued = client.enqueue(note, { n: 1 }, { keyBy: 'input' })
    const found = await client.getByKey(await inputKey({ n: 1 }), note)
    expect(found?.id).toBe((await enqueued).id)
  })
})

describe('the options of a task', () => {
  const scan = task('scan', {
    input: z.object({ path: z.string() }),
    keyBy: 'input',
    keyHold: { window: '10m' },
    keyScope: 'namespace',
    onConflict: 'extend',
  })

  async function requested(options: Parameters<ReturnType<typeof createClient>['enqueue']>[2]): Promise<TaskRequest> {
    const { backend, calls } = recordingBackend({ enqueue: createdBy })
    await createClient({ backend }).enqueue(scan, { path: 'a' }, options)
    const [requests] = calls.at(-1)?.parameters ?? []
    if (!Array.isArray(requests)) throw new Error('no requests')
    return requests[0]
  }

  it('are those of every enqueue', async () => {
    const window = { keyScope: 'namespace', keyHold: 'window', keyWindowMs: 600_000, onConflict: 'extend' }
    expect(await requested({})).toMatchObject({ key: await inputKey({ path: 'a' }), ...window })
    expect(await requested({ key: 'own' })).toMatchObject({ key: 'own', ...window })
  })

  it('but for what an enqueue says', async () => {
    expect(await requested({ keyBy: 'task' })).toMatchObject({ key: 'scan', keyHold: 'window' })
    const own = { keyHold: 'untilStart', keyScope: 'task', onConflict: 'keep' } as const
    expect(await requested(own)).toMatchObject({ ...own, keyWindowMs: null })
  })

  it('say nothing of records without a key', async () => {
    const { backend, calls } = recordingBackend({ enqueue: createdBy })
    await createClient({ backend }).enqueue(task('free', { keyHold: 'forever', keyScope: 'namespace' }), {})
    const nothing = { key: null, keyScope: null, keyHold: null, keyWindowMs: null }
    expect(calls.at(-1)?.parameters).toMatchObject([[nothing]])
  })

  it.each<[options: object, parameter: string]>([
    [{ keyBy: 'args' }, 'options.keyBy'],
    [{ keyBy: null }, 'options.keyBy'],
    [{ keyScope: 'queue' }, 'options.keyScope'],
    [{ keyHold: 'window' }, 'options.keyHold'],
    [{ keyHold: null }, 'options.keyHold'],
    [{ keyHold: {} }, 'options.keyHold.window'],
    [{ keyHold: { window: '1y' } }, 'options.keyHold.window'],
    [{ keyHold: { window: 0 } }, 'options.keyHold.window'],
    [{ keyHold: { window: '1m', of: 1 } }, 'options.keyHold.of'],
    [{ onConflict: 'drop' }, 'options.onConflict'],
    [{ key: 'k' }, 'options.key'],
  ])('%j is refused', (options, parameter) => {
    expect(refusal(() => Reflect.apply(task, null, ['a', options]))).toEqual(invalid(parameter))
  })
})

describe('many with keys', () => {
  it('each have their own outcome, in one call up to the batch limit', async () => {
    const clock = manualClock()
    const inner = memoryBackend({ clock })
    const sizes: number[] = []
    const backend = new Proxy(inner, {
      get(target, name: keyof Backend) {
        if (name !== 'enqueue') return target[name]
        return async (requests: readonly TaskRequest[]) => {
          sizes.push(requests.length)
          return await target.enqueue(requests)
        }
      },
    })
    const client = createClient({ backend, clock })
    await client.enqueue(other, {}, { key: 'taken', keyScope: 'namespace' })
    await client.enqueue(note, {}, { key: 'waits' })
    const items = Array.from({ length: 1_000 }, (_, n) => ({
      input: { n },
      options: OPTIONS[n % OPTIONS.length] ?? {},
    }))
    const handles = await client.enqueueMany(note, items)
    expect(sizes).toEqual([1, 1, 1_000])
    expect(handles.slice(0, 5).map(({ outcome }) => outcome)).toEqual([
      'created', 'conflict', 'replaced', 'created', 'created',
    ]) // prettier-ignore
    const again = handles.slice(5, 10).map(({ outcome }) => outcome)
    expect(again).toEqual(['created', 'conflict', 'replaced', 'existing', 'created'])
  })

  const OPTIONS = [
    {},
    { key: 'taken', keyScope: 'namespace' },
    { key: 'waits', onConflict: 'replace' },
    { keyBy: 'task', keyHold: 'forever' },
    { keyBy: 'input' },
  ] as const
})
