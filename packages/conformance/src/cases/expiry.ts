import assert from 'node:assert/strict'
import { EXPIRED, type TaskRecord } from '@millrace/core'
import { DEFAULT_LINE, ids, type Bench, type RequestFields } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

type Act = (bench: Bench, record: TaskRecord) => Promise<unknown>

/** The ways in which a record meets its deadline, each answering the ids that it expired. */
const WAYS: readonly (readonly [way: string, expire: (bench: Bench, id: string) => Promise<readonly string[]>])[] = [
  ['the sweep', async ({ backend }) => (await backend.sweep({ what: 'expired' })).expired],
  ['a claim of its line', async (bench) => (await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 5 } })).expired],
  ['a claim by id', async (bench, id) => (await bench.turn({ claim: { ids: [id] } })).expired],
]

/** The ways back into the queue of a record that was started once. */
const RETURNS: readonly (readonly [name: string, act: Act])[] = [
  ['retried', (bench, { id, attempt }) => bench.settle(bench.fail(id, attempt, 0))],
  ['released', (bench, { id, attempt }) => bench.settle(bench.release(id, attempt))],
  ['snoozed', (bench, { id, attempt }) => bench.settle(bench.snooze(id, attempt, 1))],
  [
    'recovered',
    async (bench, { id, attempt }) => {
      await bench.turn({ touches: [{ id, attempt, alive: false }] })
      await bench.sweepStale()
    },
  ],
]

const FORMS: readonly (readonly [name: string, fields: (now: number) => RequestFields])[] = [
  ['a duration', () => ({ expiresInMs: 1_000 })],
  ['an instant', (now) => ({ expiresAt: now + 1_000 })],
]

const boundaries: readonly Case[] = FORMS.flatMap(([form, fields]) =>
  WAYS.map(([way, expire]) => ({
    name: `${way} expires a record one millisecond after the deadline given as ${form}, not before`,
    run: async (bench) => {
      const { id, expiresAt } = await bench.enqueue(fields(bench.now))
      assert.equal(expiresAt, bench.now + 1_000)
      const other = await bench.enqueue({ expiresInMs: 1_000, queue: 'other' })
      bench.clock.advance(1_000)
      assert.deepEqual((await bench.sweepExpired()).expired, [])
      assert.equal((await bench.claimOne(other.id)).status, 'running')
      bench.clock.advance(1)
      assert.deepEqual(await expire(bench, id), [id])
      const record = await bench.get(id)
      assert.deepEqual([record.status, record.lastEvent, record.attempt], ['expired', 'expire', 0])
      assert.deepEqual([record.error, record.completedAt], [EXPIRED, bench.now])
    },
  })),
)

const started: readonly Case[] = RETURNS.map(([name, act]) => ({
  name: `a record that was started in time and is ${name} never expires`,
  run: async (bench) => {
    const { id } = await bench.enqueue({ expiresInMs: 1_000, maxRetries: 1 })
    await act(bench, await bench.claimOne(id))
    bench.clock.advance(60_000)
    assert.deepEqual((await bench.sweepExpired()).expired, [])
    assert.deepEqual(ids(await bench.listAll('next')), [id])
    assert.deepEqual(ids(await bench.claim()), [id])
  },
}))

