import assert from 'node:assert/strict'
import { REPLACED, type EnqueueResult, type KeyReference, type TaskRecord } from '@millrace/core'
import { ids, present, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const KEY = { key: 'order-7' } as const
const REFERENCE: KeyReference = { scope: 'task', taskName: 'demo.task', key: 'order-7' }

async function holder(bench: Bench, reference: KeyReference = REFERENCE): Promise<TaskRecord | null> {
  const [record] = await bench.second.getByKey([reference])
  return record ?? null
}

const HOLDERS: readonly {
  readonly which: string
  readonly make: (bench: Bench) => Promise<TaskRecord>
  readonly keep: EnqueueResult['outcome']
  readonly replace: EnqueueResult['outcome']
}[] = [
  { which: 'pending', make: (bench) => bench.make('pending', KEY), keep: 'existing', replace: 'replaced' },
  { which: 'scheduled', make: (bench) => bench.make('scheduled', KEY), keep: 'existing', replace: 'replaced' },
  { which: 'running', make: (bench) => bench.make('running', KEY), keep: 'existing', replace: 'existing' },
  { which: 'cancelled but still held', make: (bench) => bench.makeHeld(KEY), keep: 'existing', replace: 'existing' },
  { which: 'completed', make: (bench) => bench.make('completed', KEY), keep: 'created', replace: 'created' },
  { which: 'failed', make: (bench) => bench.make('failed', KEY), keep: 'created', replace: 'created' },
  { which: 'cancelled', make: (bench) => bench.make('cancelled', KEY), keep: 'created', replace: 'created' },
  { which: 'expired', make: (bench) => bench.make('expired', KEY), keep: 'created', replace: 'created' },
]

const conflicts = HOLDERS.flatMap(({ which, make, ...outcomes }) =>
  (['keep', 'replace'] as const).map((onConflict): Case => ({
    name: `a key whose last record is ${which}, enqueued to ${onConflict}: ${outcomes[onConflict]}`,
    run: async (bench) => {
      const before = await make(bench)
      bench.clock.advance(10)
      const id = bench.makeId()
      const { outcome, record } = await bench.offer({ id, ...KEY, onConflict })
      assert.equal(outcome, outcomes[onConflict])
      assert.deepEqual(record, outcome === 'existing' ? before : await bench.get(id))
      assert.equal(await bench.exists(id), outcome !== 'existing')
      assert.equal((await holder(bench))?.id, record.id)
      const replaced = {
        status: 'cancelled',
        lastEvent: 'cancel',
        completedAt: bench.now,
        error: REPLACED(id),
      } as const
      await bench.expectChange(before, outcome === 'replaced' ? replaced : {})
    },
  })),
)

/** How an attempt can end or be interrupted, and whether the key is free then. */
const RELEASES: readonly {
  readonly name: string
  readonly free: boolean
  readonly act: (bench: Bench, id: string) => Promise<unknown>
}[] = [
  { name: 'completes', free: true, act: (bench, id) => bench.settle(bench.complete(id, 1)) },
  { name: 'fails for good', free: true, act: (bench, id) => bench.settle(bench.fail(id, 1)) },
  { name: 'retries', free: false, act: (bench, id) => bench.settle(bench.fail(id, 1, 0)) },
  { name: 'retries later', free: false, act: (bench, id) => bench.settle(bench.fail(id, 1, 500)) },
  { name: 'snoozes', free: false, act: (bench, id) => bench.settle(bench.snooze(id, 1)) },
  { name: 'is released', free: false, act: (bench, id) => bench.settle(bench.release(id, 1)) },
  {
    name: 'is recovered',
    free: false,
    act: async (bench, id) => {
      await bench.beat([bench.touch(id, 1, { alive: false })])
      await bench.sweepStale()
    },
  },
]

export const keys: Group = {
  name: 'keys',
  cases: [
    ...conflicts,
    ...RELEASES.map(({ name, free, act }): Case => ({
      name: `a running holder that ${name} ${free ? 'frees' : 'keeps'} its key`,
      run: async (bench) => {
        const { id } = await bench.make('running', { ...KEY, maxRetries: 1 })
        await act(bench, id)
        assert.equal((await bench.offer(KEY)).outcome, free ? 'created' : 'existing')
      },
    })),
    {
      name: 'of 100 racing producers of one key one creates, and the others are answered with its record',
      run: async (bench) => {
        const results = (await bench.race(100, (backend) => bench.offer(KEY, backend))).toSorted(byOutcome)
        assert.equal(results[0]?.outcome, 'created')
        for (const { outcome, record } of results.slice(1))
          assert.deepEqual([outcome, record], ['existing', results[0].record])
        assert.deepEqual(ids(await bench.listAll('pending')), [results[0].record.id])
      },
    },
    {
      name: 'of 100 racing producers that replace, one record stays active and each other one is cancelled',
      run: async (bench) => {
        const results = await bench.race(100, (backend) => bench.offer({ ...KEY, onConflict: 'replace' }, backend))
        assert.equal(results.filter(({ outcome }) => outcome === 'created').length, 1)
        assert.equal(results.filter(({ outcome }) => outcome === 'replaced').length, 99)
        assert.deepEqual(ids(await bench.listAll('pending')), [(await holder(bench))?.id])
        assert.equal((await bench.listAll('cancelled')).length, 99)
      },
    },
    {
      name: 'a replaced record is not claimed, the one that took its place is',
      run: async (bench) => {
        await bench.enqueue({ ...KEY, priority: 9 })
        const { id } = await bench.enqueue({ ...KEY, onConflict: 'replace' })
        assert.deepEqual(ids(await bench.claim(5)), [id])
      },
    },
    {
      name: "the id of a replacement again answers 'replaced' and replaces nothing",
      run: async (bench) => {
        await bench.enqueue(KEY)
        const { record } = await bench.offer({ ...KEY, onConflict: 'replace' })
        assert.deepEqual(await bench.offer({ id: record.id, ...KEY, onConflict: 'replace' }), {
          outcome: 'replaced',
          record,
        })
      },
    },
    {
      name: 'the id of a record whose key went to another one again takes the key from nobody',
      run: async (bench) => {
        const first = await bench.make('completed', KEY)
        const second = await bench.enqueue(KEY)
        assert.deepEqual(await bench.offer({ id: first.id, ...KEY, onConflict: 'replace' }), {
          outcome: 'created',
          record: first,
        })
        assert.deepEqual(await holder(bench), second)
      },
    },
    {
      name: 'one key at both ends of a large batch, of which the holder waits in another line: the last one stays active',
      run: async (bench) => {
        const replacing = { ...KEY, onConflict: 'replace' } as const
        const held = await bench.enqueue({ ...KEY, queue: 'mail' })
        const [first, last] = [bench.request(replacing), bench.request({ ...replacing, queue: 'mail' })]
        const between = Array.from({ length: 250 }, () => bench.request())
        const results = await bench.backend.enqueue([first, ...between, last])
        assert.deepEqual([results[0]?.outcome, results.at(-1)?.outcome], ['replaced', 'replaced'])
        assert.equal((await holder(bench))?.id, last.id)
        for (const { id } of [held, first]) assert.equal((await bench.get(id)).status, 'cancelled')
      },
    },
    ...(['keep', 'replace'] as const).map((onConflict): Case => ({
      name: `one key twice in one batch, to ${onConflict}: one record stays active`,
      run: async (bench) => {
        const requests = [bench.request(KEY), bench.request({ ...KEY, onConflict }), bench.request()]
        const results = await bench.backend.enqueue(requests)
        const replaces = onConflict === 'replace'
        assert.deepEqual(
          results.map(({ outcome }) => outcome),
          ['created', replaces ? 'replaced' : 'existing', 'created'],
        )
        const stays = replaces ? present(requests[1]).id : present(requests[0]).id
        assert.equal((await holder(bench))?.id, stays)
        assert.deepEqual(ids(await bench.claim(5)), [stays, present(requests[2]).id])
      },
    })),
  ],
}

function byOutcome(a: EnqueueResult, b: EnqueueResult): number {
  return a.outcome < b.outcome ? -1 : a.outcome > b.outcome ? 1 : 0
}
