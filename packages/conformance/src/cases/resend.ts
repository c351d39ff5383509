import assert from 'node:assert/strict'
import { STATUSES, type Presence, type Settlement, type TaskRecord, type TurnRequest } from '@millrace/core'
import { DEFAULT_LINE, ids, present, STALE_AFTER_MS, type Bench, type RequestFields } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

interface Row {
  readonly what: string
  /** Sets the scene and gives the call, word for word. */
  readonly prepare: (bench: Bench) => Promise<() => Promise<unknown>>
  /** What the one effect is: records by status afterwards. */
  readonly leaves: Partial<Record<TaskRecord['status'], number>>
  /** A sweep is idempotent in effect, not in answer. */
  readonly answersDiffer?: true
  /** A heartbeat says "now", so that a later one moves it. */
  readonly atOnce?: true
}

const KEY = { key: 'once' } as const
const PRESENCE: Presence = { host: 'host-1', pid: 1, concurrency: 1, lines: [DEFAULT_LINE] }

const enqueues =
  (...fields: readonly RequestFields[]): Row['prepare'] =>
  async (bench) => {
    const requests = fields.map((one) => bench.request(one))
    return async () => await bench.backend.enqueue(requests)
  }

/** A turn with one nonce; the backend's time is left out of its answer. */
function turning(bench: Bench, parts: Partial<TurnRequest>): () => Promise<unknown> {
  const nonce = bench.nonce()
  return async () => {
    const { now, ...answer } = await bench.turn({ nonce, ...parts })
    assert.equal(now, bench.now)
    return answer
  }
}

const settles =
  (settle: (bench: Bench, id: string) => Settlement): Row['prepare'] =>
  async (bench) => {
    const { id } = await bench.make('running', { ...KEY, maxRetries: 5 })
    return turning(bench, { settlements: [settle(bench, id)] })
  }

const ENQUEUES: readonly Row[] = [
  { what: 'P5: an enqueue', prepare: enqueues({}), leaves: { pending: 1 } },
  { what: 'D4: an enqueue with a key', prepare: enqueues(KEY), leaves: { pending: 1 } },
  { what: 'an enqueue for later', prepare: enqueues({ delayMs: 5_000, expiresInMs: 9_000 }), leaves: { scheduled: 1 } },
  { what: 'an enqueue of a batch with one key twice', prepare: enqueues({}, KEY, KEY), leaves: { pending: 2 } },
  {
    what: 'an enqueue whose key is taken',
    prepare: async (bench) => {
      await bench.enqueue(KEY)
      return await enqueues(KEY)(bench)
    },
    leaves: { pending: 1 },
  },
  {
    what: 'an enqueue that replaces',
    prepare: async (bench) => {
      await bench.enqueue(KEY)
      return await enqueues({ ...KEY, onConflict: 'replace' })(bench)
    },
    leaves: { pending: 1, cancelled: 1 },
  },
]

const TURNS: readonly Row[] = [
  {
    what: 'a claim from a line',
    prepare: async (bench) => {
      await bench.enqueueMany(5)
      return turning(bench, { claim: { lines: [DEFAULT_LINE], limit: 2 } })
    },
    leaves: { running: 2, pending: 3 },
  },
  {
    what: 'a claim by ids',
    prepare: async (bench) => {
      const records = await bench.enqueueMany(2)
      return turning(bench, { claim: { ids: ids(records) } })
    },
    leaves: { running: 2 },
  },
  { what: 'D8: a completion', prepare: settles((bench, id) => bench.complete(id, 1, 'x')), leaves: { completed: 1 } },
  { what: 'a failure', prepare: settles((bench, id) => bench.fail(id, 1)), leaves: { failed: 1 } },
  { what: 'a retry', prepare: settles((bench, id) => bench.fail(id, 1, 60_000)), leaves: { scheduled: 1 } },
  { what: 'a retry at once', prepare: settles((bench, id) => bench.fail(id, 1, 0)), leaves: { pending: 1 } },
  { what: 'a snooze', prepare: settles((bench, id) => bench.snooze(id, 1)), leaves: { scheduled: 1 } },
  { what: 'a release', prepare: settles((bench, id) => bench.release(id, 1)), leaves: { pending: 1 } },
  {
    what: 'a settlement with the next claim',
    prepare: async (bench) => {
      const { id } = await bench.make('running')
      await bench.enqueueMany(2)
      return turning(bench, { settlements: [bench.complete(id, 1)], claim: { lines: [DEFAULT_LINE], limit: 1 } })
    },
    leaves: { completed: 1, running: 1, pending: 1 },
  },
  {
    what: 'a heartbeat with progress',
    prepare: async (bench) => {
      const { id } = await bench.make('running')
      return turning(bench, { touches: [bench.touch(id, 1, { progress: '{"a":[]}' })] })
    },
    leaves: { running: 1 },
    atOnce: true,
  },
  {
    what: 'a declaration of death',
    prepare: async (bench) => {
      const { id } = await bench.make('running')
      return turning(bench, { touches: [bench.touch(id, 1, { alive: false })] })
    },
    leaves: { running: 1 },
  },
]

