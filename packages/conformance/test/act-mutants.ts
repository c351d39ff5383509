import { without, type Mutant } from './mutant.ts'

/** Bugs of what producers, operators and duties do. */
export const ACT_MUTANTS: readonly Mutant[] = [
  {
    name: 'what runs is cancelled without being asked for',
    near: ['cancel', 'fields of an end and of what follows'],
    changes: (inner) => ({ cancel: (request) => inner.cancel({ ...request, includeRunning: true }) }),
  },
  {
    name: 'a replacement leaves the holder in place',
    near: ['keys'],
    changes: (inner) => ({
      enqueue: (requests) => inner.enqueue(requests.map((request) => ({ ...request, onConflict: 'keep' }))),
    }),
  },
  {
    name: "a namespace's key belongs to its task",
    near: ['key scopes and mappings'],
    changes: (inner) => ({
      enqueue: (requests) =>
        inner.enqueue(requests.map((request) => ({ ...request, keyScope: request.key === null ? null : 'task' }))),
    }),
  },
  {
    name: 'a holder is stale one millisecond too early',
    near: ['recover'],
    changes: (inner) => ({
      sweep: (request) =>
        inner.sweep(
          request.what === 'stale' ? { ...request, staleAfterMs: Math.max(1, request.staleAfterMs - 1) } : request,
        ),
    }),
  },
  {
    name: 'a sweep of some queues sweeps all of them',
    near: ['recover'],
    changes: (inner) => ({ sweep: (request) => inner.sweep(without(request, 'queues')) }),
  },
  {
    name: 'a deadline is for the end of the last attempt, not for the start of the first one',
    near: ['expiry'],
    changes: (inner) => ({
      async sweep(request) {
        const result = await inner.sweep(request)
        if (request.what !== 'expired') return result
        const { at } = await inner.statistics()
        const { records } = await inner.list({ view: 'pending', limit: 1_000 })
        const late = records.filter(({ expiresAt }) => expiresAt !== null && expiresAt < at).map(({ id }) => id)
        await inner.cancel({ ids: late })
        return { ...result, expired: [...result.expired, ...late] }
      },
    }),
  },
  {
    name: 'the clean-up takes every status, whatever was named',
    near: ['cleanup'],
    changes: (inner) => ({
      sweep: (request) => inner.sweep(request.what === 'finished' ? without(request, 'statuses') : request),
    }),
  },
  {
    name: 'what has ended is kept for the resend window, however long was asked for',
    near: ['cleanup'],
    changes: (inner) => ({
      sweep: (request) =>
        inner.sweep(
          'olderThanMs' in request ? { ...request, olderThanMs: inner.capabilities.resendWindowMs } : request,
        ),
    }),
  },
  {
    name: 'no queue, named as an empty list, is every queue',
    near: ['cleanup'],
    changes: (inner) => ({
      sweep: (request) => inner.sweep(request.queues?.length === 0 ? without(request, 'queues') : request),
    }),
  },
  {
    name: 'an assignment compares no reference',
    near: ['assign'],
    changes: (inner) => ({
      assign: (assignments) => inner.assign(assignments.map((assignment) => without(assignment, 'expectedRef'))),
    }),
  },
  {
    name: 'a replay is not fenced',
    near: ['replay'],
    changes: (inner) => ({
      replay: (requests, options) =>
        inner.replay(
          requests.map(({ id }) => ({ id, attempt: 'any' })),
          options,
        ),
    }),
  },
  {
    name: 'a lease is given to whoever asks',
    near: ['lease'],
    changes: (inner) => ({ lease: (request) => inner.lease({ ...request, token: 'anybody' }) }),
  },
  {
    name: 'an empty array is stored as an empty object',
    near: ['values'],
    changes: (inner) => ({
      enqueue: (requests) =>
        inner.enqueue(requests.map((request) => ({ ...request, body: request.body.replaceAll(':[]', ':{}') }))),
    }),
  },
]
