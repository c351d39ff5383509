import assert from 'node:assert/strict'
import { isId, type TaskRecord } from '@millrace/core'
import { ids, present, STALE_AFTER_MS, type Bench, type RequestFields } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

/** Times as given and as stored, both counted from the instant of the enqueue. */
interface When {
  readonly name: string
  readonly fields: (now: number) => RequestFields
  readonly stored: (now: number) => Partial<TaskRecord>
}

const WHEN: readonly When[] = [
  {
    name: 'a time to live counts from when the backend takes the record',
    fields: () => ({ expiresInMs: 1_000 }),
    stored: (now) => ({ status: 'pending', expiresAt: now + 1_000 }),
  },
  {
    name: 'a time to live of 0 ends with this very millisecond',
    fields: () => ({ expiresInMs: 0 }),
    stored: (now) => ({ status: 'pending', expiresAt: now }),
  },
  {
    name: 'a deadline in the past is taken: the record expires later, visibly',
    fields: (now) => ({ expiresAt: now - 1 }),
    stored: (now) => ({ status: 'pending', expiresAt: now - 1 }),
  },
  {
    name: 'a deadline before the due time is taken',
    fields: () => ({ delayMs: 1_000, expiresInMs: 500 }),
    stored: (now) => ({ status: 'scheduled', expiresAt: now + 500 }),
  },
]

const LATER_LIVES: readonly { readonly name: string; readonly live: (bench: Bench, id: string) => Promise<unknown> }[] =
  [
    { name: 'while it runs', live: (bench, id) => bench.claimOne(id) },
    {
      name: 'after it completed',
      live: async (bench, id) => {
        await bench.claimOne(id)
        await bench.settle(bench.complete(id, 1, 42))
      },
    },
    { name: 'after it was cancelled', live: (bench, id) => bench.cancel(id) },
    {
      name: 'after it was recovered and moved',
      live: async (bench, id) => {
        await bench.claimOne(id)
        bench.clock.advance(STALE_AFTER_MS + 1)
        await bench.sweepStale()
        await bench.backend.assign([{ id, attempt: 1, executionRef: 'job-1', executionBackend: 'batch' }])
      },
    },
  ]

