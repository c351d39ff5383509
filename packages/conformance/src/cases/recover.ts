import assert from 'node:assert/strict'
import type { SweepResult } from '@millrace/core'
import { ids, present, STALE_AFTER_MS, type Bench, type RequestFields } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const NOTHING: SweepResult = { requeued: [], failed: [], handlerNeeded: [], expired: [], removed: [], more: false }

/** A running record whose holder has been silent for just too long. */
async function makeStale(bench: Bench, fields: RequestFields = {}): Promise<string> {
  const { id } = await bench.make('running', fields)
  bench.clock.advance(STALE_AFTER_MS + 1)
  return id
}

/** Running records, each silent a second longer than the next. */
async function makeSilent(
  bench: Bench,
  count: number,
  fields: (i: number) => RequestFields = () => ({}),
): Promise<readonly string[]> {
  const made: string[] = []
  for (let i = 0; i < count; i++) {
    made.push((await bench.make('running', fields(i))).id)
    bench.clock.advance(1_000)
  }
  bench.clock.advance(STALE_AFTER_MS)
  return made
}

const VERDICTS: readonly {
  readonly which: string
  readonly fields: RequestFields
  readonly result: (id: string) => Partial<SweepResult>
}[] = [
  { which: 'with recoveries left is requeued', fields: {}, result: (id) => ({ requeued: [id] }) },
  {
    which: 'with no retries is requeued all the same',
    fields: { maxRetries: 0 },
    result: (id) => ({ requeued: [id] }),
  },
  { which: 'with no recoveries fails', fields: { maxRecoveries: 0 }, result: (id) => ({ failed: [id] }) },
  {
    which: 'that must not be requeued fails, and somebody has to look',
    fields: { requeueOnStale: false },
    result: (id) => ({ failed: [id], handlerNeeded: [id] }),
  },
]

const SAVED: readonly { readonly by: string; readonly act: (bench: Bench, id: string) => Promise<unknown> }[] = [
  { by: 'a heartbeat', act: (bench, id) => bench.beat([bench.touch(id, 1)]) },
  {
    by: 'a heartbeat after it was declared dead',
    act: async (bench, id) => {
      await bench.beat([bench.touch(id, 1, { alive: false })])
      await bench.beat([bench.touch(id, 1)])
    },
  },
  { by: 'its completion', act: (bench, id) => bench.settle(bench.complete(id, 1)) },
  { by: 'its release', act: (bench, id) => bench.settle(bench.release(id, 1)) },
]

const verdicts: readonly Case[] = [
  ...VERDICTS.map(({ which, fields, result }): Case => ({
    name: `a silent record ${which}`,
    run: async (bench) => {
      const id = await makeStale(bench, fields)
      assert.deepEqual(await bench.sweepStale(), { ...NOTHING, ...result(id) })
      assert.deepEqual(await bench.sweepStale(), NOTHING)
    },
  })),
  {
    name: 'silence as long as allowed is no death, one millisecond more is',
    run: async (bench) => {
      const { id } = await bench.make('running')
      bench.clock.advance(STALE_AFTER_MS)
      assert.deepEqual(await bench.unchanged(id, () => bench.sweepStale()), NOTHING)
      bench.clock.advance(1)
      assert.deepEqual((await bench.sweepStale()).requeued, [id])
    },
  },
  {
    name: 'the caller of the sweep says what too long is',
    run: async (bench) => {
      const { id } = await bench.make('running')
      bench.clock.advance(11)
      assert.deepEqual((await bench.sweepStale({ staleAfterMs: 11 })).requeued, [])
      assert.deepEqual((await bench.sweepStale({ staleAfterMs: 10 })).requeued, [id])
    },
  },
  {
    name: 'a holder declared dead is recovered at once',
    run: async (bench) => {
      const { id } = await bench.make('running')
      await bench.beat([bench.touch(id, 1, { alive: false })])
      assert.deepEqual((await bench.sweepStale()).requeued, [id])
    },
  },
  ...SAVED.map(({ by, act }): Case => ({
    name: `a silent record is saved by ${by} just before the sweep`,
    run: async (bench) => {
      const id = await makeStale(bench)
      await act(bench, id)
      assert.deepEqual(await bench.unchanged(id, () => bench.sweepStale()), NOTHING)
    },
  })),
  {
    name: 'recoveries are counted up to the budget, then the record is given up as poison',
    run: async (bench) => {
      const { id } = await bench.enqueue({ maxRecoveries: 3, maxRetries: 9 })
      for (let recoveries = 1; recoveries <= 3; recoveries++) {
        await bench.claimOne(id)
        bench.clock.advance(STALE_AFTER_MS + 1)
        assert.deepEqual((await bench.sweepStale()).requeued, [id])
        assert.deepEqual([(await bench.get(id)).recoveries, (await bench.get(id)).retryCount], [recoveries, 0])
      }
      await bench.claimOne(id)
      bench.clock.advance(STALE_AFTER_MS + 1)
      assert.deepEqual(await bench.sweepStale(), { ...NOTHING, failed: [id] })
      assert.equal((await bench.get(id)).error?.code, 'poison')
    },
  },
  {
    name: 'a retry between two recoveries does not reset their count',
    run: async (bench) => {
      const id = await makeStale(bench, { maxRecoveries: 1, maxRetries: 1 })
      await bench.sweepStale()
      await bench.claimOne(id)
      await bench.settle(bench.fail(id, 2, 0))
      await bench.claimOne(id)
      bench.clock.advance(STALE_AFTER_MS + 1)
      assert.deepEqual((await bench.sweepStale()).failed, [id])
    },
  },
  {
    name: 'P1, P2, D3: what is recovered is claimable by anybody at once',
    run: async (bench) => {
      const id = await makeStale(bench)
      await bench.sweepStale()
      const [record] = await bench.claim(1, { workerId: 'worker-2' })
      assert.deepEqual([record?.id, record?.attempt, record?.lastEvent], [id, 2, 'claim'])
    },
  },
  {
    name: 'P4: what does not run is never recovered, however old',
    run: async (bench) => {
      const statuses = ['pending', 'scheduled', 'completed', 'failed', 'cancelled'] as const
      const records = []
      for (const status of statuses) records.push(await bench.make(status))
      bench.clock.advance(STALE_AFTER_MS + 1)
      assert.deepEqual(await bench.sweepStale(), NOTHING)
      for (const record of records) await bench.expectChange(record, {})
    },
  },
]

