import assert from 'node:assert/strict'
import { POISON, STALE, type TaskRecord } from '@millrace/core'
import { STALE_AFTER_MS, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const BOOM = { name: 'Error', message: 'boom' }
const LEFT: Partial<TaskRecord> = { startedAt: null, heartbeatAt: null, workerId: null, executionRef: null }

/** A running record that has been through everything: an error, a retry for later, progress, a reference. */
async function makeWorn(bench: Bench): Promise<TaskRecord> {
  const { id } = await bench.make('running', { maxRetries: 2, key: 'worn', metadata: { a: [] } })
  await bench.settle(bench.fail(id, 1, 10, 'boom'))
  bench.clock.advance(10)
  await bench.backend.assign([{ id, attempt: 1, executionRef: 'job-1', executionProfile: 'large' }])
  await bench.claimOne(id)
  await bench.beat([bench.touch(id, 2, { progress: '0.5' })])
  bench.clock.advance(10)
  return await bench.get(id)
}

/** Exactly which fields each event of an attempt changes; everything else stays equal. */
export const attemptFields: Group = {
  name: 'fields of an attempt',
  cases: [
    {
      name: 'a claim raises the attempt, names the holder and starts the heartbeat; the last error stays, the last progress goes',
      run: async (bench) => {
        const worn = await makeWorn(bench)
        await bench.settle(bench.release(worn.id, 2))
        const before = await bench.get(worn.id)
        const claimed = await bench.claimOne(worn.id, { workerId: 'worker-2' })
        const now = { status: 'running', lastEvent: 'claim', attempt: 3, workerId: 'worker-2', progress: null }
        assert.deepEqual(claimed, { ...before, ...now, startedAt: bench.now, heartbeatAt: bench.now, error: BOOM })
        await bench.expectChange(claimed, {})
      },
    },
    {
      name: 'complete stores the result and the instant, lets go of the holder and clears the error',
      run: async (bench) => {
        const worn = await makeWorn(bench)
        await bench.settle(bench.complete(worn.id, 2, { sent: [] }))
        const end = { status: 'completed', lastEvent: 'complete', result: { sent: [] }, error: null } as const
        await bench.expectChange(worn, { ...end, completedAt: bench.now, heartbeatAt: null, workerId: null })
      },
    },
    {
      name: 'a final failure stores the error and the instant and lets go of the holder',
      run: async (bench) => {
        const worn = await makeWorn(bench)
        await bench.settle(bench.fail(worn.id, 2, null, 'bang'))
        const end = { status: 'failed', lastEvent: 'fail', error: { ...BOOM, message: 'bang' } } as const
        await bench.expectChange(worn, { ...end, completedAt: bench.now, heartbeatAt: null, workerId: null })
      },
    },
    {
      name: 'a retry at once counts, queues anew and forgets the attempt but not its error or progress',
      run: async (bench) => {
        const worn = await makeWorn(bench)
        await bench.settle(bench.fail(worn.id, 2, 0, 'bang'))
        const end = {
          status: 'pending',
          lastEvent: 'retry',
          retryCount: 2,
          error: { ...BOOM, message: 'bang' },
        } as const
        await bench.expectChange(worn, { ...end, ...LEFT, queuedAt: bench.now, scheduledAt: null })
      },
    },
    {
      name: 'a retry for later waits until then',
      run: async (bench) => {
        const worn = await makeWorn(bench)
        await bench.settle(bench.fail(worn.id, 2, 500, 'boom'))
        const due = bench.now + 500
        const end = { status: 'scheduled', lastEvent: 'retry', retryCount: 2 } as const
        await bench.expectChange(worn, { ...end, ...LEFT, queuedAt: due, scheduledAt: due })
      },
    },
    {
      name: 'D29: a retry keeps createdAt and takes a new queuedAt',
      run: async (bench) => {
        const { id, createdAt } = await bench.make('running', { maxRetries: 1 })
        bench.clock.advance(5_000)
        await bench.settle(bench.fail(id, 1, 1_000))
        const after = await bench.get(id)
        assert.deepEqual([after.createdAt, after.queuedAt], [createdAt, bench.now + 1_000])
      },
    },
    {
      name: 'snooze waits without consuming a retry and keeps the error',
      run: async (bench) => {
        const worn = await makeWorn(bench)
        await bench.settle(bench.snooze(worn.id, 2, 700))
        const due = bench.now + 700
        await bench.expectChange(worn, {
          status: 'scheduled',
          lastEvent: 'snooze',
          ...LEFT,
          queuedAt: due,
          scheduledAt: due,
        })
      },
    },
    {
      name: 'a snooze of nothing is due at once',
      run: async (bench) => {
        const worn = await makeWorn(bench)
        assert.deepEqual(await bench.settle(bench.snooze(worn.id, 2, 0)), {
          id: worn.id,
          outcome: 'ok',
          status: 'pending',
        })
        const due = { queuedAt: bench.now, scheduledAt: bench.now }
        await bench.expectChange(worn, { status: 'pending', lastEvent: 'snooze', ...LEFT, ...due })
      },
    },
    {
      name: 'release gives the attempt back in its old place and consumes nothing',
      run: async (bench) => {
        const worn = await makeWorn(bench)
        await bench.settle(bench.release(worn.id, 2))
        await bench.expectChange(worn, { status: 'pending', lastEvent: 'release', ...LEFT })
      },
    },
    {
      name: 'release keeps scheduledAt as it was',
      run: async (bench) => {
        const { id, scheduledAt } = await bench.enqueue({ delayMs: 100 })
        bench.clock.advance(100)
        await bench.claimOne(id)
        bench.clock.advance(1)
        await bench.settle(bench.release(id, 1))
        const after = await bench.get(id)
        assert.deepEqual([after.scheduledAt, after.queuedAt], [scheduledAt, scheduledAt])
      },
    },
    {
      name: 'recover requeues with one recovery more and keeps retries, error and progress',
      run: async (bench) => {
        const worn = await makeWorn(bench)
        bench.clock.advance(STALE_AFTER_MS + 1)
        await bench.sweepStale()
        const end = { status: 'pending', lastEvent: 'recover', recoveries: 1 } as const
        await bench.expectChange(worn, { ...end, ...LEFT, queuedAt: bench.now, scheduledAt: null })
      },
    },
    ...(
      [
        ['whose recoveries are used up fails as poison', { maxRecoveries: 1 }, POISON, 1],
        ['that must never rerun (maxRecoveries 0) fails as stale', { maxRecoveries: 0 }, STALE, 0],
        ['that must not be requeued (requeueOnStale false) fails as stale', { requeueOnStale: false }, STALE, 0],
      ] as const
    ).map(([which, fields, error, recoveries]): Case => ({
      name: `a silent record ${which}`,
      run: async (bench) => {
        const { id } = await bench.enqueue(fields)
        for (let i = 0; i < recoveries; i++) {
          await bench.claimOne(id)
          await bench.beat([bench.touch(id, i + 1, { alive: false })])
          await bench.sweepStale()
        }
        const running = await bench.claimOne(id)
        bench.clock.advance(STALE_AFTER_MS + 1)
        await bench.sweepStale()
        const end = { status: 'failed', lastEvent: 'recover', error } as const
        await bench.expectChange(running, { ...end, completedAt: bench.now, heartbeatAt: null, workerId: null })
      },
    })),
  ],
}
