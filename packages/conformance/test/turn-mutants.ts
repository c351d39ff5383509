import type { Line, Note, Settlement, TaskRecord, TurnAnswer, TurnRequest } from '@millrace/core'
import { without, type Mutant } from './mutant.ts'

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

/** Claims from lines by a rule of its own: what is due is listed, put into order, and claimed by id. */
export const claiming =
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

let nonces = 0
let notes = 1_000

/** As if it had not been there before. */
const anew = (one: Note): Note => ({ ...one, number: ++notes })

/** Bugs of the worker's one call. */
export const TURN_MUTANTS: readonly Mutant[] = [
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
    name: 'progress that comes with the settlement is forgotten',
    near: ['heartbeat'],
    changes: settling((settlement) => without(settlement, 'progress')),
  },
  {
    name: 'what comes with the settlement is not written down',
    near: ['log'],
    changes: settling((settlement) => without(settlement, 'log')),
  },
  {
    name: 'what a repeated heartbeat brings is written down again',
    near: ['log'],
    changes: asking((request) =>
      request.touches
        ? {
            ...request,
            touches: request.touches.map((touch) => (touch.log ? { ...touch, log: touch.log.map(anew) } : touch)),
          }
        : request,
    ),
  },
  {
    name: 'the worker says when something was written down',
    near: ['log'],
    changes: asking((request) =>
      request.touches
        ? {
            ...request,
            touches: request.touches.map(({ log, ...touch }) =>
              log === undefined ? touch : { ...touch, log: log.map((one) => ({ ...one, agoMs: 0 })) },
            ),
          }
        : request,
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
]
