import {
  createIdMaker, DEFAULT_LIMITS, encodeBody, encodeError, encodeResult, taskRequest,
  type Backend, type ManualClock, type Settlement, type TaskRecord, type TaskRequest, type TaskRequestFields, type TurnRequest,
} from '@millrace/core' // prettier-ignore
import { expect } from 'vitest'
import { command } from '../../../../scripts/servers/connection.mjs'
import { keysOf } from '../../src/keys.ts'
import { shortId } from '../../src/short-id.ts'
import type { LossyClient } from './lossy-client.ts'

/** What a loss needs: a backend that nothing happens to, and the server behind it. */
export interface Calm {
  readonly backend: Backend
  readonly url: string
  readonly clock: ManualClock
}

/** One call whose reply is lost, and what has to be true then. */
export type Loss = (client: LossyClient, calm: Calm) => Promise<void>

const PRESENCE = { host: 'h', pid: 1, concurrency: 1, lines: [] }

/** Everything that writes. */
export const LOSSES: Readonly<Record<string, Loss>> = {
  'enqueue': async ({ backend, name, losing }, calm) => {
    const one = request(calm, { queue: name, maxRetries: 7 })
    const [result] = await losing(() => backend.enqueue([one]))
    expect(result).toMatchObject({ outcome: 'created', record: { id: one.id, status: 'pending' } })
    await expectRecord(calm, one.id, { ...result?.record })
  },
  'enqueue in place of another': async ({ backend, name, losing }, calm) => {
    const [holder, heir] = [request(calm, { key: name }), request(calm, { key: name, onConflict: 'replace' })]
    await calm.backend.enqueue([holder])
    const [result] = await losing(() => backend.enqueue([heir]))
    expect(result).toMatchObject({ outcome: 'replaced', record: { id: heir.id } })
    await expectRecord(calm, holder.id, { status: 'cancelled' })
    await calm.backend.cancel({ ids: [heir.id] })
  },
  'complete': settled(({ id, attempt }) => ({ outcome: 'complete', id, attempt, result: encodeResult(5, DEFAULT_LIMITS) }), {
    status: 'completed', result: 5, workerId: null,
  }),
  'fail': settled(({ id, attempt }) => ({ outcome: 'fail', id, attempt, error: failure(), retryInMs: null }), {
    status: 'failed', retryCount: 0,
  }),
  'retry': settled(({ id, attempt }) => ({ outcome: 'fail', id, attempt, error: failure(), retryInMs: 0 }), {
    status: 'pending', retryCount: 1,
  }),
  'release': settled(({ id, attempt }) => ({ outcome: 'release', id, attempt }), { status: 'pending', retryCount: 0 }),
  'snooze': settled(({ id, attempt }) => ({ outcome: 'snooze', id, attempt, delayMs: 1_000 }), { status: 'scheduled' }),
  'beat, report and register': async ({ backend, name, losing }, calm) => {
    const { id, attempt } = await claimed(calm, name)
    const answer = await losing(() => backend.turn(turnOf(name, { touches: [{ id, attempt, progress: '[1]' }], presence: PRESENCE })))
    expect(answer).toMatchObject({ lost: [], cancelled: [], unknown: [] })
    await expectRecord(calm, id, { status: 'running', progress: [1] })
    expect((await calm.backend.statistics()).workers.filter(({ workerId }) => workerId === name)).toHaveLength(1)
  },
  'say goodbye': async ({ backend, name, losing }, calm) => {
    await calm.backend.turn(turnOf(name, { presence: PRESENCE }))
    await losing(() => backend.turn(turnOf(name, { presence: null })))
    expect((await calm.backend.statistics()).workers.filter(({ workerId }) => workerId === name)).toEqual([])
  },
  'cancel what waits': async ({ backend, losing }, calm) => {
    const { id } = await enqueued(calm)
    expect(await losing(() => backend.cancel({ ids: [id] }))).toEqual([{ id, outcome: 'ok', status: 'cancelled' }])
  },
  'cancel what runs': async ({ backend, name, losing }, calm) => {
    const { id } = await claimed(calm, name)
    expect(await losing(() => backend.cancel({ ids: [id], includeRunning: true }))).toEqual([{ id, outcome: 'ok', status: 'cancelled' }])
    await expectRecord(calm, id, { status: 'cancelled', workerId: name })
  },
  'replay': async ({ backend, losing }, calm) => {
    const { id } = await enqueued(calm)
    await calm.backend.cancel({ ids: [id] })
    expect(await losing(() => backend.replay([{ id, attempt: 0 }]))).toEqual([{ id, outcome: 'ok', status: 'pending' }])
    await expectRecord(calm, id, { replays: 1 })
  },
  'assign': async ({ backend, losing }, calm) => {
    const { id } = await enqueued(calm)
    const act = { id, attempt: 0, expectedRef: null, executionRef: 'run-1', executionBackend: 'cloud' }
    expect(await losing(() => backend.assign([act]))).toEqual([{ id, outcome: 'ok', status: 'pending' }])
    await expectRecord(calm, id, { executionRef: 'run-1', executionBackend: 'cloud' })
  },
  'sweep what is stale': async ({ backend, name, losing }, calm) => {
    const { id, attempt } = await claimed(calm, name, { queue: name })
    await calm.backend.turn(turnOf(name, { touches: [{ id, attempt, alive: false }] }))
    await losing(() => backend.sweep({ what: 'stale', staleAfterMs: 60_000, queues: [name] }))
    await expectRecord(calm, id, { status: 'pending', recoveries: 1, retryCount: 0 })
  },
  'sweep what is overdue': async ({ backend, name, losing }, calm) => {
    const { id } = await enqueued(calm, { queue: name, expiresInMs: 0 })
    calm.clock.advance(1)
    await losing(() => backend.sweep({ what: 'expired', queues: [name] }))
    await expectRecord(calm, id, { status: 'expired', attempt: 0 })
  },
  'sweep what has finished': async ({ backend, name, losing }, calm) => {
    const { id } = await enqueued(calm, { queue: name })
    const { id: kept } = await enqueued(calm, { queue: name })
    await calm.backend.cancel({ ids: [id] })
    calm.clock.advance(1)
    await losing(() => backend.sweep({ what: 'finished', olderThanMs: 0, queues: [name] }))
    expect(await calm.backend.get([id])).toEqual([null])
    await expectRecord(calm, kept, { status: 'pending' })
  },
  'take and release a lease': async ({ backend, name, losing }) => {
    const lease = { name, token: 'ours', ttlMs: 1_000_000 }
    expect(await losing(() => backend.lease(lease))).toMatchObject({ held: true })
    expect(await backend.lease({ ...lease, token: 'theirs' })).toMatchObject({ held: false })
    expect(await losing(() => backend.lease({ ...lease, release: true }))).toEqual({ held: false, until: null })
  },
  'audit and repair': async ({ alone, name, losing }, calm) => {
    const one = request(calm, {})
    await alone.enqueue([one])
    await command(calm.url, 'ZREM', keysOf(name, 0).ofLine('default|local')[1] ?? '', shortId(one.id))
    await losing(() => alone.audit({ repair: true }))
    expect((await alone.audit()).violations).toEqual([])
    expect((await alone.list({ view: 'next' })).records.map(({ id }) => id)).toEqual([one.id])
    await alone.destroy()
  },
  'destroy': async ({ alone, name, losing }, calm) => {
    await alone.enqueue([request(calm, {}), request(calm, { queue: 'other', key: 'k' })])
    await losing(() => alone.destroy())
    expect(await command(calm.url, 'KEYS', `${keysOf(name, 0).prefix}*`)).toEqual([])
  },
  'watch': async ({ backend, losing }, calm) => {
    const { id } = await enqueued(calm)
    const watch = await losing(() => backend.watch({ ids: [id] }))
    await calm.backend.cancel({ ids: [id] })
    expect(await watch.next()).toEqual({ kind: 'done', id })
    await watch.close()
  },
} // prettier-ignore

