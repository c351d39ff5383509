import assert from 'node:assert/strict'
import { TERMINAL_STATUSES, type Status } from '@millrace/core'
import { ids, present, STALE_AFTER_MS } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

type Made = Exclude<Status, 'waiting'>

const ENDED: readonly Made[] = ['completed', 'failed', 'cancelled', 'expired']
const ALIVE: readonly Made[] = ['pending', 'scheduled', 'running']
assert.deepEqual(ENDED, TERMINAL_STATUSES)

const BODY = { args: [1, []], kwargs: { a: {} }, metadata: { trace: 'x' }, priority: 7, queue: 'mail' }

const ended: readonly Case[] = ENDED.map((from) => ({
  name: `a ${from} record is replayed: pending again, as new, with its body and its attempt`,
  run: async (bench) => {
    const before = await bench.make(from, { ...BODY, maxRetries: 2 })
    bench.clock.advance(1_000)
    const { id, attempt } = before
    assert.deepEqual(await bench.replay(id, attempt), { id, outcome: 'ok', status: 'pending' })
    // prettier-ignore
    assert.deepEqual(await bench.get(id), {
      ...before,
      status: 'pending',
      lastEvent: 'replay',
      replays: 1,
      queuedAt: bench.now,
      scheduledAt: null, expiresAt: null, startedAt: null, heartbeatAt: null, completedAt: null,
      workerId: null, executionRef: null, result: null, error: null, progress: null,
    })
    const [again] = await bench.claim(1, { lines: [{ queue: 'mail', executionBackend: 'local' }] })
    assert.deepEqual([again?.id, again?.attempt], [id, attempt + 1])
  },
}))

const alive: readonly Case[] = ALIVE.map((from) => ({
  name: `a ${from} record is not replayed: refused, unchanged`,
  run: async (bench) => {
    const before = await bench.make(from)
    const answer = await bench.replay(before.id, 'any')
    assert.deepEqual(answer, { id: before.id, outcome: 'refused', status: from })
    assert.deepEqual(await bench.get(before.id), before)
  },
}))

