import type { Backend, Hint, Line, Settlement, TaskRecord, TurnAnswer, TurnRequest, Watch } from '@millrace/core'

/** A backend with one bug, made of a correct one. */
export interface Mutant {
  /** The bug, as its author would not have noticed it. */
  readonly name: string
  /** Groups of the suite that are likely to notice; they are asked first. */
  readonly near: readonly string[]
  /** The methods that differ. `seen` is shared by all clients of one case. */
  readonly changes: (inner: Backend, seen: TaskRecord[]) => Partial<Backend>
}

type Changes = Mutant['changes']

const asking =
  (change: (request: TurnRequest) => TurnRequest): Changes =>
  (inner) => ({ turn: (request) => inner.turn(change(request)) })

const answering =
  (change: (answer: TurnAnswer) => TurnAnswer): Changes =>
  (inner) => ({ turn: async (request) => change(await inner.turn(request)) })

const settling = (change: (settlement: Settlement) => Settlement): Changes =>
  asking((request) =>
    request.settlements === undefined ? request : { ...request, settlements: request.settlements.map(change) },
  )

const reading =
  (change: (record: TaskRecord, inner: Backend) => TaskRecord): Changes =>
  (inner) => ({
    get: async (ids) => (await inner.get(ids)).map((record) => record && change(record, inner)),
  })

/** Claims from lines by a rule of its own: what is due is listed, put into order, and claimed by id. */
const claiming =
  (compare: (a: TaskRecord, b: TaskRecord) => number): Changes =>
  (inner) => ({
    async turn(request) {
      const { claim } = request
      if (claim === undefined || 'ids' in claim) return await inner.turn(request)
      const { records } = await inner.list({ view: 'next', limit: 1_000 })
      const onLines = records.filter((record) => claim.lines.some((line) => isOn(record, line)))
      const ids = onLines.toSorted(compare).map(({ id }) => id)
      const answer = await inner.turn({ ...request, claim: { ids: ids.slice(0, claim.limit) } })
      return { ...answer, more: ids.length > claim.limit }
    },
  })

function isOn(record: TaskRecord, line: Line): boolean {
  return record.queue === line.queue && record.executionBackend === line.executionBackend
}

function without<T extends object>(value: T, name: keyof T): T {
  const copy = { ...value }
  Reflect.deleteProperty(copy, name)
  return copy
}