/** The end of an attempt, which another worker's slot knows nothing of. */
function settled(settlementOf: (record: TaskRecord) => Settlement, shows: Partial<TaskRecord>): Loss {
  return async ({ backend, name, losing }, calm) => {
    const record = await claimed(calm, name, { maxRetries: 3 })
    const { settled: acts } = await losing(() => backend.turn(turnOf(name, { settlements: [settlementOf(record)] })))
    expect(acts).toEqual([{ id: record.id, outcome: 'ok', status: shows.status }])
    await expectRecord(calm, record.id, { attempt: 1, ...shows })
  }
}

let nonces = 0

export function turnOf(workerId: string, parts: Partial<TurnRequest>): TurnRequest {
  return { workerId, slot: 0, nonce: `nonce-${nonces++}`, ...parts }
}

const makers = new WeakMap<ManualClock, () => string>()

export function request({ clock }: Calm, fields: Partial<TaskRequestFields>): TaskRequest {
  const makeId = makers.get(clock) ?? createIdMaker(clock)
  makers.set(clock, makeId)
  const body = encodeBody({}, DEFAULT_LIMITS)
  return taskRequest({ id: makeId(), taskName: 'demo.task', body, ...fields }, DEFAULT_LIMITS)
}

async function enqueued(calm: Calm, fields: Partial<TaskRequestFields> = {}): Promise<TaskRecord> {
  const [result] = await calm.backend.enqueue([request(calm, fields)])
  if (result === undefined || result.record === null) throw new Error('nothing was enqueued')
  return result.record
}

async function claimed(calm: Calm, workerId: string, fields: Partial<TaskRequestFields> = {}): Promise<TaskRecord> {
  const { id } = await enqueued(calm, fields)
  const { records } = await calm.backend.turn({ ...turnOf(workerId, { claim: { ids: [id] } }), slot: 1 })
  const [record] = records
  if (record === undefined) throw new Error('nothing was claimed')
  return record
}

async function expectRecord(calm: Calm, id: string, shows: Partial<TaskRecord>): Promise<void> {
  const [record] = await calm.backend.get([id])
  expect(record).toMatchObject(shows)
}

function failure(): string {
  return encodeError(new Error('it went wrong'), DEFAULT_LIMITS)
}
