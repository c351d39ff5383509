import assert from 'node:assert/strict'
import type { Fence, Settlement, Status, TaskRecord } from '@millrace/core'
import { STALE_AFTER_MS, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

interface Verb {
  readonly verb: string
  readonly settle: (bench: Bench, id: string, attempt: Fence) => Settlement
  /** Where it leads; as it is read, when it is due at once. */
  readonly to: Status
}

const VERBS: readonly Verb[] = [
  { verb: 'complete', settle: (bench, ...of) => bench.complete(...of, 'late'), to: 'completed' },
  { verb: 'fail', settle: (bench, ...of) => bench.fail(...of), to: 'failed' },
  { verb: 'retry', settle: (bench, ...of) => bench.fail(...of, 500), to: 'scheduled' },
  { verb: 'snooze', settle: (bench, ...of) => bench.snooze(...of), to: 'scheduled' },
  { verb: 'release', settle: (bench, ...of) => bench.release(...of), to: 'pending' },
]

/** A record whose first holder fell silent, with a second one at work: the classic late return. */
async function makeReclaimed(bench: Bench): Promise<TaskRecord> {
  const { id } = await bench.make('running', { maxRetries: 3 })
  bench.clock.advance(STALE_AFTER_MS + 1)
  await bench.sweepStale()
  return await bench.claimOne(id, { workerId: 'worker-2' })
}

/** A way in which attempt 1 ends, and then what a late `verb` of attempt 1 is answered. */
const ENDED: readonly {
  readonly how: string
  readonly same: readonly string[]
  readonly end: (bench: Bench, id: string) => Promise<unknown>
}[] = [
  { how: 'completed', same: ['complete'], end: (bench, id) => bench.settle(bench.complete(id, 1)) },
  { how: 'failed', same: ['fail', 'retry'], end: (bench, id) => bench.settle(bench.fail(id, 1)) },
  { how: 'retried', same: ['fail', 'retry'], end: (bench, id) => bench.settle(bench.fail(id, 1, 500)) },
  { how: 'snoozed', same: ['snooze'], end: (bench, id) => bench.settle(bench.snooze(id, 1)) },
  { how: 'released', same: ['release'], end: (bench, id) => bench.settle(bench.release(id, 1)) },
  {
    how: 'recovered',
    same: [],
    end: async (bench) => {
      bench.clock.advance(STALE_AFTER_MS + 1)
      await bench.sweepStale()
    },
  },
  {
    how: 'completed and replayed',
    same: [],
    end: async (bench, id) => {
      await bench.settle(bench.complete(id, 1))
      await bench.replay(id, 1)
    },
  },
]

const perVerb = VERBS.flatMap(({ verb, settle, to }): Case[] => [
  {
    name: `P3, D1: a late holder's ${verb} after another one took over is lost and changes nothing`,
    run: async (bench) => {
      const { id } = await makeReclaimed(bench)
      const answer = await bench.unchanged(id, () => bench.settle(settle(bench, id, 1)))
      assert.deepEqual(answer, { id, outcome: 'lost', status: 'running' })
    },
  },
  {
    name: `${verb} by an attempt that was never given out is lost`,
    run: async (bench) => {
      const { id } = await bench.make('running')
      const answer = await bench.unchanged(id, () => bench.settle(settle(bench, id, 2)))
      assert.deepEqual(answer, { id, outcome: 'lost', status: 'running' })
    },
  },
  {
    name: `${verb} by the current attempt, or by 'any', acts`,
    run: async (bench) => {
      for (const fence of [1, 'any'] as const) {
        const { id } = await bench.make('running', { maxRetries: 1 })
        assert.deepEqual(await bench.settle(settle(bench, id, fence)), { id, outcome: 'ok', status: to })
      }
    },
  },
  {
    name: `${verb} of an unknown record is missing, by its attempt and by 'any'`,
    run: async (bench) => {
      const id = bench.makeId()
      for (const fence of [1, 'any'] as const) {
        assert.deepEqual(await bench.settle(settle(bench, id, fence)), { id, outcome: 'missing', status: null })
      }
    },
  },
  {
    name: `D6: ${verb} of a record that was cancelled while it ran is refused, and only lets go of it`,
    run: async (bench) => {
      const before = await bench.makeHeld({ maxRetries: 1 })
      const answer = await bench.settle(settle(bench, before.id, 1))
      assert.deepEqual(answer, { id: before.id, outcome: 'refused', status: 'cancelled' })
      await bench.expectChange(before, { workerId: null, heartbeatAt: null })
    },
  },
  {
    name: `D6: ${verb} by 'any' of a record that was cancelled while it ran is refused and changes nothing`,
    run: async (bench) => {
      const { id } = await bench.makeHeld({ maxRetries: 1 })
      const answer = await bench.unchanged(id, () => bench.settle(settle(bench, id, 'any')))
      assert.deepEqual(answer, { id, outcome: 'refused', status: 'cancelled' })
    },
  },
  ...ENDED.map(({ how, same, end }): Case => {
    const outcome = same.includes(verb) ? 'ok' : 'lost'
    return {
      name: `${verb} by an attempt that was ${how} is ${outcome} and changes nothing`,
      run: async (bench) => {
        const { id } = await bench.make('running', { maxRetries: how === 'failed' ? 0 : 3 })
        await end(bench, id)
        assert.equal((await bench.unchanged(id, () => bench.settle(settle(bench, id, 1)))).outcome, outcome)
      },
    }
  }),
])

export const fence: Group = {
  name: 'fence',
  cases: [
    ...perVerb,
    {
      name: 'P4, D7: every claim has an attempt of its own, however the one before ended',
      run: async (bench) => {
        const { id } = await bench.enqueue({ maxRetries: 5 })
        const ends = [bench.release(id, 1), bench.snooze(id, 2, 0), bench.fail(id, 3, 0), bench.complete(id, 4)]
        for (const [i, end] of ends.entries()) {
          assert.equal((await bench.claimOne(id)).attempt, i + 1)
          await bench.settle(end)
        }
        await bench.replay(id, 4)
        assert.equal((await bench.claimOne(id)).attempt, 5)
      },
    },
    {
      name: 'D6: an unfenced failure of a completed record is refused, with retries left too',
      run: async (bench) => {
        const { id } = await bench.make('completed', { maxRetries: 5 })
        const answer = await bench.unchanged(id, () => bench.settle(bench.fail(id, 'any', 0)))
        assert.deepEqual(answer, { id, outcome: 'refused', status: 'completed' })
      },
    },
    {
      name: 'D1: a result is not overwritten by a second one of the same attempt',
      run: async (bench) => {
        const { id } = await bench.make('completed')
        const answer = await bench.unchanged(id, () => bench.settle(bench.complete(id, 1, 'another'), bench.second))
        assert.deepEqual(answer, { id, outcome: 'ok', status: 'completed' })
        assert.equal((await bench.get(id)).result, 'made')
      },
    },
    {
      name: 'P2, P3: of a completion and a failure that race, one counts and the other one is lost',
      run: async (bench) => {
        const { id } = await bench.make('running')
        const results = await bench.race(20, (backend, i) =>
          bench.settle(i % 3 === 0 ? bench.complete(id, 1) : bench.fail(id, 1), backend),
        )
        const { status } = await bench.get(id)
        for (const [i, result] of results.entries()) {
          const counts = (i % 3 === 0 ? 'completed' : 'failed') === status
          assert.deepEqual(result, { id, outcome: counts ? 'ok' : 'lost', status })
        }
      },
    },
    {
      name: 'of 20 racing retries of one attempt one retry is consumed',
      run: async (bench) => {
        const { id } = await bench.make('running', { maxRetries: 50 })
        await bench.race(20, (backend) => bench.settle(bench.fail(id, 1, 500), backend))
        assert.equal((await bench.get(id)).retryCount, 1)
      },
    },
    {
      name: 'a settlement that races the recovery of its attempt: one of them counts',
      run: async (bench) => {
        const { id } = await bench.make('running')
        bench.clock.advance(STALE_AFTER_MS + 1)
        const [{ requeued }, { outcome }] = await Promise.all([
          bench.sweepStale(),
          bench.settle(bench.complete(id, 1), bench.second),
        ])
        assert.equal((await bench.get(id)).status, outcome === 'ok' ? 'completed' : 'pending')
        assert.deepEqual(requeued, outcome === 'ok' ? [] : [id])
      },
    },
    {
      name: 'the attempt is the whole fence: another client may settle what it knows the attempt of',
      run: async (bench) => {
        const { id } = await bench.make('running')
        const { settled } = await bench.turn(
          { workerId: 'worker-9', slot: 3, settlements: [bench.complete(id, 1)] },
          bench.second,
        )
        assert.equal(settled[0]?.outcome, 'ok')
      },
    },
  ],
}