export const expiry: Group = {
  name: 'expiry',
  cases: [
    ...boundaries,
    ...started,
    {
      name: 'a deadline of 0 ms allows a start within the same millisecond',
      run: async (bench) => {
        const { id } = await bench.enqueue({ expiresInMs: 0 })
        assert.deepEqual(ids(await bench.claim()), [id])
      },
    },
    {
      name: 'a deadline that has passed already is taken, and the record expires unstarted',
      run: async (bench) => {
        const { id, status } = await bench.enqueue({ expiresAt: 0 })
        assert.equal(status, 'pending')
        const { records, expired } = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } })
        assert.deepEqual([records, expired], [[], [id]])
      },
    },
    {
      name: 'reading expires nothing: an overdue record stays pending, is counted, but does not come next',
      run: async (bench) => {
        const { id } = await bench.enqueue({ expiresInMs: 10 })
        bench.clock.advance(11)
        assert.equal((await bench.get(id)).status, 'pending')
        assert.deepEqual(ids(await bench.listAll('pending')), [id])
        assert.deepEqual(await bench.listAll('next'), [])
        assert.equal((await bench.backend.statistics()).counts.pending, 1)
      },
    },
    {
      name: 'a scheduled record expires before it is ever due',
      run: async (bench) => {
        const { id } = await bench.enqueue({ delayMs: 1_000, expiresInMs: 10 })
        bench.clock.advance(11)
        assert.deepEqual((await bench.sweepExpired()).expired, [id])
        assert.equal((await bench.get(id)).status, 'expired')
      },
    },
    {
      name: 'a running record does not expire',
      run: async (bench) => {
        const { id } = await bench.enqueue({ expiresInMs: 10 })
        await bench.claimOne(id)
        bench.clock.advance(1_000)
        assert.deepEqual((await bench.sweepExpired()).expired, [])
        assert.equal((await bench.get(id)).status, 'running')
      },
    },
    {
      name: 'overdue records on the way take no place of the limit',
      run: async (bench) => {
        const overdue = await bench.enqueueMany(3, () => ({ expiresInMs: 10, priority: 9 }))
        const fresh = await bench.enqueue()
        bench.clock.advance(11)
        const lines = [{ ...DEFAULT_LINE, limit: 1 }]
        const { records, expired } = await bench.turn({ claim: { lines, limit: 1 } })
        assert.deepEqual([ids(records), expired.toSorted()], [[fresh.id], ids(overdue).toSorted()])
      },
    },
    {
      name: 'overdue records that a claim leaves behind are not more work',
      run: async (bench) => {
        await bench.enqueueMany(2, () => ({ expiresInMs: 10, priority: -1 }))
        const fresh = await bench.enqueue()
        bench.clock.advance(11)
        const { records, more } = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } })
        assert.deepEqual([ids(records), more], [[fresh.id], false])
      },
    },
    {
      name: 'D12: a wall of 600 overdue records hides nothing, and each of them is reported once',
      run: async (bench) => {
        const overdue = await bench.enqueueMany(600, () => ({ expiresInMs: 10, priority: 9 }))
        const fresh = await bench.enqueue()
        bench.clock.advance(11)
        const expired: string[] = []
        for (let claimed = 0, more = true; more || claimed === 0;) {
          const answer = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } })
          assert.ok(answer.records.length + answer.expired.length > 0, 'the claim made no progress')
          expired.push(...answer.expired)
          claimed += answer.records.length
          more = answer.more
        }
        assert.equal((await bench.get(fresh.id)).status, 'running')
        assert.deepEqual(expired.toSorted(), ids(overdue).toSorted())
      },
    },
    {
      name: 'a sweep is bounded, takes the oldest deadline first, and says that more is left',
      run: async (bench) => {
        const records = await bench.enqueueMany(5, (i) => ({ expiresInMs: 50 - i }))
        bench.clock.advance(100)
        const first = await bench.sweepExpired({ limit: 2 })
        const second = await bench.sweepExpired({ limit: 5 })
        const oldest = ids(records).toReversed()
        assert.deepEqual([first.expired, first.more], [oldest.slice(0, 2), true])
        assert.deepEqual([second.expired, second.more], [oldest.slice(2), false])
      },
    },
    {
      name: 'a sweep of some queues leaves the others alone',
      run: async (bench) => {
        const { id } = await bench.enqueue({ expiresInMs: 1, queue: 'mail' })
        const other = await bench.enqueue({ expiresInMs: 1, queue: 'mail.slow' })
        bench.clock.advance(2)
        assert.deepEqual((await bench.sweepExpired({ queues: ['mail', 'none'] })).expired, [id])
        assert.equal((await bench.get(other.id)).status, 'pending')
      },
    },
    {
      name: 'a sweep of limit 0 expires nothing',
      run: async (bench) => {
        await bench.enqueue({ expiresInMs: 1 })
        bench.clock.advance(2)
        assert.deepEqual((await bench.sweepExpired({ limit: 0 })).expired, [])
      },
    },
    {
      name: 'two sweeps at once expire each record once',
      run: async (bench) => {
        const records = await bench.enqueueMany(20, () => ({ expiresInMs: 1 }))
        bench.clock.advance(2)
        const sweeps = await Promise.all([bench.backend, bench.second].map((one) => one.sweep({ what: 'expired' })))
        assert.deepEqual(sweeps.flatMap(({ expired }) => expired).toSorted(), ids(records))
      },
    },
    {
      name: 'an expired record gives its key free; an overdue one that nobody met holds it still',
      run: async (bench) => {
        const { id } = await bench.enqueue({ expiresInMs: 1, key: 'k' })
        bench.clock.advance(2)
        assert.equal((await bench.offer({ key: 'k' })).record.id, id)
        await bench.sweepExpired()
        assert.equal((await bench.offer({ key: 'k' })).outcome, 'created')
      },
    },
    {
      name: 'a record handed to an external system expires unless it was started there',
      run: async (bench) => {
        const { id } = await bench.enqueue({ expiresInMs: 1 })
        await bench.backend.assign([{ id, attempt: 0, executionRef: 'jobs/1' }])
        bench.clock.advance(2)
        assert.deepEqual((await bench.sweepExpired()).expired, [id])
      },
    },
    {
      name: 'a replay takes the deadline away',
      run: async (bench) => {
        const { id } = await bench.make('expired')
        await bench.replay(id, 0)
        assert.equal((await bench.get(id)).expiresAt, null)
        bench.clock.advance(60_000)
        assert.deepEqual(ids(await bench.claim()), [id])
      },
    },
  ],
}
