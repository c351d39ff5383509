import type { Presence } from '@millrace/core'
import { DEFAULT_LINE, ids, STALE_AFTER_MS } from '../bench.ts'
import { KEY, turning, type ResentCall } from './resent-call.ts'

const PRESENCE: Presence = { host: 'host-1', pid: 1, concurrency: 1, lines: [DEFAULT_LINE] }

/** What clients, operators and duties repeat. */
export const ACTS: readonly ResentCall[] = [
  ...([false, true] as const).map((includeRunning): ResentCall => ({
    what: includeRunning ? 'a cancellation of what runs' : 'a cancellation',
    prepare: async (bench) => {
      const records = [await bench.enqueue(), await bench.make('running'), await bench.make('completed')]
      return async () => await bench.backend.cancel({ ids: ids(records), includeRunning })
    },
    leaves: includeRunning ? { cancelled: 2, completed: 1 } : { cancelled: 1, running: 1, completed: 1 },
  })),
  {
    what: 'a sweep of what fell silent',
    prepare: async (bench) => {
      await bench.make('running')
      await bench.make('running', { maxRecoveries: 0 })
      bench.clock.advance(STALE_AFTER_MS + 1)
      return async () => await bench.sweepStale()
    },
    leaves: { pending: 1, failed: 1 },
    answersDiffer: true,
  },
  {
    what: 'a sweep of what is overdue',
    prepare: async (bench) => {
      await bench.enqueueMany(2, (i) => ({ expiresInMs: i * 60_000 }))
      bench.clock.advance(1)
      return async () => await bench.sweepExpired()
    },
    leaves: { expired: 1, pending: 1 },
    answersDiffer: true,
  },
  {
    what: 'a sweep of what is finished',
    prepare: async (bench) => {
      await bench.make('completed', KEY)
      bench.clock.advance(bench.later)
      await bench.make('completed', KEY)
      return async () => await bench.sweepFinished()
    },
    leaves: { completed: 1 },
    answersDiffer: true,
  },
  {
    what: 'an assignment',
    prepare: async (bench) => {
      const { id } = await bench.enqueue()
      const assignment = { id, attempt: 0, expectedRef: null, executionRef: 'job-1', executionBackend: 'batch' }
      return async () => await bench.backend.assign([assignment])
    },
    leaves: { pending: 1 },
  },
  ...([0, 60_000] as const).map((delayMs): ResentCall => ({
    what: delayMs === 0 ? 'a replay' : 'a replay for later',
    prepare: async (bench) => {
      const { id } = await bench.make('failed', KEY)
      return async () => await bench.backend.replay([{ id, attempt: 1 }], { delayMs })
    },
    leaves: delayMs === 0 ? { pending: 1 } : { scheduled: 1 },
  })),
  ...([PRESENCE, null] as const).map((presence): ResentCall => ({
    what: presence === null ? 'a goodbye' : 'a registration',
    prepare: async (bench) => {
      await bench.turn({ presence: PRESENCE })
      return turning(bench, { presence })
    },
    leaves: {},
  })),
  {
    what: 'an audit that repairs',
    prepare: async (bench) => {
      const { id } = await bench.enqueue()
      await bench.break.forgetIndex(id)
      return async () => await bench.backend.audit({ repair: true })
    },
    leaves: { pending: 1 },
    answersDiffer: true,
  },
  {
    what: 'the removal of everything',
    prepare: async (bench) => {
      await bench.make('running', KEY)
      return async () => await bench.backend.destroy()
    },
    leaves: {},
  },
  {
    what: 'the taking of a lease',
    prepare: async (bench) => async () => await bench.backend.lease({ name: 'duty', token: 'a', ttlMs: 60_000 }),
    leaves: {},
    atOnce: true,
  },
  {
    what: 'the release of a lease',
    prepare: async (bench) => {
      await bench.backend.lease({ name: 'duty', token: 'a', ttlMs: 60_000 })
      return async () => await bench.backend.lease({ name: 'duty', token: 'a', ttlMs: 60_000, release: true })
    },
    leaves: {},
  },
]
