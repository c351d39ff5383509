import assert from 'node:assert/strict'
import { CANCELLED, EXPIRED } from '@millrace/core'
import { DEFAULT_LINE } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const UNTOLD = { retryCount: 0, recoveries: 0, result: null, error: null, progress: null, expiresAt: null } as const
const UNHELD = { startedAt: null, completedAt: null, heartbeatAt: null, workerId: null, executionRef: null } as const

/** Exactly which fields cancel, expire, replay and the passing of time change; everything else stays equal. */
export const endFields: Group = {
  name: 'fields of an end and of what follows',
  cases: [
    ...(['pending', 'scheduled'] as const).map((status): Case => ({
      name: `cancelling a ${status} record stores the reason and the instant`,
      run: async (bench) => {
        const before = await bench.make(status, { key: 'k', maxRetries: 1 })
        bench.clock.advance(10)
        const answer = await bench.cancel(before.id, { reason: 'not needed' })
        assert.deepEqual(answer, { id: before.id, outcome: 'ok', status: 'cancelled' })
        const end = { status: 'cancelled', lastEvent: 'cancel', error: CANCELLED('not needed') } as const
        await bench.expectChange(before, { ...end, completedAt: bench.now })
      },
    })),
    {
      name: 'D31: a running record is cancelled when asked, and keeps its holder until that lets go',
      run: async (bench) => {
        const before = await bench.make('running')
        bench.clock.advance(10)
        await bench.cancel(before.id, { includeRunning: true, reason: 'stop' })
        const end = { status: 'cancelled', lastEvent: 'cancel', error: CANCELLED('stop') } as const
        await bench.expectChange(before, { ...end, completedAt: bench.now })
      },
    },
    {
      name: 'a running record whose holder was declared dead is held by nobody once it is cancelled',
      run: async (bench) => {
        const { id } = await bench.make('running', { key: 'k' })
        await bench.beat([bench.touch(id, 1, { alive: false })])
        await bench.cancel(id, { includeRunning: true })
        assert.equal((await bench.get(id)).workerId, null)
        assert.equal((await bench.offer({ key: 'k' })).outcome, 'created')
      },
    },
    {
      name: 'an expired record tells when it was found, and that it never started',
      run: async (bench) => {
        const before = await bench.enqueue({ expiresInMs: 100, key: 'k' })
        bench.clock.advance(150)
        await bench.sweepExpired()
        const end = { status: 'expired', lastEvent: 'expire', error: EXPIRED } as const
        await bench.expectChange(before, { ...end, completedAt: bench.now })
      },
    },
    ...(['from its line', 'by id'] as const).map((way): Case => ({
      name: `a claim ${way} expires what is overdue on the way and reports it`,
      run: async (bench) => {
        const before = await bench.enqueue({ expiresInMs: 100 })
        bench.clock.advance(101)
        const claim = way === 'by id' ? { ids: [before.id] } : { lines: [DEFAULT_LINE], limit: 5 }
        const { records, expired, more } = await bench.turn({ claim })
        assert.deepEqual({ records, expired, more }, { records: [], expired: [before.id], more: false })
        const end = { status: 'expired', lastEvent: 'expire', error: EXPIRED } as const
        await bench.expectChange(before, { ...end, completedAt: bench.now })
      },
    })),
    {
      name: 'a replay clears retries, recoveries, progress and reference of the past',
      run: async (bench) => {
        const { id } = await bench.make('running', { maxRetries: 1 })
        await bench.settle(bench.fail(id, 1, 0))
        await bench.claimOne(id)
        await bench.beat([bench.touch(id, 2, { alive: false })])
        await bench.sweepStale()
        await bench.backend.assign([{ id, attempt: 2, executionRef: 'job-1' }])
        await bench.claimOne(id)
        await bench.beat([bench.touch(id, 3, { progress: '1' })])
        await bench.cancel(id, { includeRunning: true })
        await bench.settle(bench.release(id, 3))
        const before = await bench.get(id)
        await bench.replay(id, 3)
        const anew = {
          status: 'pending',
          lastEvent: 'replay',
          replays: 1,
          queuedAt: bench.now,
          scheduledAt: null,
        } as const
        await bench.expectChange(before, { ...anew, ...UNTOLD, ...UNHELD })
      },
    },
    {
      name: 'becoming due changes what is read as the status and nothing else',
      run: async (bench) => {
        const before = await bench.enqueue({ delayMs: 100 })
        bench.clock.advance(99)
        await bench.expectChange(before, {})
        bench.clock.advance(1)
        await bench.expectChange(before, { status: 'pending' })
        const claimed = await bench.claimOne(before.id)
        assert.deepEqual([claimed.scheduledAt, claimed.queuedAt], [before.scheduledAt, before.queuedAt])
      },
    },
  ],
}