const ACTS: readonly Row[] = [
  ...([false, true] as const).map((includeRunning): Row => ({
    what: includeRunning ? 'a cancellation of what runs' : 'a cancellation',
    prepare: async (bench) => {
      const records = [await bench.enqueue(), await bench.make('running'), await bench.make('completed')]
      return async () => await bench.backend.cancel({ ids: ids(records), includeRunning })
    },
    leaves: includeRunning ? { cancelled: 2, completed: 1 } : { cancelled: 1, running: 1, completed: 1 },
  })),
  {
    what: 'a sweep of what fell silent',
    prepare: async (bench) => {
      await bench.make('running')
      await bench.make('running', { maxRecoveries: 0 })
      bench.clock.advance(STALE_AFTER_MS + 1)
      return async () => await bench.sweepStale()
    },
    leaves: { pending: 1, failed: 1 },
    answersDiffer: true,
  },
  {
    what: 'a sweep of what is overdue',
    prepare: async (bench) => {
      await bench.enqueueMany(2, (i) => ({ expiresInMs: i * 60_000 }))
      bench.clock.advance(1)
      return async () => await bench.sweepExpired()
    },
    leaves: { expired: 1, pending: 1 },
    answersDiffer: true,
  },
  {
    what: 'a sweep of what is finished',
    prepare: async (bench) => {
      await bench.make('completed', KEY)
      bench.clock.advance(bench.later)
      await bench.make('completed', KEY)
      return async () => await bench.sweepFinished()
    },
    leaves: { completed: 1 },
    answersDiffer: true,
  },
  {
    what: 'an assignment',
    prepare: async (bench) => {
      const { id } = await bench.enqueue()
      const assignment = { id, attempt: 0, expectedRef: null, executionRef: 'job-1', executionBackend: 'batch' }
      return async () => await bench.backend.assign([assignment])
    },
    leaves: { pending: 1 },
  },
  ...([0, 60_000] as const).map((delayMs): Row => ({
    what: delayMs === 0 ? 'a replay' : 'a replay for later',
    prepare: async (bench) => {
      const { id } = await bench.make('failed', KEY)
      return async () => await bench.backend.replay([{ id, attempt: 1 }], { delayMs })
    },
    leaves: delayMs === 0 ? { pending: 1 } : { scheduled: 1 },
  })),
  ...([PRESENCE, null] as const).map((presence): Row => ({
    what: presence === null ? 'a goodbye' : 'a registration',
    prepare: async (bench) => {
      await bench.turn({ presence: PRESENCE })
      return turning(bench, { presence })
    },
    leaves: {},
  })),
  {
    what: 'an audit that repairs',
    prepare: async (bench) => {
      const { id } = await bench.enqueue()
      await bench.break.forgetIndex(id)
      return async () => await bench.backend.audit({ repair: true })
    },
    leaves: { pending: 1 },
    answersDiffer: true,
  },
  {
    what: 'the removal of everything',
    prepare: async (bench) => {
      await bench.make('running', KEY)
      return async () => await bench.backend.destroy()
    },
    leaves: {},
  },
  {
    what: 'the taking of a lease',
    prepare: async (bench) => async () => await bench.backend.lease({ name: 'duty', token: 'a', ttlMs: 60_000 }),
    leaves: {},
    atOnce: true,
  },
  {
    what: 'the release of a lease',
    prepare: async (bench) => {
      await bench.backend.lease({ name: 'duty', token: 'a', ttlMs: 60_000 })
      return async () => await bench.backend.lease({ name: 'duty', token: 'a', ttlMs: 60_000, release: true })
    },
    leaves: {},
  },
]

/** Every record of the namespace as it is. */
async function everything(bench: Bench): Promise<readonly TaskRecord[]> {
  const views = STATUSES.map((status) => bench.listAll(status, {}, bench.second))
  return (await Promise.all(views)).flat()
}

function resent({ what, prepare, leaves, answersDiffer, atOnce }: Row): Case {
  return {
    name: `${what} whose reply is lost, and that is repeated, has one effect${answersDiffer ? '' : ' and one answer'}`,
    run: async (bench) => {
      const call = await prepare(bench)
      const answer = await bench.resend(call)
      const after = await everything(bench)
      for (const status of STATUSES)
        assert.equal(after.filter((one) => one.status === status).length, leaves[status] ?? 0)
      if (!atOnce) bench.clock.advance(1_000)
      const again = await call()
      if (!answersDiffer) assert.deepEqual(again, answer)
      assert.deepEqual(await everything(bench), after)
    },
  }
}

