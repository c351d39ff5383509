import { AttemptAborted, task, type Client, type TaskRecord } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { memoryClient } from './memory-client.ts'
import { ID } from './sample-request.ts'

/*
 * The client's single calls on a real backend: each does what its name says.
 */

const note = task<{ n: number }, { n: number }>('note', { retries: 1 })
const other = task<{ n: number }, null>('other')
const me = { workerId: 'me' }

async function claimed(client: Client, options = {}): Promise<TaskRecord> {
  const record = await client.claimNext({ ...me, ...options })
  if (record === null) throw new Error('nothing to claim')
  return record
}

describe('one record', () => {
  it('goes from enqueue to its end', async () => {
    const { client, clock } = memoryClient()
    const handle = await client.enqueue(note, { n: 1 }, { args: [1, 'x'], metadata: { trace: 't' } })
    const started = await claimed(client)
    expect(started).toMatchObject({
      id: handle.id,
      status: 'running',
      attempt: 1,
      workerId: 'me',
      args: [1, 'x'],
      kwargs: { n: 1 },
      metadata: { trace: 't' },
    })
    clock.advance(5_000)
    expect(await client.heartbeat(started, { progress: { done: 0.5 } })).toBe('ok')
    expect(await client.get(handle.id)).toMatchObject({ progress: { done: 0.5 }, heartbeatAt: clock.now() })
    expect(await client.complete(started, { n: 2 })).toEqual({ id: handle.id, outcome: 'ok', status: 'completed' })
    expect(await client.complete(started, { n: 2 })).toMatchObject({ outcome: 'ok' })
    expect(await client.heartbeat(started)).toBe('lost')
    expect(await handle.result()).toEqual({ n: 2 })
    expect(await client.claimNext(me)).toBeNull()
  })

  it('is retried after its delay, and fails when no retry is left', async () => {
    const { client, clock } = memoryClient()
    const { id } = await client.enqueue(note, { n: 1 })
    expect(await client.fail(await claimed(client), new Error('once'), { retryIn: '10s' })).toMatchObject({
      status: 'scheduled',
    })
    expect(await client.claimNext(me)).toBeNull()
    clock.advance(10_000)
    const again = await claimed(client)
    expect(again).toMatchObject({ id, attempt: 2, retryCount: 1, error: { message: 'once' } })
    expect(await client.fail(again, new Error('twice'))).toMatchObject({ status: 'failed' })
  })

  it('fails at once if it is not to be retried', async () => {
    const { client } = memoryClient()
    await client.enqueue(note, { n: 1 })
    expect(await client.fail(await claimed(client), 'never', { retry: false })).toMatchObject({ status: 'failed' })
  })

  it('is snoozed and released without a retry', async () => {
    const { client, clock } = memoryClient()
    await client.enqueue(note, { n: 1 })
    expect(await client.snooze(await claimed(client), '1m')).toMatchObject({ outcome: 'ok', status: 'scheduled' })
    clock.advance(60_000)
    expect(await client.release(await claimed(client))).toMatchObject({ outcome: 'ok', status: 'pending' })
    expect(await claimed(client)).toMatchObject({ attempt: 3, retryCount: 0 })
  })

  it('is recovered when its holder fell silent, or was declared dead', async () => {
    const { client, clock } = memoryClient()
    const { id } = await client.enqueue(note, { n: 1 })
    const silent = await claimed(client)
    clock.advance(20_001)
    expect((await client.recoverStale({ staleAfter: '20s' })).requeued).toEqual([id])
    const dead = await claimed(client)
    expect(await client.disown([silent, dead])).toEqual([id])
    expect((await client.recoverStale({ staleAfter: '20s', queues: ['default'], limit: 1 })).requeued).toEqual([id])
    expect(await client.complete(dead)).toMatchObject({ outcome: 'lost' })
    expect(await client.get(id)).toMatchObject({ status: 'pending', recoveries: 2, retryCount: 0 })
  })

  it('is settled unfenced only when that is said', async () => {
    const { client } = memoryClient()
    const { id } = await client.enqueue(note, { n: 1 })
    await claimed(client)
    expect(await client.complete({ id, attempt: 5 })).toMatchObject({ outcome: 'lost' })
    expect(await client.complete({ id, attempt: 'any' }, 5)).toMatchObject({ outcome: 'ok', status: 'completed' })
    expect(await client.complete({ id: ID, attempt: 'any' })).toMatchObject({ outcome: 'missing', status: null })
  })

  it('is replayed by an operator, now or later', async () => {
    const { client, clock } = memoryClient()
    const { id } = await client.enqueue(other, { n: 1 })
    await client.fail(await claimed(client), 'broken')
    const failed = await client.get(id)
    expect(failed && (await client.replay(failed, { delay: '1h' }))).toMatchObject({
      outcome: 'ok',
      status: 'scheduled',
    })
    clock.advance(3_600_000)
    expect(await claimed(client)).toMatchObject({ id, replays: 1, attempt: 2, error: null })
    expect(await client.replay({ id, attempt: 'any' })).toMatchObject({ outcome: 'refused', status: 'running' })
  })

  it('expires if it was not started in time, and is removed in the end', async () => {
    const { client, clock } = memoryClient()
    const { id } = await client.enqueue(note, { n: 1 }, { expiresIn: '1s' })
    clock.advance(1_001)
    expect((await client.expireOverdue()).expired).toEqual([id])
    expect((await client.cleanUp({ olderThan: '10m' })).removed).toEqual([])
    clock.advance(600_001)
    expect((await client.cleanUp({ olderThan: '10m', statuses: ['expired'] })).removed).toEqual([id])
    expect(await client.get(id)).toBeNull()
  })
})