let nonces = 0

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'settlements are not fenced',
    near: ['fence'],
    changes: settling((settlement) => ({ ...settlement, attempt: 'any' })),
  },
  {
    name: 'heartbeats are not fenced',
    near: ['heartbeat'],
    changes: asking((request) =>
      request.touches
        ? { ...request, touches: request.touches.map((one) => ({ ...one, attempt: 'any' as const })) }
        : request,
    ),
  },
  {
    name: 'an unfenced settlement stands for the holder of a cancelled record',
    near: ['fence'],
    changes: (inner) => ({
      async turn(request) {
        const settlements = await Promise.all(
          (request.settlements ?? []).map(async (one) => {
            const [record] = await inner.get([one.id])
            return record?.status === 'cancelled' && record.workerId !== null
              ? { ...one, attempt: record.attempt }
              : one
          }),
        )
        return await inner.turn(request.settlements === undefined ? request : { ...request, settlements })
      },
    }),
  },
  {
    name: 'the youngest is claimed first',
    near: ['order'],
    changes: claiming((a, b) => b.priority - a.priority || b.queuedAt - a.queuedAt || (a.id < b.id ? 1 : -1)),
  },
  {
    name: 'priorities are ignored',
    near: ['order'],
    changes: claiming((a, b) => a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1)),
  },
  {
    name: 'order is by creation, not by becoming due',
    near: ['order'],
    changes: claiming((a, b) => b.priority - a.priority || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)),
  },
  {
    name: "'listed' lines are claimed by priority",
    near: ['order'],
    changes: asking((request) =>
      request.claim && 'lines' in request.claim
        ? { ...request, claim: { ...request.claim, order: 'priority' } }
        : request,
    ),
  },
  {
    name: "a line's own limit is ignored",
    near: ['claim'],
    changes: asking((request) => {
      const { claim } = request
      if (claim === undefined || 'ids' in claim) return request
      const lines = claim.lines.map(({ queue, executionBackend }) => ({ queue, executionBackend }))
      return { ...request, claim: { ...claim, lines } }
    }),
  },
  {
    name: 'a record goes to two claimers',
    near: ['claim'],
    changes: (inner, seen) => ({
      async turn(request) {
        const answer = await inner.turn(request)
        const records = request.claim && answer.records.length === 0 ? seen.slice(-1) : answer.records
        seen.push(...answer.records)
        return { ...answer, records }
      },
    }),
  },
  {
    name: 'a repeated claim claims anew',
    near: ['resend'],
    changes: asking((request) => ({ ...request, nonce: `${request.nonce}.${++nonces}` })),
  },
  {
    name: 'more is never said',
    near: ['claim'],
    changes: answering((answer) => ({ ...answer, more: false })),
  },
  {
    name: 'what is unknown to a worker is never reported',
    near: ['unknown claims'],
    changes: answering((answer) => ({ ...answer, unknown: [] })),
  },
  {
    name: 'progress is forgotten',
    near: ['heartbeat'],
    changes: asking((request) =>
      request.touches ? { ...request, touches: request.touches.map((touch) => without(touch, 'progress')) } : request,
    ),
  },
  {
    name: 'a retry consumes nothing',
    near: ['fields of an attempt'],
    changes: settling((settlement) =>
      settlement.outcome === 'fail' && settlement.retryInMs !== null
        ? { outcome: 'snooze', id: settlement.id, attempt: settlement.attempt, delayMs: settlement.retryInMs }
        : settlement,
    ),
  },
  {
    name: 'a release consumes a retry',
    near: ['fields of an attempt'],
    changes: settling((settlement) =>
      settlement.outcome === 'release'
        ? { outcome: 'fail', id: settlement.id, attempt: settlement.attempt, error: '{}', retryInMs: 0 }
        : settlement,
    ),
  },
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
    name: 'cancelled records are not counted',
    near: ['statistics'],
    changes: (inner) => ({
      async statistics(query) {
        const statistics = await inner.statistics(query)
        return { ...statistics, counts: { ...statistics.counts, cancelled: 0 } }
      },
    }),
  },
  {
    name: 'a list skips a record between two pages',
    near: ['list', 'paging'],
    changes: (inner) => ({
      async list(query) {
        const page = await inner.list(query)
        return query.cursor === undefined || query.cursor === null ? page : { ...page, records: page.records.slice(1) }
      },
    }),
  },
  {
    name: 'a reader is given the live object',
    near: ['values'],
    changes: (inner, seen) => ({
      get: async (ids) =>
        (await inner.get(ids)).map((record) => {
          const text = JSON.stringify(record)
          const live = seen.find((one) => Reflect.get(one, LIVE) === text)
          if (record === null || live !== undefined) return live ?? record
          Object.defineProperty(record, LIVE, { value: text })
          seen.push(record)
          return record
        }),
    }),
  },
  {
    name: 'a due record still reads as scheduled',
    near: ['scheduling'],
    changes: reading((record) =>
      record.status === 'pending' && record.scheduledAt !== null && record.lastEvent === 'enqueue'
        ? { ...record, status: 'scheduled' }
        : record,
    ),
  },
  {
    name: 'an empty array is stored as an empty object',
    near: ['values'],
    changes: (inner) => ({
      enqueue: (requests) =>
        inner.enqueue(requests.map((request) => ({ ...request, body: request.body.replaceAll(':[]', ':{}') }))),
    }),
  },
  {
    name: 'hints of work get lost',
    near: ['wake-ups'],
    changes: (inner) => ({ watch: async (request) => deaf(await inner.watch(request)) }),
  },
  {
    name: 'the audit finds nothing, ever',
    near: ['garbage'],
    changes: () => ({ audit: async () => ({ violations: [], examined: 0, cursor: null }) }),
  },
]

const LIVE = Symbol('the text that this live object was read as')

function deaf(watch: Watch): Watch {
  async function next(signal?: AbortSignal): Promise<Hint | null> {
    let hint = await watch.next(signal)
    while (hint?.kind === 'work') hint = await watch.next(signal)
    return hint
  }
  return { next, close: () => watch.close() }
}