export const resend: Group = {
  name: 'resend',
  cases: [
    ...[...ENQUEUES, ...TURNS, ...ACTS].map(resent),
    {
      name: 'D22: however often a reply is lost, the client works on, and each record comes once',
      run: async (bench) => {
        const requests = Array.from({ length: 20 }, () => bench.request())
        for (const request of requests) await bench.resend(() => bench.backend.enqueue([request]))
        assert.deepEqual(ids(await bench.claim(50)), ids(requests))
      },
    },
    {
      name: 'a repeated enqueue finds its answer through another client too',
      run: async (bench) => {
        const request = bench.request(KEY)
        const [first] = await bench.resend(() => bench.backend.enqueue([request]))
        assert.deepEqual(await bench.second.enqueue([request]), [first])
      },
    },
    {
      name: 'a repeated claim answers those of its records that still run under it, and takes no others',
      run: async (bench) => {
        const [a, b] = ids(await bench.enqueueMany(3))
        const parts = { claim: { lines: [DEFAULT_LINE], limit: 2 }, nonce: 'same' } as const
        await bench.turn(parts)
        await bench.settle(bench.complete(present(a), 1))
        const { records, more } = await bench.turn(parts, bench.second)
        assert.deepEqual([ids(records), more], [[b], true])
      },
    },
    {
      name: 'a repeated claim whose records have all ended answers none, takes no other, and says that there is more',
      run: async (bench) => {
        await bench.enqueueMany(2)
        const parts = { claim: { lines: [DEFAULT_LINE], limit: 1 }, nonce: 'same' } as const
        const [first] = (await bench.turn(parts)).records
        await bench.settle(bench.complete(present(first).id, 1))
        const { records, more } = await bench.turn(parts)
        assert.deepEqual([records, more], [[], true])
      },
    },
    {
      name: 'a repeated claim does not answer a later attempt of its record, not even of the same worker',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const parts = { claim: { ids: [id] }, nonce: 'same' } as const
        await bench.turn(parts)
        await bench.settle(bench.release(id, 1))
        assert.equal((await bench.claimOne(id, { slot: 1 })).attempt, 2)
        assert.deepEqual((await bench.turn(parts)).records, [])
        assert.deepEqual((await bench.beat([])).unknown, [])
      },
    },
    {
      name: 'a repeated claim does not answer a record that another worker took meanwhile',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const parts = { claim: { ids: [id] }, nonce: 'same' } as const
        await bench.turn(parts)
        await bench.settle(bench.release(id, 1))
        await bench.claimOne(id, { workerId: 'worker-2' })
        assert.deepEqual((await bench.turn(parts)).records, [])
      },
    },
    {
      name: 'a nonce belongs to one slot of one worker: elsewhere it claims anew',
      run: async (bench) => {
        const records = await bench.enqueueMany(3)
        const parts = { nonce: 'same', claim: { lines: [DEFAULT_LINE], limit: 1 } } as const
        const places = [{}, { slot: 1 }, { workerId: 'worker-2' }]
        const claimed = []
        for (const place of places) claimed.push(...(await bench.turn({ ...parts, ...place })).records)
        assert.deepEqual(ids(claimed), ids(records))
      },
    },
    {
      name: 'a fresh nonce claims anew',
      run: async (bench) => {
        const records = await bench.enqueueMany(2)
        assert.deepEqual(ids([...(await bench.claim(1)), ...(await bench.claim(1))]), ids(records))
      },
    },
    {
      name: 'a claim that took nothing may be repeated and take what came since',
      run: async (bench) => {
        const parts = { nonce: 'same', claim: { lines: [DEFAULT_LINE], limit: 1 } } as const
        assert.deepEqual((await bench.turn(parts)).records, [])
        const { id } = await bench.enqueue()
        assert.deepEqual(ids((await bench.turn(parts)).records), [id])
      },
    },
    {
      name: 'a repeated settlement of an attempt that is over is lost once another attempt runs',
      run: async (bench) => {
        const { id } = await bench.make('running', { maxRetries: 1 })
        const retry = bench.fail(id, 1, 0)
        assert.equal((await bench.resend(() => bench.settle(retry))).outcome, 'ok')
        await bench.claimOne(id)
        const answer = await bench.unchanged(id, () => bench.settle(retry))
        assert.deepEqual(answer, { id, outcome: 'lost', status: 'running' })
      },
    },
  ],
}
