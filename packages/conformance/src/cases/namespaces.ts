import assert from 'node:assert/strict'
import type { Backend } from '@millrace/core'
import { DEFAULT_LINE, ids, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

/** Names beside the bench's own; a prefix of each other on purpose. */
const NEIGHBOURS: readonly (readonly [what: string, name: (own: string) => string])[] = [
  ['a longer name', (own) => `${own}x`],
  ['a shorter name', (own) => own.slice(0, -1)],
  ['a name that continues it with a dash', (own) => `${own}-task`],
  ['a name in other letters', (own) => own.toUpperCase()],
]

interface Pair {
  readonly here: Backend
  readonly there: Backend
}

type Claim = (pair: Pair, bench: Bench) => Promise<void>

const CLAIMS: readonly (readonly [claim: string, run: Claim])[] = [
  [
    'a record is not found from the other',
    async ({ here, there }, bench) => {
      const { record } = await bench.offer({}, here)
      assert.deepEqual(await there.get([record.id]), [null])
      assert.deepEqual((await there.list({ view: 'pending' })).records, [])
      assert.equal((await there.cancel({ ids: [record.id] }))[0]?.outcome, 'missing')
    },
  ],
  [
    'one id may be in both',
    async ({ here, there }, bench) => {
      const request = bench.request()
      await here.enqueue([request])
      assert.equal((await there.enqueue([request]))[0]?.outcome, 'created')
      await there.cancel({ ids: [request.id] })
      assert.equal((await here.get([request.id]))[0]?.status, 'pending')
    },
  ],
  [
    'a claim takes only its own',
    async ({ here, there }, bench) => {
      const own = await bench.offer({}, here)
      const other = await bench.offer({}, there)
      const claim = { lines: [DEFAULT_LINE], limit: 5 }
      assert.deepEqual(ids((await bench.turn({ claim }, here)).records), [own.record.id])
      assert.deepEqual(ids((await bench.turn({ claim }, there)).records), [other.record.id])
    },
  ],
  [
    'a key of one is free in the other',
    async ({ here, there }, bench) => {
      const fields = { key: 'k', keyScope: 'namespace' } as const
      await bench.offer(fields, here)
      assert.deepEqual(await there.getByKey([{ scope: 'namespace', key: 'k' }]), [null])
      assert.equal((await bench.offer(fields, there)).outcome, 'created')
    },
  ],
  [
    'statistics, workers included, count only their own',
    async ({ here, there }, bench) => {
      await bench.offer({}, here)
      await bench.turn({ presence: { host: 'h', pid: 1, concurrency: 1, lines: [] } }, here)
      const { counts, queues, workers } = await there.statistics()
      assert.deepEqual([counts.pending, queues, workers], [0, [], []])
    },
  ],
  [
    'a lease of one is free in the other',
    async ({ here, there }) => {
      await here.lease({ name: 'duty', token: 'a', ttlMs: 60_000 })
      assert.ok((await there.lease({ name: 'duty', token: 'b', ttlMs: 60_000 })).held)
    },
  ],
  [
    'sweeps touch only their own',
    async ({ here, there }, bench) => {
      const { record } = await bench.offer({ expiresInMs: 1 }, here)
      bench.clock.advance(2)
      assert.deepEqual((await there.sweep({ what: 'expired' })).expired, [])
      assert.deepEqual((await here.sweep({ what: 'expired' })).expired, [record.id])
    },
  ],
  [
    'the nonce of one means nothing in the other',
    async ({ here, there }, bench) => {
      await bench.offer({}, here)
      const { record } = await bench.offer({}, there)
      const turn = { nonce: 'same', claim: { lines: [DEFAULT_LINE], limit: 1 } }
      await bench.turn(turn, here)
      assert.deepEqual(ids((await bench.turn(turn, there)).records), [record.id])
    },
  ],
  [
    'D21: a watch hears only its own',
    async ({ here, there }, bench) => {
      const { record } = await bench.offer({ queue: 'aside' }, there)
      const watch = await there.watch({ lines: [DEFAULT_LINE], ids: [record.id] })
      const waiting = watch.next()
      await bench.offer({}, here)
      await there.cancel({ ids: [record.id] })
      assert.deepEqual(await waiting, { kind: 'done', id: record.id })
      await watch.close()
    },
  ],
  [
    'destroying one leaves the other whole',
    async ({ here, there }, bench) => {
      const { record } = await bench.offer({ key: 'k' }, here)
      await bench.offer({ key: 'k' }, there)
      await there.destroy()
      assert.equal((await bench.offer({ key: 'k' }, here)).record.id, record.id)
      assert.equal((await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } }, here)).records.length, 1)
      assert.deepEqual((await there.statistics()).queues, [])
    },
  ],
]

const pairs: readonly Case[] = NEIGHBOURS.flatMap(([what, name]) =>
  CLAIMS.map(([claim, run]) => ({
    name: `beside ${what}: ${claim}`,
    run: async (bench) => {
      const other = await bench.reopen(name(bench.namespace))
      await run({ here: bench.backend, there: other.backend }, bench)
    },
  })),
)

export const namespaces: Group = {
  name: 'namespaces',
  cases: [
    ...pairs,
    {
      name: 'two clients of one namespace share everything',
      run: async (bench) => {
        const { id } = await bench.enqueue({ key: 'k' })
        assert.equal((await bench.get(id, bench.second)).key, 'k')
        assert.equal((await bench.offer({ key: 'k' }, bench.second)).record.id, id)
        const { records } = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } }, bench.second)
        assert.deepEqual(ids(records), [id])
        assert.deepEqual(await bench.claim(), [])
      },
    },
  ],
}
