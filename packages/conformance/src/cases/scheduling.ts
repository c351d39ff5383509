import assert from 'node:assert/strict'
import { MAX_DURATION_MS, MAX_PROMOTED, MAX_TIME, type TaskRecord } from '@millrace/core'
import { DEFAULT_LINE, ids, present, type Bench, type RequestFields } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

/** What a reader shows of one keyed record: that a due one is pending is true before anything has moved it. */
const READERS: readonly (readonly [reader: string, read: (bench: Bench, id: string) => Promise<unknown>])[] = [
  ['get', async (bench, id) => (await bench.get(id)).status],
  ['get by key', async ({ backend }) => (await backend.getByKey([{ scope: 'namespace', key: 'k' }]))[0]?.status],
  ['the list of pending ones', async (bench) => (await bench.listAll('pending'))[0]?.status],
  ['the list of what comes next', async (bench) => (await bench.listAll('next'))[0]?.status],
  [
    'the answer to a taken key',
    async (bench) => (await bench.offer({ key: 'k', keyScope: 'namespace' })).record.status,
  ],
  ['statistics', async ({ backend }) => ((await backend.statistics()).counts.pending === 1 ? 'pending' : 'scheduled')],
  ['the answer to its own id', async (bench, id) => (await bench.offer({ id })).record.status],
  [
    'an absence from the list of scheduled ones',
    async (bench) => ((await bench.listAll('scheduled')).length === 0 ? 'pending' : 'scheduled'),
  ],
]

const readers: readonly Case[] = READERS.map(([reader, read]) => ({
  name: `a due record is pending, shown by ${reader}`,
  run: async (bench) => {
    const { id } = await bench.enqueue({ delayMs: 1_000, key: 'k', keyScope: 'namespace' })
    bench.clock.advance(1_000)
    assert.equal(await read(bench, id), 'pending')
    assert.equal((await bench.get(id)).lastEvent, 'enqueue')
  },
}))

interface Time {
  readonly name: string
  readonly fields: (now: number) => RequestFields
  readonly expected: (now: number) => Partial<TaskRecord>
}

const TIMES: readonly Time[] = [
  {
    name: 'a delay counts from the backend\'s now', // prettier-ignore
    fields: () => ({ delayMs: 1_500 }),
    expected: (now) => ({ status: 'scheduled', scheduledAt: now + 1_500, queuedAt: now + 1_500, createdAt: now }),
  },
  {
    name: 'a delay of 0 is no delay',
    fields: () => ({ delayMs: 0 }),
    expected: (now) => ({ status: 'pending', scheduledAt: null, queuedAt: now }),
  },
  {
    name: 'no time at all is now',
    fields: () => ({}),
    expected: (now) => ({ status: 'pending', scheduledAt: null, queuedAt: now }),
  },
  {
    name: 'an instant in the future is kept to the millisecond',
    fields: (now) => ({ scheduledAt: now + 1 }),
    expected: (now) => ({ status: 'scheduled', scheduledAt: now + 1, queuedAt: now + 1 }),
  },
  {
    name: 'an instant that is now is due',
    fields: (now) => ({ scheduledAt: now }),
    expected: (now) => ({ status: 'pending', scheduledAt: now, queuedAt: now }),
  },
  {
    name: 'an instant in the past is kept, is due, and gives no better place',
    fields: (now) => ({ scheduledAt: now - 5_000 }),
    expected: (now) => ({ status: 'pending', scheduledAt: now - 5_000, queuedAt: now }),
  },
  {
    name: 'the instant 0 is an instant, not the lack of one',
    fields: () => ({ scheduledAt: 0 }),
    expected: (now) => ({ status: 'pending', scheduledAt: 0, queuedAt: now }),
  },
  {
    name: 'the last instant of all is kept exactly',
    fields: () => ({ scheduledAt: MAX_TIME }),
    expected: () => ({ status: 'scheduled', scheduledAt: MAX_TIME, queuedAt: MAX_TIME }),
  },
  {
    name: 'a delay of a hundred years overflows nothing',
    fields: () => ({ delayMs: MAX_DURATION_MS }),
    expected: (now) => ({ status: 'scheduled', scheduledAt: now + MAX_DURATION_MS }),
  },
]

const times: readonly Case[] = TIMES.map(({ name, fields, expected }) => ({
  name,
  run: async (bench) => {
    const now = bench.now
    const { id } = await bench.enqueue(fields(now))
    const record = await bench.get(id)
    assert.deepEqual({ ...record, ...expected(now) }, record)
  },
}))