export const enqueue: Group = {
  name: 'enqueue',
  cases: [
    {
      name: 'of calls that do not wait for each other the first one takes the key, also in a queue that is new',
      run: async (bench) => {
        const keyed = [bench.request({ key: 'k' }), bench.request({ key: 'k' })] as const
        const calls = [[keyed[0], bench.request()], [bench.request()], [keyed[1]]]
        const results = await Promise.all(calls.map((requests) => bench.backend.enqueue(requests)))
        assert.deepEqual(
          results.map((some) => some.map(({ outcome }) => outcome)),
          [['created', 'created'], ['created'], ['existing']],
        )
        assert.deepEqual(
          results[2]?.map(({ record }) => record?.id),
          [keyed[0].id],
        )
      },
    },
    {
      name: 'a bare request becomes a record of defaults',
      run: async (bench) => {
        const id = bench.makeId()
        const { outcome, record } = await bench.offer({ id })
        assert.equal(outcome, 'created')
        const what = { id, taskName: 'demo.task', queue: 'default', args: [], kwargs: {}, metadata: {}, priority: 0 }
        const whose = { key: null, keyScope: null, keyHold: null, group: null, parentId: null, workerId: null }
        const state = { status: 'pending', lastEvent: 'enqueue', attempt: 0, replays: 0, retryCount: 0, recoveries: 0 }
        const budget = { maxRetries: 0, maxRecoveries: 3, requeueOnStale: true }
        const due = { scheduledAt: null, expiresAt: null, createdAt: bench.now, queuedAt: bench.now }
        const ran = { startedAt: null, heartbeatAt: null, completedAt: null, result: null, error: null, progress: null }
        const where = { executionBackend: 'local', executionProfile: null, executionRef: null }
        assert.deepEqual(record, { ...what, ...whose, ...state, ...budget, ...due, ...ran, ...where })
        await bench.expectChange(record, {})
      },
    },
    {
      name: 'every field of a request is stored as given',
      run: async (bench) => {
        const counts = { priority: -7, maxRetries: 5, maxRecoveries: 1, requeueOnStale: false }
        const places = {
          taskName: 'a.b:c/d@e-f_g',
          queue: 'mail',
          executionBackend: 'batch',
          executionProfile: 'gpu large',
        }
        const relations = { key: 'k', keyScope: 'namespace', group: 'tenant 7', parentId: bench.makeId() } as const
        const body = { args: [1, 'two', null], kwargs: { to: ['x'] }, metadata: { trace: { id: 'y' } } }
        const given = { id: bench.makeId(), ...counts, ...places, ...relations, ...body }
        const record = await bench.enqueue(given)
        assert.deepEqual({ ...record, ...given }, record)
        await bench.expectChange(record, {})
      },
    },
    ...WHEN.map(({ name, fields, stored }): Case => ({
      name,
      run: async (bench) => {
        const record = await bench.enqueue(fields(bench.now))
        assert.deepEqual({ ...record, ...stored(bench.now) }, record)
        await bench.expectChange(record, {})
      },
    })),
    {
      name: "D40: createdAt is the backend's instant, whatever the id says",
      run: async (bench) => {
        const id = bench.makeId()
        bench.clock.advance(60_000)
        assert.equal((await bench.enqueue({ id })).createdAt, bench.now)
      },
    },
    {
      name: 'the answers of a batch come in its order, and so does its execution',
      run: async (bench) => {
        const requests = Array.from({ length: 20 }, (_, i) => bench.request({ taskName: `task-${i}` }))
        const records = (await bench.backend.enqueue(requests)).map(({ record }) => present(record))
        assert.deepEqual(ids(records), ids(requests))
        assert.deepEqual(ids(await bench.claim(20)), ids(requests))
      },
    },
    {
      name: 'a batch as large as the limit is taken in one call',
      run: async (bench) => {
        const { batch } = bench.backend.capabilities.limits
        const records = await bench.enqueueMany(batch)
        assert.equal(new Set(ids(records)).size, batch)
        assert.equal((await bench.second.statistics()).counts.pending, batch)
      },
    },
    {
      name: 'an empty batch is answered by an empty one',
      run: async (bench) => assert.deepEqual(await bench.backend.enqueue([]), []),
    },
    {
      name: 'D3: what is acknowledged is seen at once by get, list, statistics and a claim of another client',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        assert.equal((await bench.get(id, bench.second)).id, id)
        assert.deepEqual(ids(await bench.listAll('next', {}, bench.second)), [id])
        assert.equal((await bench.second.statistics()).counts.pending, 1)
        const { records } = await bench.turn(
          { claim: { lines: [{ queue: 'default', executionBackend: 'local' }], limit: 1 } },
          bench.second,
        )
        assert.deepEqual(ids(records), [id])
      },
    },
    {
      name: 'the same id again changes nothing, whatever else the request says',
      run: async (bench) => {
        const record = await bench.enqueue({ args: [1] })
        bench.clock.advance(1_000)
        const again = {
          id: record.id,
          taskName: 'other.task',
          queue: 'other',
          priority: 9,
          args: [2],
          delayMs: 5,
          key: 'k',
        }
        assert.deepEqual(await bench.unchanged(record.id, () => bench.offer(again)), { outcome: 'created', record })
        assert.deepEqual(await bench.backend.getByKey([{ scope: 'task', taskName: 'other.task', key: 'k' }]), [null])
      },
    },
    ...LATER_LIVES.map(({ name, live }): Case => ({
      name: `the same id again ${name} answers 'created' with the record as it is now`,
      run: async (bench) => {
        const { id } = await bench.enqueue()
        await live(bench, id)
        const now = await bench.get(id)
        assert.deepEqual(await bench.unchanged(id, () => bench.offer({ id })), { outcome: 'created', record: now })
      },
    })),
    {
      name: 'D2: whoever changes a record in his hand changes nothing that is stored or that others read',
      run: async (bench) => {
        const record = await bench.enqueue({ kwargs: { to: { name: 'x' } }, args: [[1]] })
        const stored = structuredClone(record)
        for (const held of [record, await bench.get(record.id), ...(await bench.listAll('pending'))]) {
          for (const part of [held, held.kwargs, held.kwargs['to'], held.args, held.args[0]]) {
            if (typeof part === 'object' && part !== null) Reflect.set(part, 'priority', 9)
          }
        }
        assert.deepEqual(await bench.get(record.id), stored)
        await bench.expectChange(stored, {})
      },
    },
    {
      name: 'the same id twice in one batch is one record',
      run: async (bench) => {
        const request = bench.request()
        const [first, second] = await bench.backend.enqueue([request, request])
        assert.deepEqual(first, second)
        assert.deepEqual(ids(await bench.claim(5)), [request.id])
      },
    },
    {
      name: 'of two requests with one id in one batch the first counts, also where the line is known',
      run: async (bench) => {
        await bench.offer()
        const first = bench.request({ priority: 1 })
        const second = { ...bench.request({ priority: 2 }), id: first.id }
        const [one, other] = await bench.backend.enqueue([first, second])
        assert.deepEqual([one?.record?.priority, other], [1, one])
        assert.equal((await bench.get(first.id)).priority, 1)
      },
    },
    {
      name: 'P5: of 50 racing enqueues of one id one record comes, and each is answered with it',
      run: async (bench) => {
        const request = bench.request()
        const results = await bench.race(50, (backend) => backend.enqueue([request]))
        for (const [result] of results)
          assert.deepEqual(result, { outcome: 'created', record: present(results[0]?.[0]).record })
        assert.equal((await bench.backend.statistics()).counts.pending, 1)
      },
    },
    {
      name: '100 racing producers lose nothing',
      run: async (bench) => {
        const results = await bench.race(100, (backend) => backend.enqueue([bench.request(), bench.request()]))
        const made = results.flat().map(({ record }) => present(record).id)
        assert.ok(made.every(isId))
        assert.deepEqual(ids(await bench.claim(500)).toSorted(), made.toSorted())
      },
    },
  ],
}