const bounds: readonly Case[] = [
  {
    name: 'a sweep takes the longest silent first, as many as its limit says, and says that there is more',
    run: async (bench) => {
      const [a, b, c] = await makeSilent(bench, 3)
      assert.deepEqual(await bench.sweepStale({ limit: 2 }), { ...NOTHING, requeued: [a, b], more: true })
      assert.deepEqual(await bench.sweepStale({ limit: 2 }), { ...NOTHING, requeued: [c] })
    },
  },
  {
    name: 'a sweep takes the declared dead before the silent',
    run: async (bench) => {
      const [silent, dead] = await makeSilent(bench, 2)
      await bench.beat([bench.touch(present(dead), 1, { alive: false })])
      assert.deepEqual((await bench.sweepStale({ limit: 1 })).requeued, [dead])
      assert.deepEqual((await bench.sweepStale({ limit: 1 })).requeued, [silent])
    },
  },
  {
    name: 'records silent since the same instant are taken by id',
    run: async (bench) => {
      const records = await bench.enqueueMany(5)
      await bench.claim(5)
      bench.clock.advance(STALE_AFTER_MS + 1)
      assert.deepEqual((await bench.sweepStale({ limit: 3 })).requeued, ids(records).slice(0, 3))
    },
  },
  {
    name: 'a sweep with limit 0 does nothing',
    run: async (bench) => {
      const id = await makeStale(bench)
      const { requeued, failed } = await bench.unchanged(id, () => bench.sweepStale({ limit: 0 }))
      assert.deepEqual({ requeued, failed }, { requeued: [], failed: [] })
    },
  },
  {
    name: 'a sweep of some queues leaves the others alone',
    run: async (bench) => {
      const [a, b, c] = await makeSilent(bench, 3, (i) => ({ queue: `queue-${i}` }))
      assert.deepEqual((await bench.sweepStale({ queues: ['queue-1', 'nobody'] })).requeued, [b])
      const { requeued } = await bench.sweepStale({ queues: ['queue-2', 'queue-0'] })
      assert.deepEqual(new Set(requeued), new Set([a, c]))
    },
  },
  {
    name: 'a sweep without queues takes all of them',
    run: async (bench) => {
      const made = await makeSilent(bench, 4, (i) => ({ queue: `queue-${i}`, executionBackend: `backend-${i % 2}` }))
      assert.deepEqual((await bench.sweepStale()).requeued.toSorted(), made.toSorted())
    },
  },
  {
    name: 'sweeps that race recover each record once',
    run: async (bench) => {
      const records = await bench.enqueueMany(30)
      await bench.claim(30)
      bench.clock.advance(STALE_AFTER_MS + 1)
      const results = await bench.race(6, (backend) =>
        backend.sweep({ what: 'stale', staleAfterMs: STALE_AFTER_MS, limit: 10 }),
      )
      assert.deepEqual(results.flatMap(({ requeued }) => requeued).toSorted(), ids(records))
      for (const { id } of records) assert.equal((await bench.get(id)).recoveries, 1)
    },
  },
  {
    name: 'a cancelled record whose holder fell silent is let go of, counted and reported nowhere',
    run: async (bench) => {
      const held = await bench.makeHeld()
      bench.clock.advance(STALE_AFTER_MS)
      assert.deepEqual(await bench.unchanged(held.id, () => bench.sweepStale()), NOTHING)
      bench.clock.advance(1)
      assert.deepEqual(await bench.sweepStale(), NOTHING)
      await bench.expectChange(held, { workerId: null, heartbeatAt: null })
    },
  },
  {
    name: 'letting go of silent holders counts toward the limit',
    run: async (bench) => {
      const held = await bench.makeHeld()
      const id = await makeStale(bench)
      const [first, second] = [await bench.sweepStale({ limit: 1 }), await bench.sweepStale({ limit: 1 })]
      assert.deepEqual([first.more, second.more], [true, false])
      assert.deepEqual([...first.requeued, ...second.requeued], [id])
      await bench.expectChange(held, { workerId: null, heartbeatAt: null })
    },
  },
]

export const recover: Group = { name: 'recover', cases: [...verdicts, ...bounds] }
