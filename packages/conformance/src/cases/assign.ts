import assert from 'node:assert/strict'
import type { ActResult, Assignment, TaskRecord } from '@millrace/core'
import { ids, present, STALE_AFTER_MS, type Bench, type RequestFields } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const CLOUD = { queue: 'default', executionBackend: 'cloud' }

async function outcome(bench: Bench, assignment: Assignment): Promise<ActResult['outcome']> {
  return present((await bench.backend.assign([assignment]))[0]).outcome
}

/** A record that an external system was given. */
async function dispatched(bench: Bench, fields: RequestFields = {}): Promise<TaskRecord> {
  const { id } = await bench.enqueue({ executionBackend: 'cloud', ...fields })
  assert.equal(await outcome(bench, { id, attempt: 0, executionRef: 'jobs/1' }), 'ok')
  return await bench.get(id)
}

type Act = (bench: Bench, record: TaskRecord) => Promise<unknown>

/** Every way by which a started record comes back: it has to be handed out anew. */
const RETURNS: readonly (readonly [name: string, act: Act])[] = [
  ['retried', (bench, { id, attempt }) => bench.settle(bench.fail(id, attempt, 0))],
  ['released', (bench, { id, attempt }) => bench.settle(bench.release(id, attempt))],
  ['snoozed', (bench, { id, attempt }) => bench.settle(bench.snooze(id, attempt, 0))],
  [
    'recovered',
    async (bench) => {
      bench.clock.advance(STALE_AFTER_MS + 1)
      await bench.sweepStale()
    },
  ],
  [
    'replayed',
    async (bench, { id, attempt }) => {
      await bench.settle(bench.complete(id, attempt))
      await bench.replay(id, attempt)
    },
  ],
]

const returns: readonly Case[] = RETURNS.map(([name, act]) => ({
  name: `D26: a record that is ${name} loses its reference and is dispatched again`,
  run: async (bench) => {
    const { id } = await dispatched(bench, { maxRetries: 1 })
    await act(bench, await bench.claimOne(id))
    assert.equal((await bench.get(id)).executionRef, null)
    assert.deepEqual(ids(await bench.listAll('next', { executionBackend: 'cloud' })), [id])
    assert.deepEqual(ids(await bench.claim(1, { lines: [CLOUD] })), [id])
  },
}))

