import type { Backend, Hint, TaskRecord, WaitingTurn, Watch } from '@millrace/core'
import type { Mutant } from './mutant.ts'

const reading =
  (change: (record: TaskRecord, inner: Backend) => TaskRecord): Mutant['changes'] =>
  (inner) => ({
    get: async (ids) => (await inner.get(ids)).map((record) => record && change(record, inner)),
  })

/** Bugs of what is told of records: reads, lists, counts, hints, the audit. */
export const READING_MUTANTS: readonly Mutant[] = [
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
    name: 'hints of work get lost',
    near: ['wake-ups'],
    changes: (inner) => ({ watch: async (request) => deaf(await inner.watch(request)) }),
  },
  {
    name: 'a wait for some of its lines takes the hints of all',
    near: ['the end of a watch'],
    changes: (inner) => ({
      async watch(request) {
        const watch = await inner.watch(request)
        return {
          next: ({ signal } = {}) => watch.next(signal === undefined ? {} : { signal }),
          close: () => watch.close(),
        }
      },
    }),
  },
  {
    name: 'a claim that a wait carries is made under a nonce of its own',
    near: ['turns that a wait carries'],
    changes: (inner) => ({
      watch: async (request) =>
        carrying(await inner.watch(request), (turn) => ({ ...turn, nonce: `${turn.nonce}-own` })),
    }),
  },
  {
    name: 'a claim that a wait carries takes more than it may',
    near: ['turns that a wait carries'],
    changes: (inner) => ({
      watch: async (request) =>
        carrying(await inner.watch(request), (turn) => ({ ...turn, claim: { ...turn.claim, limit: 10 } })),
    }),
  },
  {
    name: 'a claim that a wait carries is made of a hint behind its end',
    near: ['turns that a wait carries'],
    changes: (inner) => ({
      watch: async (request) => outliving(await inner.watch(request), inner),
    }),
  },
  {
    name: 'the audit finds nothing, ever',
    near: ['garbage'],
    changes: () => ({ audit: async () => ({ violations: [], examined: 0, cursor: null }) }),
  },
]

const LIVE = Symbol('the text that this live object was read as')

function carrying(watch: Watch, change: (turn: WaitingTurn) => WaitingTurn): Watch {
  return {
    next: async ({ turn, ...request } = {}) =>
      await watch.next(turn === undefined ? request : { ...request, turn: change(turn) }),
    close: () => watch.close(),
  }
}

/** Its waits do not end with their callers. */
function outliving(watch: Watch, inner: Backend): Watch {
  return {
    async next({ turn, ...request } = {}) {
      const hint = await watch.next(request)
      if (hint === null && turn !== undefined) void claimLater(inner, turn)
      return hint
    },
    close: () => watch.close(),
  }
}

async function claimLater(inner: Backend, turn: WaitingTurn): Promise<void> {
  const watch = await inner.watch({ lines: turn.claim.lines })
  if ((await watch.next()) !== null) await inner.turn(turn)
}

function deaf(watch: Watch): Watch {
  async function next(...parameters: Parameters<Watch['next']>): Promise<Hint | null> {
    let hint = await watch.next(...parameters)
    while (hint?.kind === 'work') hint = await watch.next(...parameters)
    return hint
  }
  return { next, close: () => watch.close() }
}
