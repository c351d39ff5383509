import assert from 'node:assert/strict'
import { DEFAULT_LINE, ids, present, type RequestFields } from '../bench.ts'
import type { Group } from '../harness.ts'
import { ACTS } from './resent-acts.ts'
import { KEY, resent, type ResentCall } from './resent-call.ts'
import { TURNS } from './resent-turns.ts'

const enqueues =
  (...fields: readonly RequestFields[]): ResentCall['prepare'] =>
  async (bench) => {
    const requests = fields.map((one) => bench.request(one))
    return async () => await bench.backend.enqueue(requests)
  }

const ENQUEUES: readonly ResentCall[] = [
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
      name: 'a large claim whose first part was taken back meanwhile is answered with the rest when it is repeated',
      run: async (bench) => {
        const records = ids(await bench.enqueueMany(450))
        const parts = { nonce: 'same', claim: { lines: [DEFAULT_LINE], limit: 450 } } as const
        assert.deepEqual(ids((await bench.turn(parts)).records), records)
        const settlements = records.slice(0, 250).map((id) => bench.release(id, 1))
        await bench.turn({ workerId: 'worker-2', settlements }, bench.second)
        assert.deepEqual(ids((await bench.turn(parts)).records), records.slice(250))
      },
    },
    {
      name: 'a repeated claim shows the progress that was told since',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const parts = { nonce: 'same', claim: { ids: [id] } } as const
        await bench.turn(parts)
        await bench.beat([bench.touch(id, 1, { progress: '{"at":7}' })])
        assert.deepEqual((await bench.turn(parts)).records[0]?.progress, { at: 7 })
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