export const assign: Group = {
  name: 'assign',
  cases: [
    ...returns,
    {
      name: 'reserve, finalize and release compare and set',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const steps = [
          { expectedRef: null, executionRef: 'reserved:a' },
          { expectedRef: 'reserved:a', executionRef: 'jobs/1' },
          { expectedRef: 'jobs/1', executionRef: null },
        ]
        for (const step of steps) {
          assert.equal(await outcome(bench, { id, attempt: 0, ...step }), 'ok')
          assert.equal((await bench.get(id)).executionRef, step.executionRef)
        }
      },
    },
    {
      name: 'another reference than the expected one is lost, and stays',
      run: async (bench) => {
        const before = await dispatched(bench)
        for (const expectedRef of [null, 'jobs/2']) {
          assert.equal(await outcome(bench, { id: before.id, attempt: 0, expectedRef, executionRef: 'x' }), 'lost')
        }
        assert.deepEqual(await bench.get(before.id), before)
      },
    },
    {
      name: 'without an expected reference any is overwritten',
      run: async (bench) => {
        const { id } = await dispatched(bench)
        assert.equal(await outcome(bench, { id, attempt: 0, executionRef: 'jobs/2' }), 'ok')
        assert.equal((await bench.get(id)).executionRef, 'jobs/2')
      },
    },
    {
      name: 'D26: of two dispatchers that reserve one record exactly one gets it',
      run: async (bench) => {
        const records = await bench.enqueueMany(20)
        const race = (one: Bench['backend'], executionRef: string): Promise<readonly ActResult[]> =>
          one.assign(records.map(({ id }) => ({ id, attempt: 0, expectedRef: null, executionRef })))
        const [a, b] = await Promise.all([race(bench.backend, 'reserved:a'), race(bench.second, 'reserved:b')])
        for (const [i, { id }] of records.entries()) {
          assert.deepEqual(new Set([a[i]?.outcome, b[i]?.outcome]), new Set(['lost', 'ok']))
          assert.equal((await bench.get(id)).executionRef, a[i]?.outcome === 'ok' ? 'reserved:a' : 'reserved:b')
        }
      },
    },
    {
      name: 'a resent reservation is ok',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const wish = [{ id, attempt: 0, expectedRef: null, executionRef: 'reserved:a' }]
        assert.deepEqual(await bench.resend(() => bench.backend.assign(wish)), [
          { id, outcome: 'ok', status: 'pending' },
        ])
        assert.deepEqual(await bench.second.assign(wish), [{ id, outcome: 'ok', status: 'pending' }])
      },
    },
    {
      name: 'another attempt is lost, attempt any is not',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        assert.equal(await outcome(bench, { id, attempt: 1, executionRef: 'jobs/1' }), 'lost')
        assert.equal((await bench.get(id)).executionRef, null)
        assert.equal(await outcome(bench, { id, attempt: 'any', executionRef: 'jobs/1' }), 'ok')
      },
    },
    {
      name: 'ids that do not exist are missing, each answered in order',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const nobody = bench.makeId()
        const answers = await bench.backend.assign(
          [nobody, id, nobody].map((one) => ({ id: one, attempt: 0, executionRef: 'jobs/1' })),
        )
        assert.deepEqual(
          answers.map((answer) => [answer.id, answer.outcome, answer.status]),
          [
            [nobody, 'missing', null],
            [id, 'ok', 'pending'],
            [nobody, 'missing', null],
          ],
        )
      },
    },
    ...(['completed', 'failed', 'cancelled', 'expired'] as const).map((from) => ({
      name: `a ${from} record is refused`,
      run: async (bench: Bench) => {
        const before = await bench.make(from)
        assert.equal(await outcome(bench, { id: before.id, attempt: 'any', executionRef: 'jobs/1' }), 'refused')
        assert.deepEqual(await bench.get(before.id), before)
      },
    })),
    {
      name: 'a referenced record is claimed by id, not by line, and keeps its reference while it runs',
      run: async (bench) => {
        const { id } = await dispatched(bench)
        const { records, more } = await bench.turn({ claim: { lines: [CLOUD], limit: 5 } })
        assert.deepEqual([records, more], [[], false])
        assert.equal((await bench.claimOne(id)).executionRef, 'jobs/1')
        assert.equal((await bench.get(id)).executionRef, 'jobs/1')
      },
    },
    {
      name: 'a scheduled record that was reserved ahead is not claimed by line when it is due',
      run: async (bench) => {
        const { id } = await bench.enqueue({ executionBackend: 'cloud', delayMs: 10 })
        assert.equal(await outcome(bench, { id, attempt: 0, executionRef: 'jobs/1' }), 'ok')
        bench.clock.advance(10)
        assert.deepEqual(await bench.claim(5, { lines: [CLOUD] }), [])
        assert.equal((await bench.get(id)).status, 'pending')
        assert.equal((await bench.claimOne(id)).attempt, 1)
      },
    },
    {
      name: 'D25: dispatched records do not stand in the way of the next ones',
      run: async (bench) => {
        const records = await bench.enqueueMany(3, () => ({ executionBackend: 'cloud' }))
        const seen: string[] = []
        for (const _ of records) {
          const { records: next } = await bench.backend.list({ view: 'next', executionBackend: 'cloud', limit: 1 })
          seen.push(...ids(next))
          await bench.backend.assign(
            ids(next).map((id) => ({ id, attempt: 0, expectedRef: null, executionRef: 'jobs/1' })),
          )
        }
        assert.deepEqual(seen, ids(records))
        assert.deepEqual(await bench.listAll('next'), [])
      },
    },
    {
      name: 'D25: 600 dispatched records at the head hide nothing from a claim or from the list of what comes next',
      run: async (bench) => {
        const head = await bench.enqueueMany(600, () => ({ priority: 5 }))
        const { id } = await bench.enqueue()
        await bench.backend.assign(ids(head).map((one) => ({ id: one, attempt: 0, executionRef: 'jobs/1' })))
        assert.deepEqual(ids(await bench.listAll('next')), [id])
        assert.deepEqual(ids(await bench.claim(1)), [id])
      },
    },
    {
      name: 'external tells the dispatched from the others in every view that shows both',
      run: async (bench) => {
        const there = await dispatched(bench)
        const here = await bench.enqueue()
        const show = async (view: 'pending' | 'next' | 'running' | 'completed'): Promise<unknown> => [
          ids(await bench.listAll(view, { external: true })),
          ids(await bench.listAll(view, { external: false })),
        ]
        assert.deepEqual(await show('pending'), [[there.id], [here.id]])
        assert.deepEqual(await show('next'), [[there.id], [here.id]])
        assert.deepEqual(ids(await bench.listAll('pending')), [there.id, here.id])
        for (const { id } of [there, here]) await bench.claimOne(id)
        assert.deepEqual(await show('running'), [[there.id], [here.id]])
        for (const { id } of [there, here]) await bench.settle(bench.complete(id, 1))
        assert.deepEqual(await show('completed'), [[there.id], [here.id]])
      },
    },
    {
      name: 'a released reservation is claimed by line again, in its old place',
      run: async (bench) => {
        const { id } = await dispatched(bench)
        await bench.enqueue({ executionBackend: 'cloud' })
        assert.equal(await outcome(bench, { id, attempt: 0, expectedRef: 'jobs/1', executionRef: null }), 'ok')
        assert.deepEqual(ids(await bench.claim(1, { lines: [CLOUD] })), [id])
      },
    },
    {
      name: 'another execution backend moves the record to its line',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const move = { executionRef: null, executionBackend: 'cloud', executionProfile: 'gpu' }
        assert.equal(await outcome(bench, { id, attempt: 0, ...move }), 'ok')
        assert.deepEqual(await bench.claim(), [])
        const [record] = await bench.claim(1, { lines: [CLOUD] })
        assert.deepEqual([record?.id, record?.executionProfile], [id, 'gpu'])
      },
    },
    {
      name: 'a scheduled record moves with its due time',
      run: async (bench) => {
        const { id, scheduledAt } = await bench.enqueue({ delayMs: 10 })
        await outcome(bench, { id, attempt: 0, executionRef: null, executionBackend: 'cloud' })
        const { nextDueAt } = await bench.turn({ claim: { lines: [CLOUD], limit: 1 } })
        assert.equal(nextDueAt, scheduledAt)
        bench.clock.advance(10)
        assert.deepEqual(ids(await bench.claim(1, { lines: [CLOUD] })), [id])
      },
    },
    {
      name: 'a running record gets a reference but no other execution backend',
      run: async (bench) => {
        const { id, attempt } = await bench.make('running')
        const wish = { id, attempt, executionRef: 'jobs/1' }
        assert.equal(await outcome(bench, { ...wish, executionBackend: 'cloud' }), 'refused')
        assert.deepEqual([(await bench.get(id)).executionRef, (await bench.get(id)).executionBackend], [null, 'local'])
        assert.equal(await outcome(bench, { ...wish, executionBackend: 'local' }), 'ok')
        assert.deepEqual([(await bench.get(id)).executionRef, (await bench.get(id)).status], ['jobs/1', 'running'])
      },
    },
    {
      name: 'a dispatched record is cancelled like any other',
      run: async (bench) => {
        const { id } = await dispatched(bench)
        assert.equal((await bench.cancel(id)).outcome, 'ok')
        assert.deepEqual((await bench.turn({ claim: { ids: [id] } })).records, [])
      },
    },
  ],
}