describe('many records', () => {
  it('are claimed over the queues named, in order of priority or as listed', async () => {
    const { client } = memoryClient()
    await client.enqueueMany(note, [
      { input: { n: 1 }, options: { queue: 'a' } },
      { input: { n: 2 }, options: { queue: 'b', priority: 5 } },
      { input: { n: 3 }, options: { queue: 'a', priority: 9 } },
      { input: { n: 4 }, options: { queue: 'c' } },
    ])
    const numbers = (records: readonly TaskRecord[]): unknown => records.map(({ kwargs }) => kwargs['n'])
    const records = await client.claimMany(10, { ...me, queues: ['b', 'a'] })
    expect(numbers(records)).toEqual([3, 2, 1])
    await Promise.all(records.map((record) => client.release(record)))
    expect(numbers(await client.claimMany(10, { ...me, queues: ['b', 'a'], order: 'listed' }))).toEqual([2, 3, 1])
    expect(await client.claimNext(me)).toBeNull()
  })

  it('are each iterated once, over all pages', async () => {
    const { client } = memoryClient()
    const handles = await client.enqueueMany(
      note,
      Array.from({ length: 250 }, (_, n) => ({ input: { n } })),
    )
    const ids: string[] = []
    for await (const { id } of client.each({ view: 'next', limit: 100 })) ids.push(id)
    expect(ids).toEqual(handles.map(({ id }) => id))
  })

  it('are counted', async () => {
    const { client, clock } = memoryClient()
    await client.enqueueMany(note, [
      { input: { n: 1 } },
      { input: { n: 2 } },
      { input: { n: 3 }, options: { delay: 1_000 } },
    ])
    await claimed(client)
    clock.advance(500)
    const { counts, queues } = await client.statistics()
    expect(counts).toMatchObject({ pending: 1, scheduled: 1, running: 1, completed: 0 })
    expect(queues).toMatchObject([{ queue: 'default', oldestDueMs: 500 }])
  })

  it('of one tick are found by the calls right after', async () => {
    const { client } = memoryClient()
    const call = client.enqueue(note, { n: 1 }, { key: 'k' })
    const found = await client.getByKey('k', note)
    expect(found?.id).toBe((await call).id)
    void client.enqueue(note, { n: 2 })
    expect((await client.list({ view: 'next' })).records).toHaveLength(2)
    const third = client.enqueue(note, { n: 3 })
    expect((await client.cancel({ kwargs: { n: 3 } })).cancelled).toEqual([(await third).id])
  })
})

