import assert from 'node:assert/strict'
import { STATUSES, type Presence, type StatusCounts } from '@millrace/core'
import { DEFAULT_LINE, present, STALE_AFTER_MS, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

// prettier-ignore
const NONE: StatusCounts = {
  waiting: 0, pending: 0, scheduled: 0, running: 0, completed: 0, failed: 0, cancelled: 0, expired: 0,
}
const MADE = ['pending', 'scheduled', 'running', 'completed', 'failed', 'cancelled', 'expired'] as const
const PRESENCE: Presence = { host: 'host-1', pid: 42, concurrency: 10, lines: [DEFAULT_LINE] }

const statuses: readonly Case[] = MADE.map((status) => ({
  name: `${status} records are counted as ${status} and as nothing else`,
  run: async (bench) => {
    for (let i = 0; i < 3; i++) await bench.make(status)
    const { counts, queues } = await bench.backend.statistics()
    assert.deepEqual(counts, { ...NONE, [status]: 3 })
    assert.deepEqual(
      queues.map((one) => [one.queue, one.counts]),
      [['default', counts]],
    )
  },
}))

async function workersSeen({ backend }: Bench): Promise<readonly (readonly [string, number, number])[]> {
  const { workers } = await backend.statistics()
  return workers.map(({ workerId, startedAt, seenAt }) => [workerId, startedAt, seenAt])
}

export const statistics: Group = {
  name: 'statistics',
  cases: [
    ...statuses,
    {
      name: 'an empty namespace counts zero of everything, at the instant of the backend clock',
      run: async (bench) => {
        const at = bench.now
        assert.deepEqual(await bench.backend.statistics(), { at, counts: NONE, paused: false, queues: [], workers: [] })
      },
    },
    {
      name: 'D13: with records in every status the counts are what the lists show, per queue and in all',
      run: async (bench) => {
        for (const queue of ['b', 'a', 'A']) {
          for (const status of MADE.filter((_, i) => i % 2 === 0 || queue !== 'A')) await bench.make(status, { queue })
        }
        const { counts, queues } = await bench.backend.statistics()
        assert.deepEqual(
          queues.map(({ queue }) => queue),
          ['A', 'a', 'b'],
        )
        for (const status of STATUSES) {
          for (const one of queues) {
            const listed = await bench.listAll(status, { queue: one.queue })
            assert.equal(one.counts[status], listed.length, `${status} of ${one.queue}`)
          }
          assert.equal(counts[status], (await bench.listAll(status)).length, status)
        }
      },
    },
    {
      name: 'the statistics of one queue are of this queue alone',
      run: async (bench) => {
        await bench.enqueueMany(3, (i) => ({ queue: ['a', 'a.b', 'b'][i] ?? 'c' }))
        await bench.make('failed', { queue: 'a' })
        const { counts, queues } = await bench.backend.statistics({ queue: 'a' })
        assert.deepEqual(counts, { ...NONE, pending: 1, failed: 1 })
        assert.deepEqual(
          queues.map(({ queue }) => queue),
          ['a'],
        )
      },
    },
    {
      name: 'a queue that holds nothing is shown with zeros when asked for by name',
      run: async (bench) => {
        const { counts, queues } = await bench.backend.statistics({ queue: 'nobody' })
        assert.deepEqual(
          [counts, queues],
          [NONE, [{ queue: 'nobody', counts: NONE, paused: false, oldestDueMs: null }]],
        )
      },
    },
    {
      name: 'queues named like properties of every object are counted like others',
      run: async (bench) => {
        const names = ['constructor', 'hasOwnProperty', 'toString']
        await bench.enqueueMany(3, (i) => ({ queue: names[i] ?? '' }))
        const { queues } = await bench.backend.statistics()
        assert.deepEqual(
          queues.map(({ queue, counts }) => [queue, counts.pending]),
          names.map((name) => [name, 1]),
        )
      },
    },
    {
      name: 'the oldest due record of any priority and line gives the age',
      run: async (bench) => {
        await bench.enqueue({ priority: -4_096, executionBackend: 'cloud' })
        await bench.enqueue({ priority: -7, queue: 'mixed' })
        bench.clock.advance(700)
        await bench.enqueue({ priority: 4_096 })
        await bench.enqueueMany(3, (i) => ({ priority: i * 10 - 9, queue: 'mixed' }))
        await bench.enqueue({ queue: 'other' })
        bench.clock.advance(300)
        const { queues } = await bench.backend.statistics()
        assert.deepEqual(
          queues.map(({ queue, oldestDueMs }) => [queue, oldestDueMs]),
          [
            ['default', 1_000],
            ['mixed', 1_000],
            ['other', 300],
          ],
        )
      },
    },
    {
      name: 'a scheduled record has no age before it is due, and ages from then on',
      run: async (bench) => {
        await bench.enqueue({ delayMs: 100 })
        const age = async (): Promise<number | null> =>
          present((await bench.backend.statistics()).queues[0]).oldestDueMs
        assert.equal(await age(), null)
        bench.clock.advance(100)
        assert.equal(await age(), 0)
        bench.clock.advance(50)
        assert.equal(await age(), 50)
      },
    },
    {
      name: 'a pending record that was handed to an external system, or that is overdue, ages as well',
      run: async (bench) => {
        const { id } = await bench.enqueue({ queue: 'dispatched' })
        await bench.backend.assign([{ id, attempt: 0, executionRef: 'jobs/1' }])
        await bench.enqueue({ queue: 'overdue', expiresInMs: 1 })
        bench.clock.advance(50)
        const { queues } = await bench.backend.statistics()
        assert.deepEqual(
          queues.map(({ queue, oldestDueMs }) => [queue, oldestDueMs]),
          [
            ['dispatched', 50],
            ['overdue', 50],
          ],
        )
      },
    },
    {
      name: 'running and ended records have no age',
      run: async (bench) => {
        await bench.make('completed')
        await bench.make('running')
        bench.clock.advance(100)
        assert.equal((await bench.backend.statistics()).queues[0]?.oldestDueMs, null)
      },
    },
    {
      name: 'two clients count the same',
      run: async (bench) => {
        await bench.make('failed')
        await bench.turn({ presence: PRESENCE })
        assert.deepEqual(await bench.second.statistics(), await bench.backend.statistics())
      },
    },
    {
      name: 'a worker that presents itself is shown as it did, a later time refreshes it',
      run: async (bench) => {
        const startedAt = bench.now
        await bench.turn({ presence: PRESENCE })
        bench.clock.advance(5_000)
        const grown = { ...PRESENCE, concurrency: 20, lines: [DEFAULT_LINE, { ...DEFAULT_LINE, queue: 'mail' }] }
        await bench.turn({ presence: grown, slot: 3 })
        const { workers } = await bench.backend.statistics()
        assert.deepEqual(workers, [{ ...grown, workerId: 'worker-1', startedAt, seenAt: startedAt + 5_000 }])
      },
    },
    {
      name: 'a worker may tell any text of its host',
      run: async (bench) => {
        const host = 'line\u2028\u2029\n"quoted" \u0000\u001e'
        await bench.turn({ presence: { ...PRESENCE, host } })
        assert.equal((await bench.backend.statistics()).workers[0]?.host, host)
      },
    },
    {
      name: 'workers are shown by id, also where nothing is enqueued',
      run: async (bench) => {
        const now = bench.now
        for (const workerId of ['b', 'a', 'B']) await bench.turn({ workerId, presence: PRESENCE })
        assert.deepEqual(await workersSeen(bench), [
          ['B', now, now],
          ['a', now, now],
          ['b', now, now],
        ])
      },
    },
    {
      name: 'a worker that says goodbye is gone, its records are not',
      run: async (bench) => {
        await bench.turn({ workerId: 'a', presence: PRESENCE })
        await bench.turn({ workerId: 'b', presence: PRESENCE })
        const { id } = await bench.enqueue()
        await bench.claimOne(id, { workerId: 'a' })
        await bench.turn({ workerId: 'a', presence: null })
        assert.deepEqual(
          (await workersSeen(bench)).map(([workerId]) => workerId),
          ['b'],
        )
        assert.equal((await bench.get(id)).workerId, 'a')
      },
    },
    {
      name: 'a worker that was silent for longer than staleAfterMs is forgotten by the sweep, not before',
      run: async (bench) => {
        await bench.turn({ workerId: 'silent', presence: PRESENCE })
        bench.clock.advance(1)
        await bench.turn({ workerId: 'alive', presence: PRESENCE })
        bench.clock.advance(STALE_AFTER_MS)
        assert.equal((await workersSeen(bench)).length, 2)
        await bench.sweepStale()
        const [only, ...others] = await workersSeen(bench)
        assert.deepEqual([only?.[0], others], ['alive', []])
      },
    },
    {
      name: 'a worker that says how often it presents itself is forgotten after twice as long, however short staleAfterMs is',
      run: async (bench) => {
        const everyMs = 3 * STALE_AFTER_MS
        await bench.turn({ presence: { ...PRESENCE, everyMs } })
        bench.clock.advance(2 * everyMs)
        await bench.sweepStale()
        const { workers } = await bench.backend.statistics()
        assert.deepEqual(
          workers.map((worker) => worker.everyMs),
          [everyMs],
        )
        bench.clock.advance(1)
        await bench.sweepStale()
        assert.deepEqual(await workersSeen(bench), [])
      },
    },
    {
      name: 'one that presents itself more often than staleAfterMs is not forgotten before',
      run: async (bench) => {
        await bench.turn({ presence: { ...PRESENCE, everyMs: 1 } })
        bench.clock.advance(STALE_AFTER_MS)
        await bench.sweepStale()
        assert.equal((await workersSeen(bench)).length, 1)
      },
    },
    {
      name: 'a sweep of some queues forgets no worker',
      run: async (bench) => {
        await bench.turn({ presence: PRESENCE })
        bench.clock.advance(2 * STALE_AFTER_MS)
        await bench.sweepStale({ queues: ['default'] })
        assert.equal((await workersSeen(bench)).length, 1)
      },
    },
  ],
}
