import assert from 'node:assert/strict'
import type { TaskRecord } from '@millrace/core'
import { present, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

type Act = (bench: Bench, record: TaskRecord) => Promise<unknown>

/** Each act happens after the clock has stepped back by an hour since the record was claimed. */
const ACTS: readonly (readonly [name: string, act: Act])[] = [
  ['a heartbeat', (bench, { id, attempt }) => bench.turn({ touches: [{ id, attempt }] })],
  ['a completion', (bench, { id, attempt }) => bench.settle(bench.complete(id, attempt))],
  ['a failure', (bench, { id, attempt }) => bench.settle(bench.fail(id, attempt))],
  ['a retry', (bench, { id, attempt }) => bench.settle(bench.fail(id, attempt, 0))],
  ['a release', (bench, { id, attempt }) => bench.settle(bench.release(id, attempt))],
  ['a cancellation', (bench, { id }) => bench.backend.cancel({ ids: [id], includeRunning: true })],
  [
    'a recovery',
    async (bench, { id, attempt }) => {
      await bench.turn({ touches: [{ id, attempt, alive: false }] })
      await bench.backend.sweep({ what: 'stale', staleAfterMs: 1_000 })
    },
  ],
  [
    'a completion by a holder that was declared dead',
    async (bench, { id, attempt }) => {
      await bench.turn({ touches: [{ id, attempt, alive: false }] })
      await bench.settle(bench.complete(id, attempt))
    },
  ],
  [
    'a replay and a second run',
    async (bench, { id, attempt }) => {
      await bench.settle(bench.complete(id, attempt))
      await bench.replay(id, attempt)
      await bench.claimOne(id)
    },
  ],
]

function assertForward({ createdAt, queuedAt, startedAt, heartbeatAt, completedAt }: TaskRecord): void {
  const times = [createdAt, queuedAt, startedAt, heartbeatAt ?? completedAt].filter((time) => time !== null)
  assert.deepEqual(
    times.toSorted((a, b) => a - b),
    times,
  )
}

const steps: readonly Case[] = ACTS.map(([name, act]) => ({
  name: `no time of a record runs backwards when the clock does, at ${name}`,
  run: async (bench) => {
    const { id, createdAt } = await bench.enqueue({ maxRetries: 1 })
    bench.clock.advance(10)
    const record = await bench.claimOne(id)
    bench.clock.advance(-3_600_000)
    await act(bench, record)
    const after = await bench.get(id)
    assertForward(after)
    assert.equal(after.createdAt, createdAt)
    for (const name of ['startedAt', 'heartbeatAt', 'completedAt'] as const) {
      assert.ok((after[name] ?? Infinity) >= present(record[name] ?? record.startedAt), name)
    }
  },
}))

export const time: Group = {
  name: 'time',
  cases: [
    ...steps,
    {
      name: 'a record enqueued before the clock stepped back is claimed, not started before it was created',
      run: async (bench) => {
        const { id, createdAt } = await bench.enqueue()
        bench.clock.advance(-3_600_000)
        const [record] = await bench.claim()
        assert.equal(record?.id, id)
        assert.ok((record.startedAt ?? 0) >= createdAt)
        assertForward(await bench.get(id))
      },
    },
    {
      name: 'an expiry and a cancellation after the clock stepped back end no record before it was created',
      run: async (bench) => {
        const overdue = await bench.enqueue({ expiresAt: 0 })
        const cancelled = await bench.enqueue()
        bench.clock.advance(-3_600_000)
        await bench.sweepExpired()
        await bench.cancel(cancelled.id)
        assert.equal((await bench.get(overdue.id)).completedAt, overdue.createdAt)
        assert.equal((await bench.get(cancelled.id)).completedAt, cancelled.createdAt)
      },
    },
    {
      name: 'a clock that stepped back recovers nobody: a sign of life from the future is one',
      run: async (bench) => {
        const { id, attempt } = await bench.make('running')
        bench.clock.advance(-3_600_000)
        assert.deepEqual((await bench.backend.sweep({ what: 'stale', staleAfterMs: 1 })).requeued, [])
        assert.equal((await bench.settle(bench.complete(id, attempt))).outcome, 'ok')
      },
    },
    {
      name: 'P6, D40: every instant of a record is the backend clock\u2019s',
      run: async (bench) => {
        const at = bench.now
        const { id } = await bench.enqueue()
        bench.clock.advance(10)
        const answer = await bench.turn({ claim: { ids: [id] } })
        bench.clock.advance(10)
        await bench.turn({ touches: [{ id, attempt: 1 }] })
        const running = await bench.get(id)
        bench.clock.advance(10)
        await bench.settle(bench.complete(id, 1))
        const { createdAt, queuedAt, startedAt, completedAt } = await bench.get(id)
        assert.deepEqual([answer.now, running.heartbeatAt], [at + 10, at + 20])
        assert.deepEqual([createdAt, queuedAt, startedAt, completedAt], [at, at, at + 10, at + 30])
      },
    },
    {
      name: 'D40: a record made by a client whose clock runs wrong is due when the backend says so',
      run: async (bench) => {
        const ahead = bench.request({ delayMs: 10 })
        const id = `${(bench.now + 1e9).toString(16).padStart(12, '0').slice(0, 8)}${ahead.id.slice(8)}`
        await bench.backend.enqueue([{ ...ahead, id }])
        assert.equal((await bench.get(id)).scheduledAt, bench.now + 10)
        bench.clock.advance(10)
        assert.equal((await bench.claimOne(id)).startedAt, bench.now)
      },
    },
    ...['now', 'at', 'heartbeatAt', 'startedAt'].map((name) => ({
      name: `D40: a worker has no say about time: ${name} is not part of a turn`,
      run: async (bench: Bench) => {
        const turn = { workerId: 'worker-1', slot: 0, nonce: 'n', [name]: 1 }
        await bench.expectError('invalid_argument', () => bench.backend.turn(turn), `turn.${name}`)
      },
    })),
  ],
}