type Act = (bench: Bench, record: TaskRecord) => Promise<unknown>

const RETURNS: readonly (readonly [name: string, scheduledAt: 'kept' | null, act: Act])[] = [
  ['released', 'kept', (bench, { id, attempt }) => bench.settle(bench.release(id, attempt))],
  ['retried at once', null, (bench, { id, attempt }) => bench.settle(bench.fail(id, attempt, 0))],
  [
    'recovered',
    null,
    async (bench, { id, attempt }) => {
      await bench.beat([bench.touch(id, attempt, { alive: false })])
      await bench.sweepStale()
    },
  ],
]

export const scheduling: Group = {
  name: 'scheduling',
  cases: [
    ...times,
    ...readers,
    {
      name: 'D40: a record is due at its millisecond of the backend clock, and not one before',
      run: async (bench) => {
        const { id } = await bench.enqueue({ delayMs: 1_000 })
        bench.clock.advance(999)
        assert.deepEqual(await bench.claim(), [])
        assert.equal((await bench.get(id)).status, 'scheduled')
        bench.clock.advance(1)
        assert.deepEqual(ids(await bench.claim()), [id])
      },
    },
    {
      name: 'a record that is not due is not claimed by id either',
      run: async (bench) => {
        const { id } = await bench.enqueue({ delayMs: 10 })
        bench.clock.advance(9)
        assert.deepEqual((await bench.turn({ claim: { ids: [id] } })).records, [])
        bench.clock.advance(1)
        assert.equal((await bench.claimOne(id)).attempt, 1)
      },
    },
    {
      name: 'the highest priority is not due earlier',
      run: async (bench) => {
        await bench.enqueue({ delayMs: 10, priority: 4_096 })
        const low = await bench.enqueue({ priority: -4_096 })
        assert.deepEqual(ids(await bench.claim(10)), [low.id])
      },
    },
    {
      name: 'a due record takes the place of its due time among the pending ones',
      run: async (bench) => {
        const middle = await bench.enqueue({ delayMs: 10 })
        const first = await bench.enqueue()
        bench.clock.advance(20)
        const last = await bench.enqueue()
        assert.deepEqual(ids(await bench.claim(10)), [first.id, middle.id, last.id])
      },
    },
    ...RETURNS.map(([name, scheduledAt, act]) => ({
      name: `a record that was scheduled and is ${name} ${scheduledAt === null ? 'is no longer' : 'stays'} scheduled for then`,
      run: async (bench: Bench) => {
        const { id } = await bench.enqueue({ delayMs: 10, maxRetries: 1 })
        bench.clock.advance(10)
        const due = bench.now
        await act(bench, await bench.claimOne(id))
        const record = await bench.get(id)
        assert.deepEqual([record.status, record.scheduledAt], ['pending', scheduledAt === null ? null : due])
      },
    })),
    {
      name: 'a retry is due to the millisecond',
      run: async (bench) => {
        const { id } = await bench.enqueue({ maxRetries: 1 })
        await bench.settle(bench.fail(id, (await bench.claimOne(id)).attempt, 5_000))
        bench.clock.advance(4_999)
        assert.deepEqual(await bench.claim(), [])
        bench.clock.advance(1)
        assert.deepEqual(ids(await bench.claim()), [id])
      },
    },
    {
      name: 'a snoozed record is due to the millisecond',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        await bench.settle(bench.snooze(id, (await bench.claimOne(id)).attempt, 5_000))
        bench.clock.advance(4_999)
        assert.deepEqual(await bench.claim(), [])
        bench.clock.advance(1)
        assert.deepEqual(ids(await bench.claim()), [id])
      },
    },
    {
      name: `D12: of 600 records due at once a claim moves ${MAX_PROMOTED}, says more, and the next one brings the rest`,
      run: async (bench) => {
        const records = await bench.enqueueMany(600, () => ({ delayMs: 1_000 }))
        bench.clock.advance(1_000)
        const claim = { lines: [DEFAULT_LINE], limit: 1_000 }
        const first = await bench.turn({ claim })
        const second = await bench.turn({ claim })
        assert.deepEqual([first.records.length, first.more], [MAX_PROMOTED, true])
        assert.deepEqual([second.records.length, second.more], [600 - MAX_PROMOTED, false])
        assert.deepEqual(ids([...first.records, ...second.records]), ids(records))
      },
    },
    {
      name: `D16: among the ${MAX_PROMOTED} due earliest the order of a claim is exact`,
      run: async (bench) => {
        const records = await bench.enqueueMany(600, (i) => ({ delayMs: i + 1, priority: i % 3 }))
        bench.clock.advance(600)
        const moved = records.slice(0, MAX_PROMOTED)
        const expected = moved.toSorted((a, b) => b.priority - a.priority || a.queuedAt - b.queuedAt)
        assert.deepEqual(ids(await bench.claim(100)), ids(expected.slice(0, 100)))
      },
    },
    ...(['priority', 'listed'] as const).map((order) => ({
      name: `D16: among the ${MAX_PROMOTED} due earliest of each of four lines the order of a claim is exact, order '${order}'`,
      run: async (bench: Bench) => {
        const lines = ['a', 'b', 'c', 'd'].map((queue) => ({ ...DEFAULT_LINE, queue }))
        const records: TaskRecord[] = []
        for (const { queue } of lines)
          records.push(...(await bench.enqueueMany(480, (i) => ({ queue, delayMs: i + 1, priority: i < 470 ? 0 : 1 }))))
        bench.clock.advance(480)
        const urgent = records.filter(({ priority }) => priority === 1)
        const byTime = urgent.toSorted((a, b) => a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1))
        const { records: claimed } = await bench.turn({ claim: { lines, limit: 40, order } })
        const expected = order === 'listed' ? [...urgent.slice(0, 10), ...records.slice(0, 30)] : byTime
        assert.deepEqual(ids(claimed), ids(expected))
      },
    })),
    {
      name: '600 records due at once are counted and listed as pending before any claim',
      run: async (bench) => {
        await bench.enqueueMany(600, () => ({ delayMs: 1_000 }))
        bench.clock.advance(1_000)
        const { counts } = await bench.backend.statistics()
        assert.deepEqual([counts.pending, counts.scheduled], [600, 0])
        assert.equal((await bench.listAll('next')).length, 600)
      },
    },
    {
      name: 'nextDueAt is the earliest of the claimed lines that is not due yet',
      run: async (bench) => {
        const now = bench.now
        await bench.enqueue({ delayMs: 300 })
        await bench.enqueue({ delayMs: 200, queue: 'other' })
        await bench.enqueue({ delayMs: 100, queue: 'third' })
        await bench.enqueue({ delayMs: 50, executionBackend: 'remote' })
        await bench.enqueue({ delayMs: 400, queue: 'fourth' })
        const lines = ['default', 'other', 'fourth'].map((queue) => ({ ...DEFAULT_LINE, queue }))
        const { nextDueAt } = await bench.turn({ claim: { lines, limit: 1 } })
        assert.equal(nextDueAt, now + 200)
      },
    },
    {
      name: 'nextDueAt is null when nothing is scheduled',
      run: async (bench) => {
        await bench.enqueue()
        assert.equal((await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } })).nextDueAt, null)
      },
    },
    {
      name: 'nextDueAt leaves out what is due, also while the limit leaves it behind',
      run: async (bench) => {
        await bench.enqueueMany(3, () => ({ delayMs: 10 }))
        const later = await bench.enqueue({ delayMs: 20 })
        bench.clock.advance(10)
        const { records, more, nextDueAt } = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } })
        assert.deepEqual([records.length, more, nextDueAt], [1, true, later.scheduledAt])
      },
    },
    {
      name: 'nextDueAt leaves out what is due, also where a claim of nothing (limit 0) moves none of it',
      run: async (bench) => {
        await bench.enqueue({ delayMs: 10 })
        const later = await bench.enqueue({ delayMs: 20 })
        bench.clock.advance(10)
        const { records, more, nextDueAt } = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 0 } })
        assert.deepEqual([records, more, nextDueAt], [[], true, later.scheduledAt])
      },
    },
    {
      name: 'a claim of nothing (limit 0) still says when the next record is due',
      run: async (bench) => {
        const { scheduledAt } = await bench.enqueue({ delayMs: 10 })
        const { records, more, nextDueAt } = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 0 } })
        assert.deepEqual([records, more, nextDueAt], [[], false, scheduledAt])
      },
    },
    {
      name: 'a cancelled record is no longer the next one due',
      run: async (bench) => {
        const first = await bench.enqueue({ delayMs: 10 })
        const second = await bench.enqueue({ delayMs: 20 })
        await bench.cancel(first.id)
        const { nextDueAt } = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } })
        assert.equal(nextDueAt, present(second.scheduledAt))
      },
    },
  ],
}
