import assert from 'node:assert/strict'
import { MAX_COUNT, MAX_DURATION_MS, MAX_PRIORITY } from '@millrace/core'
import { ids, type Bench } from '../bench.ts'
import type { Group } from '../harness.ts'

const LONGEST = `a${'._:/@-Z9'.repeat(24)}1234567`

/** Keys that a store might take for something else. All of them are different keys. */
// prettier-ignore
const KEYS: readonly string[] = [
  '0', '1', 'null', 'undefined', 'false', 'NaN', ' ', '  ', 'a', 'A', 'a ', '__proto__', 'constructor', 'toString',
  'task:a', 'keys:a', 'a:b', '{x}', '}{', '*', '?', '[a]', '../a', 'a\u0000', 'a\u0000b', '\r\n*3\r\n$3', '\u2028',
  '\u00e9', 'e\u0301', '🙂', '🙃', 'x'.repeat(512), `${'x'.repeat(511)}y`, 'é'.repeat(256), '🙂'.repeat(128),
]

export const extremes: Group = {
  name: 'extremes',
  cases: [
    ...(['task', 'namespace'] as const).map((keyScope) => ({
      name: `D43: ${KEYS.length} odd keys are as many different keys, up to 512 bytes (${keyScope})`,
      run: async (bench: Bench) => {
        const made = await bench.enqueueMany(KEYS.length, (i) => ({ key: KEYS[i] ?? '', keyScope }))
        assert.equal(new Set(ids(made)).size, KEYS.length)
        const again = await bench.enqueueMany(KEYS.length, (i) => ({ key: KEYS[i] ?? '', keyScope }))
        assert.deepEqual(ids(again), ids(made))
        const taskName = 'demo.task'
        const found = await bench.backend.getByKey(
          KEYS.map((key) => (keyScope === 'task' ? { scope: keyScope, taskName, key } : { scope: keyScope, key })),
        )
        assert.deepEqual(
          found.map((record) => record?.key),
          KEYS,
        )
      },
    })),
    {
      name: 'D39: no key is no key: any number of records without one stand side by side',
      run: async (bench) => {
        await bench.enqueueMany(3, () => ({ key: null }))
        const records = await bench.listAll('pending')
        assert.deepEqual(
          records.map(({ key, keyScope }) => [key, keyScope]),
          [
            [null, null],
            [null, null],
            [null, null],
          ],
        )
      },
    },
    {
      name: 'D39: what is null stays null',
      run: async (bench) => {
        const { executionProfile, executionRef, group, parentId, error, result } = await bench.get(
          (await bench.enqueue()).id,
        )
        assert.deepEqual([executionProfile, executionRef, group, parentId, error, result], Array(6).fill(null))
      },
    },
    {
      name: 'the longest names and texts are kept',
      run: async (bench) => {
        assert.equal(LONGEST.length, 200)
        const text = 'é'.repeat(100)
        const names = { taskName: LONGEST, queue: LONGEST, executionBackend: LONGEST }
        const { id } = await bench.enqueue({ ...names, executionProfile: text, group: text })
        const lines = [{ queue: LONGEST, executionBackend: LONGEST }]
        const [record] = await bench.claim(1, { lines, workerId: LONGEST, nonce: LONGEST })
        assert.deepEqual([record?.id, record?.workerId], [id, LONGEST])
        assert.deepEqual({ ...record, ...names, executionProfile: text, group: text }, record)
      },
    },
    {
      name: 'names that are properties of every object are plain names',
      run: async (bench) => {
        const name = 'constructor'
        await bench.enqueue({ taskName: name, queue: name, executionBackend: name, key: name })
        const lines = [{ queue: name, executionBackend: name }]
        assert.equal((await bench.claim(1, { lines, workerId: name })).length, 1)
        assert.equal((await bench.backend.getByKey([{ scope: 'task', taskName: name, key: name }]))[0]?.key, name)
        assert.ok((await bench.backend.lease({ name, token: name, ttlMs: 1 })).held)
      },
    },
    {
      name: 'the highest and the lowest priority are kept, and order as they should',
      run: async (bench) => {
        const given = [0, -MAX_PRIORITY, MAX_PRIORITY, -1, 1, -MAX_PRIORITY + 1, MAX_PRIORITY - 1]
        await bench.enqueueMany(given.length, (i) => ({ priority: given[i] ?? 0 }))
        const claimed = (await bench.claim(10)).map(({ priority }) => priority)
        assert.deepEqual(
          claimed,
          given.toSorted((a, b) => b - a),
        )
      },
    },
    {
      name: 'the largest counts and durations are taken',
      run: async (bench) => {
        const largest = { maxRetries: MAX_COUNT, maxRecoveries: MAX_COUNT, expiresInMs: MAX_DURATION_MS }
        const { id } = await bench.enqueue(largest)
        await bench.settle(bench.fail(id, (await bench.claimOne(id)).attempt, MAX_DURATION_MS))
        const record = await bench.get(id)
        assert.deepEqual([record.maxRetries, record.maxRecoveries], [MAX_COUNT, MAX_COUNT])
        assert.equal(record.scheduledAt, bench.now + MAX_DURATION_MS)
        await bench.backend.sweep({ what: 'stale', staleAfterMs: MAX_DURATION_MS })
        await bench.backend.sweep({ what: 'finished', olderThanMs: MAX_DURATION_MS })
      },
    },
    {
      name: 'a priority of -0 is 0',
      run: async (bench) => {
        assert.ok(Object.is((await bench.get((await bench.enqueue({ priority: -0 })).id)).priority, 0))
      },
    },
    {
      name: 'D15: 1000 records are enqueued, read, claimed and settled in one call each',
      run: async (bench) => {
        const records = await bench.enqueueMany(1_000)
        assert.equal((await bench.backend.get(ids(records))).filter((record) => record !== null).length, 1_000)
        const claimed = await bench.claim(1_000)
        assert.deepEqual(ids(claimed), ids(records))
        const settlements = claimed.map(({ id, attempt }) => bench.complete(id, attempt, id))
        const { settled } = await bench.turn({ settlements })
        assert.ok(settled.every(({ outcome }, i) => outcome === 'ok' && settled[i]?.id === records[i]?.id))
      },
    },
    {
      name: 'D10: 60 calls on one record at once, heartbeats and its end among them, all answer, and the end stays',
      run: async (bench) => {
        const { id, attempt } = await bench.make('running')
        const beat = (backend: Bench['backend'], i: number): Promise<unknown> =>
          bench.turn({ workerId: `worker-${i}`, touches: [{ id, attempt }] }, backend)
        const before = bench.race(30, beat)
        const end = bench.settle(bench.complete(id, attempt, 'kept'), bench.second)
        await Promise.all([before, bench.race(30, (backend, i) => beat(backend, 30 + i))])
        assert.equal((await end).outcome, 'ok')
        const { status, result } = await bench.get(id)
        assert.deepEqual([status, result], ['completed', 'kept'])
      },
    },
    {
      name: 'D41: a limit of 0 claims, lists and sweeps nothing',
      run: async (bench) => {
        await bench.enqueueMany(2, () => ({ expiresInMs: 1 }))
        assert.deepEqual(await bench.claim(0), [])
        assert.deepEqual((await bench.backend.list({ view: 'next', limit: 0 })).records, [])
        bench.clock.advance(2)
        assert.deepEqual((await bench.sweepExpired({ limit: 0 })).expired, [])
        assert.equal((await bench.backend.statistics()).counts.pending, 2)
      },
    },
    {
      name: 'D41: a negative limit is refused by claims, lists and sweeps, not taken for a count from the end',
      run: async (bench) => {
        const { id } = await bench.enqueue({ expiresInMs: 1 })
        bench.clock.advance(2)
        const calls = [
          () => bench.claim(-1),
          () => bench.backend.list({ view: 'pending', limit: -1 }),
          () => bench.sweepExpired({ limit: -1 }),
        ]
        for (const call of calls) {
          await bench.unchanged(id, () => bench.expectError('invalid_argument', call))
        }
      },
    },
    {
      name: 'repeated and unknown ids are each read in their place',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const found = await bench.backend.get([id, bench.makeId(), id])
        assert.deepEqual(
          found.map((record) => record?.id ?? null),
          [id, null, id],
        )
      },
    },
    {
      name: 'repeated and free keys are each read in their place',
      run: async (bench) => {
        const { id } = await bench.enqueue({ key: 'k', keyScope: 'namespace' })
        const taken = { scope: 'namespace', key: 'k' } as const
        const found = await bench.backend.getByKey([taken, { ...taken, key: 'free' }, taken])
        assert.deepEqual(
          found.map((record) => record?.id ?? null),
          [id, null, id],
        )
      },
    },
    {
      name: 'D16: a claim and a page of one line are the same whatever stands in others',
      run: async (bench) => {
        await bench.enqueueMany(1_000, () => ({ queue: 'other', priority: 9 }))
        await bench.enqueueMany(500, () => ({ executionBackend: 'cloud', priority: 9, delayMs: 1 }))
        const { id } = await bench.enqueue({ priority: -9 })
        bench.clock.advance(1)
        const line = { queue: 'default', executionBackend: 'local' }
        const page = await bench.backend.list({ view: 'next', ...line, limit: 1 })
        assert.deepEqual(ids(page.records), [id], 'a page of one line examines no other')
        const { records, more, nextDueAt } = await bench.turn({ claim: { lines: [line], limit: 1 } })
        assert.deepEqual([ids(records), more, nextDueAt], [[id], false, null])
      },
    },
  ],
}