export const replay: Group = {
  name: 'replay',
  cases: [
    ...ended,
    ...alive,
    {
      name: 'another attempt than the last one is lost, and nothing changes',
      run: async (bench) => {
        const before = await bench.make('failed')
        for (const attempt of [before.attempt - 1, before.attempt + 1]) {
          const answer = await bench.replay(before.id, attempt)
          assert.deepEqual(answer, { id: before.id, outcome: 'lost', status: 'failed' })
        }
        assert.deepEqual(await bench.get(before.id), before)
      },
    },
    {
      name: 'attempt any replays whatever the last attempt was',
      run: async (bench) => {
        const { id } = await bench.make('failed')
        assert.equal((await bench.replay(id, 'any')).outcome, 'ok')
      },
    },
    {
      name: 'ids that do not exist are missing, each answered in order',
      run: async (bench) => {
        const nobody = bench.makeId()
        const { id, attempt } = await bench.make('failed')
        const answers = await bench.backend.replay([
          { id: nobody, attempt: 'any' },
          { id, attempt },
        ])
        assert.deepEqual(answers, [
          { id: nobody, outcome: 'missing', status: null },
          { id, outcome: 'ok', status: 'pending' },
        ])
      },
    },
    {
      name: 'with a delay it is scheduled',
      run: async (bench) => {
        const { id, attempt } = await bench.make('failed')
        const answer = await bench.replay(id, attempt, { delayMs: 5_000 })
        assert.deepEqual(answer, { id, outcome: 'ok', status: 'scheduled' })
        const { scheduledAt, queuedAt } = await bench.get(id)
        assert.deepEqual([scheduledAt, queuedAt], [bench.now + 5_000, bench.now + 5_000])
        bench.clock.advance(5_000)
        assert.deepEqual(ids(await bench.claim()), [id])
      },
    },
    {
      name: 'retries and recoveries start anew',
      run: async (bench) => {
        const { id } = await bench.enqueue({ maxRetries: 1, maxRecoveries: 1 })
        await bench.settle(bench.fail(id, (await bench.claimOne(id)).attempt, 0))
        await bench.claimOne(id)
        await bench.turn({ touches: [{ id, attempt: 2, alive: false }] })
        await bench.sweepStale()
        await bench.settle(bench.fail(id, (await bench.claimOne(id)).attempt, 0))
        const before = await bench.get(id)
        assert.deepEqual([before.status, before.retryCount, before.recoveries], ['failed', 1, 1])
        await bench.replay(id, 3)
        const { retryCount, recoveries, replays } = await bench.get(id)
        assert.deepEqual([retryCount, recoveries, replays], [0, 0, 1])
        await bench.settle(bench.fail(id, (await bench.claimOne(id)).attempt, 0))
        assert.equal((await bench.get(id)).status, 'pending')
      },
    },
    {
      name: 'a record that ends again is replayed again, and counted',
      run: async (bench) => {
        const { id } = await bench.make('failed')
        await bench.replay(id, 1)
        await bench.settle(bench.complete(id, (await bench.claimOne(id)).attempt, 'at last'))
        await bench.replay(id, 2)
        assert.equal((await bench.get(id)).replays, 2)
      },
    },
    {
      name: 'a replay comes behind what already waits',
      run: async (bench) => {
        const old = await bench.make('failed')
        bench.clock.advance(10)
        const waiting = await bench.enqueue()
        bench.clock.advance(10)
        await bench.replay(old.id, old.attempt)
        assert.deepEqual(ids(await bench.claim(2)), [waiting.id, old.id])
      },
    },
    {
      name: 'the same replay again, within a call, beside it and after it, counts once',
      run: async (bench) => {
        const { id, attempt } = await bench.make('failed')
        const twice = [
          { id, attempt },
          { id, attempt },
        ]
        const answers = await Promise.all([bench.backend.replay(twice), bench.second.replay(twice)])
        answers.push(await bench.resend(() => bench.backend.replay(twice)))
        assert.ok(answers.flat().every(({ outcome }) => outcome === 'ok'))
        assert.equal((await bench.get(id)).replays, 1)
      },
    },
    {
      name: 'D6: the attempt that ended before the replay cannot settle any more',
      run: async (bench) => {
        const { id, attempt } = await bench.make('completed')
        await bench.replay(id, attempt)
        assert.equal((await bench.settle(bench.complete(id, attempt, 'late'))).outcome, 'lost')
        assert.equal((await bench.get(id)).status, 'pending')
      },
    },
    {
      name: 'a key that another record holds now is key_taken, and nothing changes',
      run: async (bench) => {
        const old = await bench.make('failed', { key: 'k' })
        const holder = await bench.enqueue({ key: 'k' })
        const answer = await bench.replay(old.id, old.attempt)
        assert.deepEqual(answer, { id: old.id, outcome: 'key_taken', status: 'failed' })
        assert.deepEqual([await bench.get(old.id), await bench.get(holder.id)], [old, holder])
      },
    },
    {
      name: 'a key that a cancelled but still held record keeps is key_taken',
      run: async (bench) => {
        const old = await bench.make('failed', { key: 'k' })
        await bench.makeHeld({ key: 'k' })
        assert.equal((await bench.replay(old.id, old.attempt)).outcome, 'key_taken')
      },
    },
    {
      name: 'a cancelled record is not replayed until its holder has let go: no second handler begins beside the first',
      run: async (bench) => {
        for (const fields of [{}, { key: 'k' }]) {
          const { id } = await bench.makeHeld(fields)
          await bench.unchanged(id, async () => {
            for (const attempt of [1, 'any'] as const)
              assert.deepEqual(await bench.replay(id, attempt), { id, outcome: 'refused', status: 'cancelled' })
          })
          await bench.settle(bench.release(id, 1))
          assert.deepEqual(await bench.replay(id, 1), { id, outcome: 'ok', status: 'pending' })
        }
      },
    },
    {
      name: 'a cancelled record whose holder fell silent is replayed once it was taken from him',
      run: async (bench) => {
        const { id } = await bench.makeHeld()
        bench.clock.advance(STALE_AFTER_MS + 1)
        assert.equal((await bench.replay(id, 1)).outcome, 'refused')
        await bench.sweepStale()
        assert.equal((await bench.replay(id, 1)).outcome, 'ok')
      },
    },
    {
      name: 'a replayed record holds its own key again',
      run: async (bench) => {
        const { id, attempt } = await bench.make('completed', { key: 'k' })
        await bench.replay(id, attempt)
        const { outcome, record } = await bench.offer({ key: 'k' })
        assert.deepEqual([outcome, record.id], ['existing', id])
      },
    },
    {
      name: 'a key whose last holder has ended goes back to the replayed record',
      run: async (bench) => {
        const { id, attempt } = await bench.make('failed', { key: 'k', keyScope: 'namespace' })
        await bench.make('completed', { key: 'k', keyScope: 'namespace' })
        await bench.replay(id, attempt)
        const [holder] = await bench.backend.getByKey([{ scope: 'namespace', key: 'k' }])
        assert.equal(present(holder).id, id)
      },
    },
    {
      name: 'of two ended records with one key only one is replayed',
      run: async (bench) => {
        const one = await bench.make('failed', { key: 'k' })
        const two = await bench.make('failed', { key: 'k' })
        const answers = await Promise.all([
          bench.backend.replay([{ id: one.id, attempt: 'any' }]),
          bench.second.replay([{ id: two.id, attempt: 'any' }]),
        ])
        const outcomes = answers.flat().map(({ outcome }) => outcome)
        assert.deepEqual(outcomes.toSorted(), ['key_taken', 'ok'])
      },
    },
  ],
}
