import assert from 'node:assert/strict'
import { DEFAULT_LINE, ids, type Bench } from '../bench.ts'
import type { Group } from '../harness.ts'

const ENDED = ['completed', 'failed', 'cancelled', 'expired'] as const
const PRESENCE = { host: 'host-1', pid: 1, concurrency: 1, lines: [DEFAULT_LINE] }

/** Lets the time pass after which everything that has ended may go. */
function grow(bench: Bench): void {
  bench.clock.advance(bench.backend.capabilities.resendWindowMs + 1)
}

export const cleanup: Group = {
  name: 'cleanup',
  cases: [
    ...ENDED.map((status) => ({
      name: `a ${status} record goes when it ended longer ago than that, and not a millisecond earlier`,
      run: async (bench: Bench) => {
        const { id } = await bench.make(status)
        bench.clock.advance(bench.backend.capabilities.resendWindowMs)
        assert.deepEqual((await bench.sweepFinished()).removed, [])
        bench.clock.advance(1)
        assert.deepEqual((await bench.sweepFinished()).removed, [id])
        assert.equal(await bench.exists(id), false)
      },
    })),
    {
      name: 'the caller of the sweep says what long ago is, beyond the resend window',
      run: async (bench) => {
        const { id } = await bench.make('failed')
        const olderThanMs = 2 * bench.backend.capabilities.resendWindowMs
        bench.clock.advance(olderThanMs)
        assert.deepEqual((await bench.sweepFinished({ olderThanMs })).removed, [])
        bench.clock.advance(1)
        assert.deepEqual((await bench.sweepFinished({ olderThanMs })).removed, [id])
      },
    },
    {
      name: 'no status and no queue, named as empty lists, mean none and not all',
      run: async (bench) => {
        const ended = await bench.make('completed')
        const stale = await bench.make('running')
        const overdue = await bench.enqueue({ expiresInMs: 1 })
        grow(bench)
        assert.deepEqual((await bench.sweepFinished({ statuses: [] })).removed, [])
        assert.deepEqual((await bench.sweepFinished({ queues: [] })).removed, [])
        assert.deepEqual((await bench.sweepStale({ queues: [] })).requeued, [])
        assert.deepEqual((await bench.sweepExpired({ queues: [] })).expired, [])
        for (const record of [ended, stale, overdue]) await bench.expectChange(record, {})
      },
    },
    {
      name: 'D14: what has not ended never goes',
      run: async (bench) => {
        const made = [await bench.make('pending'), await bench.make('running'), await bench.make('scheduled')]
        grow(bench)
        assert.deepEqual((await bench.sweepFinished()).removed, [])
        for (const { id } of made) assert.ok(await bench.exists(id))
      },
    },
    {
      name: 'a shorter time than the resend window is refused by name',
      run: async (bench) => {
        const { id } = await bench.make('completed')
        bench.clock.advance(1_000)
        const olderThanMs = bench.backend.capabilities.resendWindowMs - 1
        await bench.expectError('invalid_argument', () => bench.sweepFinished({ olderThanMs }), 'sweep.olderThanMs')
        assert.ok(await bench.exists(id))
      },
    },
    {
      name: 'within the resend window a resent enqueue finds its answer, and makes nothing new',
      run: async (bench) => {
        const request = bench.request()
        const [first] = await bench.backend.enqueue([request])
        await bench.settle(bench.complete(request.id, (await bench.claimOne(request.id)).attempt))
        bench.clock.advance(bench.backend.capabilities.resendWindowMs)
        await bench.sweepFinished()
        const [again] = await bench.backend.enqueue([request])
        assert.deepEqual([again?.outcome, again?.record?.status], [first?.outcome, 'completed'])
      },
    },
    {
      name: 'only the statuses that were named go',
      run: async (bench) => {
        const made = [await bench.make('completed'), await bench.make('failed'), await bench.make('cancelled')]
        grow(bench)
        const { removed } = await bench.sweepFinished({ statuses: ['failed', 'cancelled'] })
        assert.deepEqual(removed.toSorted(), ids(made.slice(1)))
        assert.ok(await bench.exists(made[0]?.id ?? ''))
      },
    },
    {
      name: 'only the queues that were named are cleaned',
      run: async (bench) => {
        const { id } = await bench.make('completed', { queue: 'mail' })
        const other = await bench.make('completed', { queue: 'mail.slow' })
        grow(bench)
        assert.deepEqual((await bench.sweepFinished({ queues: ['mail', 'none'] })).removed, [id])
        assert.ok(await bench.exists(other.id))
      },
    },
    {
      name: 'a sweep is bounded, removes the oldest first, and says that more is left',
      run: async (bench) => {
        const made: string[] = []
        for (let i = 0; i < 5; i++) {
          bench.clock.advance(1)
          made.push((await bench.make('completed')).id)
        }
        grow(bench)
        const first = await bench.sweepFinished({ limit: 2 })
        const second = await bench.sweepFinished({ limit: 5 })
        assert.deepEqual([first.removed, first.more], [made.slice(0, 2), true])
        assert.deepEqual([second.removed, second.more], [made.slice(2), false])
      },
    },
    {
      name: 'a sweep of limit 0 removes nothing',
      run: async (bench) => {
        const { id } = await bench.make('completed')
        grow(bench)
        assert.deepEqual((await bench.sweepFinished({ limit: 0 })).removed, [])
        assert.ok(await bench.exists(id))
      },
    },
    {
      name: 'D13: 1500 records go in bounded steps',
      run: async (bench) => {
        for (const count of [750, 750]) await bench.backend.cancel({ ids: ids(await bench.enqueueMany(count)) })
        grow(bench)
        const first = await bench.sweepFinished()
        const second = await bench.sweepFinished()
        assert.ok(first.more && first.removed.length <= bench.backend.capabilities.limits.batch)
        assert.deepEqual([first.removed.length + second.removed.length, second.more], [1_500, false])
      },
    },
    {
      name: 'two sweeps at once remove each record once',
      run: async (bench) => {
        const records = await bench.enqueueMany(20)
        await bench.backend.cancel({ ids: ids(records) })
        grow(bench)
        const window = bench.backend.capabilities.resendWindowMs
        const sweeps = await Promise.all(
          [bench.backend, bench.second].map((one) => one.sweep({ what: 'finished', olderThanMs: window })),
        )
        assert.deepEqual(sweeps.flatMap(({ removed }) => removed).toSorted(), ids(records))
      },
    },
    {
      name: 'a cancelled record stays while its holder has not returned',
      run: async (bench) => {
        const { id, attempt } = await bench.makeHeld({ key: 'k' })
        grow(bench)
        assert.deepEqual((await bench.sweepFinished()).removed, [])
        await bench.settle(bench.release(id, attempt))
        assert.deepEqual((await bench.sweepFinished()).removed, [id])
      },
    },
    {
      name: 'D5: a key that a later record has taken stays with it',
      run: async (bench) => {
        const old = await bench.make('completed', { key: 'k' })
        grow(bench)
        const holder = await bench.enqueue({ key: 'k' })
        assert.deepEqual((await bench.sweepFinished()).removed, [old.id])
        const { outcome, record } = await bench.offer({ key: 'k' })
        assert.deepEqual([outcome, record.id], ['existing', holder.id])
      },
    },
    {
      name: 'D5: of cleanups and enqueues of one key at once none loses the key',
      run: async (bench) => {
        await bench.make('completed', { key: 'k' })
        grow(bench)
        const offers = Array.from({ length: 10 }, () => bench.offer({ key: 'k' }, bench.second))
        await Promise.all([bench.sweepFinished(), ...offers])
        const outcomes = (await Promise.all(offers)).map(({ outcome }) => outcome)
        assert.equal(outcomes.filter((outcome) => outcome === 'created').length, 1)
        assert.equal((await bench.offer({ key: 'k' })).outcome, 'existing')
      },
    },
    {
      name: 'a removed record takes its key along',
      run: async (bench) => {
        const reference = { scope: 'namespace', key: 'k' } as const
        const { id } = await bench.make('completed', { key: 'k', keyScope: 'namespace' })
        grow(bench)
        assert.equal((await bench.backend.getByKey([reference]))[0]?.id, id)
        await bench.sweepFinished()
        assert.deepEqual(await bench.backend.getByKey([reference]), [null])
      },
    },
    {
      name: 'a replayed record is not finished any more',
      run: async (bench) => {
        const { id, attempt } = await bench.make('failed')
        grow(bench)
        await bench.replay(id, attempt)
        assert.deepEqual((await bench.sweepFinished()).removed, [])
        assert.ok(await bench.exists(id))
      },
    },
    {
      name: 'P9, D14: of records in every terminal status nothing remains: not by id, by key, in statistics, lists or audit',
      run: async (bench) => {
        const made: string[] = []
        for (const status of ENDED) {
          made.push((await bench.make(status, { key: status, queue: status, args: [status] })).id)
        }
        await bench.turn({ presence: null })
        grow(bench)
        await bench.sweepFinished()
        assert.deepEqual(await bench.backend.get(made), [null, null, null, null])
        const keys = ENDED.map((key) => ({ scope: 'task', taskName: 'demo.task', key }) as const)
        assert.deepEqual(await bench.backend.getByKey(keys), [null, null, null, null])
        const { counts, queues } = await bench.backend.statistics()
        assert.deepEqual([Object.values(counts).every((count) => count === 0), queues], [true, []])
        for (const status of ENDED) assert.deepEqual(await bench.listAll(status), [])
        assert.equal((await bench.backend.audit()).examined, 0)
      },
    },
    {
      name: 'acts on a removed record are missing',
      run: async (bench) => {
        const { id, attempt } = await bench.make('failed')
        grow(bench)
        await bench.sweepFinished()
        assert.equal((await bench.settle(bench.fail(id, attempt))).outcome, 'missing')
        assert.equal((await bench.cancel(id)).outcome, 'missing')
        assert.equal((await bench.replay(id, attempt)).outcome, 'missing')
        assert.deepEqual((await bench.turn({ touches: [{ id, attempt }] })).lost, [id])
      },
    },
    {
      name: 'P9: destroy removes everything, running records, keys, workers and leases included, and the namespace works on',
      run: async (bench) => {
        for (const status of [...ENDED, 'pending', 'running', 'scheduled'] as const)
          await bench.make(status, { key: status })
        await bench.turn({ presence: PRESENCE })
        await bench.backend.lease({ name: 'duty', token: 'a', ttlMs: 60_000 })
        await bench.backend.destroy()
        const { queues, workers } = await bench.second.statistics()
        assert.deepEqual([queues, workers], [[], []])
        assert.ok((await bench.second.lease({ name: 'duty', token: 'b', ttlMs: 1 })).held)
        assert.equal((await bench.offer({ key: 'running' }, bench.second)).outcome, 'created')
        assert.equal((await bench.claim()).length, 1)
      },
    },
    {
      name: 'destroy leaves nothing under a watch either, which goes on to hear what comes',
      run: async (bench) => {
        const watch = await bench.second.watch({ lines: [DEFAULT_LINE] })
        const [{ id }] = [await bench.enqueue({ key: 'k' }), await bench.enqueue({ key: 'other' })]
        await bench.claim(1, { nonce: 'same', presence: PRESENCE })
        await bench.backend.lease({ name: 'duty', token: 'a', ttlMs: 60_000 })
        await bench.backend.destroy()
        assert.equal(await bench.exists(id), false)
        const { queues, workers } = await bench.backend.statistics()
        assert.deepEqual([queues, workers], [[], []])
        assert.ok((await bench.backend.lease({ name: 'duty', token: 'b', ttlMs: 1 })).held)
        const { outcome, record } = await bench.offer({ key: 'k' })
        assert.equal(outcome, 'created')
        assert.deepEqual(await watch.next(), { kind: 'work' })
        assert.deepEqual(ids(await bench.claim(1, { nonce: 'same' })), [record.id])
      },
    },
    {
      name: 'destroying nothing, and twice, is fine',
      run: async (bench) => {
        await bench.backend.destroy()
        await bench.backend.destroy()
        assert.deepEqual(await bench.listAll('pending'), [])
      },
    },
  ],
}