describe('a key', () => {
  it('is kept by its holder until that has ended', async () => {
    const { client } = memoryClient()
    const first = await client.enqueue(note, { n: 1 }, { key: 'k' })
    expect(await client.enqueue(note, { n: 2 }, { key: 'k' })).toMatchObject({ outcome: 'existing', id: first.id })
    expect(await client.enqueue(other, { n: 3 }, { key: 'k' })).toMatchObject({ outcome: 'created' })
    await client.complete(await claimed(client), { n: 1 })
    expect(await client.enqueue(note, { n: 4 }, { key: 'k' })).toMatchObject({ outcome: 'created' })
  })

  it('is taken over from a holder that waits', async () => {
    const { client } = memoryClient()
    const first = await client.enqueue(note, { n: 1 }, { key: 'k' })
    const second = await client.enqueue(note, { n: 2 }, { key: 'k', onConflict: 'replace' })
    expect(second.outcome).toBe('replaced')
    expect((await first.refresh())?.status).toBe('cancelled')
    expect((await client.getByKey('k', note))?.id).toBe(second.id)
    await claimed(client)
    expect(await client.enqueue(note, { n: 3 }, { key: 'k', onConflict: 'replace' })).toMatchObject({
      outcome: 'existing',
      id: second.id,
    })
  })

  it('of the whole namespace is a conflict for another task', async () => {
    const { client } = memoryClient()
    const options = { key: 'k', keyScope: 'namespace' } as const
    const first = await client.enqueue(note, { n: 1 }, options)
    await expect(client.enqueue(other, { n: 2 }, options)).rejects.toMatchObject({ code: 'key_conflict' })
    const handles = await client.enqueueMany(other, [{ input: { n: 3 }, options }, { input: { n: 4 } }])
    expect(handles.map(({ outcome, taskName }) => [outcome, taskName])).toEqual([
      ['conflict', 'note'],
      ['created', 'other'],
    ])
    expect(handles[0]?.id).toBe(first.id)
    expect((await client.getByKey('k'))?.id).toBe(first.id)
    expect(await client.getByKey('k', note)).toBeNull()
  })
})

describe('an external system', () => {
  it('reserves, launches and claims by id', async () => {
    const { client } = memoryClient()
    const { id } = await client.enqueue(note, { n: 1 }, { executionBackend: 'batch' })
    const record = { id, attempt: 0 }
    const outcomes = await Promise.all(['one', 'two'].map((token) => client.reserveDispatch(record, token)))
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['ok', 'lost'])
    expect(await client.claimNext({ ...me, executionBackend: 'batch' })).toBeNull()
    expect(await client.finalizeDispatch(record, 'two', 'job/2')).toMatchObject({ outcome: 'lost' })
    expect(await client.finalizeDispatch(record, 'one', 'job/1')).toMatchObject({ outcome: 'ok' })
    expect(await client.claimTask(record.id, me)).toMatchObject({ executionRef: 'job/1', status: 'running' })
  })

  it('gives back what it could not launch, also to other workers', async () => {
    const { client } = memoryClient()
    const { id } = await client.enqueue(note, { n: 1 }, { executionBackend: 'batch' })
    const record = { id, attempt: 0 }
    await client.reserveDispatch(record, 'one')
    expect(await client.releaseDispatch(record, 'one', 'local')).toMatchObject({ outcome: 'ok' })
    expect(await claimed(client)).toMatchObject({ id: record.id, executionBackend: 'local', executionRef: null })
  })

  it('may be overruled', async () => {
    const { client } = memoryClient()
    const { id } = await client.enqueue(note, { n: 1 })
    const record = { id, attempt: 0 }
    await client.setExecutionRef(record, 'job/9', 'large')
    expect(await client.get(record.id)).toMatchObject({ executionRef: 'job/9', executionProfile: 'large' })
    await client.setExecutionBackend(record, 'gpu', null)
    expect(await client.get(record.id)).toMatchObject({
      executionRef: null,
      executionBackend: 'gpu',
      executionProfile: null,
    })
  })
})

it('a lease has one holder at a time', async () => {
  const { client, clock } = memoryClient()
  const until = clock.now() + 30_000
  expect(await client.acquireLease('sweeper', 'one', '30s')).toEqual({ held: true, until })
  expect(await client.acquireLease('sweeper', 'two', '30s')).toEqual({ held: false, until })
  expect(await client.releaseLease('sweeper', 'two')).toEqual({ held: false, until })
  expect(await client.releaseLease('sweeper', 'one')).toEqual({ held: false, until: null })
  expect(await client.acquireLease('sweeper', 'two', '30s')).toMatchObject({ held: true })
})

it('a closed client says so', async () => {
  const { client } = memoryClient()
  void client.enqueue(note, { n: 1 })
  await client.close()
  await client.close()
  await expect(client.enqueue(note, { n: 2 })).rejects.toMatchObject({ code: 'closed' })
  await expect(client.get(ID)).rejects.toMatchObject({ code: 'closed' })
})

it('an aborted attempt says why', () => {
  const error = new AttemptAborted('lost', 'taken over')
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ name: 'AttemptAborted', code: 'lost', message: 'taken over' })
})
