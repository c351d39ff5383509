import assert from 'node:assert/strict'
import type { ListQuery, Status, TaskRecord } from '@millrace/core'
import { ids, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'
import { pagesOf } from '../pages.ts'

type Change = (bench: Bench, records: readonly TaskRecord[], page: number) => Promise<unknown>

interface Walk {
  readonly view: 'next' | Exclude<Status, 'waiting'>
  readonly made: Exclude<Status, 'waiting'>
  /** Between two pages: makes records leave, arrive and move. Records whose index is a multiple of 3 may be touched, no others. */
  readonly change: Change
}

const leave: Change = ({ backend }, records, page) =>
  backend.cancel({ ids: [at(records, page * 3), at(records, 15 - page * 3)], includeRunning: true })

const start: Change = async (bench, records, page) => {
  await leave(bench, records, page)
  await bench.turn({ claim: { ids: [at(records, 18)] } })
  await bench.enqueueMany(2, (i) => ({ priority: i === 0 ? 9 : -9 }))
}

const comeBack: Change = async (bench, records, page) => {
  await bench.backend.replay([
    { id: at(records, page * 3), attempt: 'any' },
    { id: at(records, 15 - page * 3), attempt: 'any' },
  ])
}

const WALKS: readonly Walk[] = [
  { view: 'next', made: 'pending', change: start },
  { view: 'pending', made: 'pending', change: start },
  {
    view: 'scheduled',
    made: 'scheduled',
    change: async (bench, records, page) => {
      await leave(bench, records, page)
      await bench.enqueueMany(2, (i) => ({ delayMs: i === 0 ? 60_000 : 7_200_000 }))
    },
  },
  {
    view: 'running',
    made: 'running',
    change: async (bench, records, page) => {
      bench.clock.advance(5)
      await bench.turn({ touches: records.map(({ id, attempt }) => ({ id, attempt })) })
      await bench.settle(bench.complete(at(records, page * 3), 'any'))
      await bench.make('running')
    },
  },
  ...(['completed', 'failed', 'cancelled', 'expired'] as const).map((made) => ({
    view: made,
    made,
    change: async (bench: Bench, records: readonly TaskRecord[], page: number): Promise<void> => {
      await comeBack(bench, records, page)
      bench.clock.advance(5)
      await bench.make(made)
    },
  })),
]

function at(records: readonly TaskRecord[], index: number): string {
  const record = records[index]
  assert.ok(record !== undefined)
  return record.id
}

const walks: readonly Case[] = WALKS.flatMap(({ view, made, change }) =>
  (['asc', 'desc'] as const).map((order) => ({
    name: `D12: while others leave and arrive, ${view} shows every unchanged record exactly once, ${order}`,
    run: async (bench) => {
      const records: TaskRecord[] = []
      for (let i = 0; i < 20; i++) {
        if (i % 4 === 0) bench.clock.advance(1)
        records.push(await bench.make(made, { priority: i % 2 }))
      }
      const seen: string[] = []
      let page = 0
      for await (const shown of pagesOf((cursor) => bench.backend.list({ view, order, limit: 4, cursor }))) {
        seen.push(...ids(shown.records))
        if (page < 5) await change(bench, records, page)
        page += 1
      }
      const unchanged = ids(records.filter((_, i) => i % 3 !== 0))
      for (const id of unchanged) assert.equal(seen.filter((one) => one === id).length, 1, id)
    },
  })),
)

const BASE: ListQuery = { view: 'completed', queue: 'default', limit: 1 }

/** A cursor is good for the query that it was given for. */
const OTHERS: readonly (readonly [name: string, query: ListQuery])[] = [
  ['another view', { ...BASE, view: 'failed' }],
  ['another order', { ...BASE, order: 'asc' }],
  ['another queue', { ...BASE, queue: 'mail' }],
  ['all queues', { view: 'completed', limit: 1 }],
  ['another task', { ...BASE, taskName: 'other' }],
  ['another execution backend', { ...BASE, executionBackend: 'cloud' }],
  ['another kind of execution', { ...BASE, external: true }],
  ['another beginning', { ...BASE, since: 1 }],
]

const others: readonly Case[] = OTHERS.map(([name, query]) => ({
  name: `a cursor is refused by a query for ${name}`,
  run: async (bench) => {
    for (let i = 0; i < 3; i++) await bench.make('completed')
    const { cursor } = await bench.backend.list(BASE)
    await bench.expectError('invalid_argument', () => bench.backend.list({ ...query, cursor }), 'list.cursor')
    assert.equal((await bench.backend.list({ ...BASE, limit: 2, cursor })).records.length, 2)
  },
}))

const NO_CURSORS = ['0', 'x', '{}', '[]', 'AAAA', '%%%', '-1', 'null', '9'.repeat(5_000), '\u0000', '\ud800', '🙂']

const strangers: readonly Case[] = NO_CURSORS.map((cursor) => ({
  name: `${JSON.stringify(cursor).slice(0, 20)} is no cursor: refused, not taken for the beginning`,
  run: async (bench) => {
    await bench.enqueueMany(2)
    await bench.expectError('invalid_argument', () => bench.backend.list({ view: 'pending', cursor }), 'list.cursor')
  },
}))

export const paging: Group = {
  name: 'paging',
  cases: [
    ...walks,
    ...others,
    ...strangers,
    ...(['pending', 'next'] as const).map((view) => ({
      name: `D12: ${view} shows due records once, also while a claim puts them in their place between two pages`,
      run: async (bench: Bench) => {
        const due = await bench.enqueueMany(12, (i) => ({ delayMs: 1 + (i % 3), priority: i % 2 }))
        await bench.enqueueMany(6, (i) => ({ priority: i % 2 }))
        bench.clock.advance(10)
        const seen: string[] = []
        for await (const { records } of pagesOf((cursor) => bench.backend.list({ view, limit: 5, cursor }))) {
          seen.push(...ids(records))
          if (seen.length === 5) assert.equal((await bench.claim(1)).length, 1)
        }
        assert.equal(new Set(seen).size, seen.length)
        assert.deepEqual(
          ids(due).filter((id) => !seen.includes(id)),
          [],
        )
      },
    })),
    {
      name: 'a cursor of one client is good for the other',
      run: async (bench) => {
        const records = await bench.enqueueMany(4)
        const { cursor } = await bench.backend.list({ view: 'next', limit: 2 })
        const rest = await bench.second.list({ view: 'next', limit: 2, cursor })
        assert.deepEqual(ids(rest.records), ids(records.slice(2)))
      },
    },
    {
      name: 'a cursor holds its place when the record that it stands on is gone',
      run: async (bench) => {
        const records = await bench.enqueueMany(4)
        const { cursor } = await bench.backend.list({ view: 'pending', limit: 2 })
        await bench.backend.cancel({ ids: ids(records.slice(0, 2)) })
        const rest = await bench.backend.list({ view: 'pending', limit: 2, cursor })
        assert.deepEqual(ids(rest.records), ids(records.slice(2)))
      },
    },
    {
      name: 'a walk over running records is not disturbed by heartbeats',
      run: async (bench) => {
        const records = await bench.enqueueMany(6)
        const claimed = await bench.claim(6)
        const seen: string[] = []
        for await (const page of pagesOf((cursor) => bench.backend.list({ view: 'running', limit: 2, cursor }))) {
          seen.push(...ids(page.records))
          bench.clock.advance(1)
          await bench.turn({ touches: claimed.map(({ id, attempt }) => ({ id, attempt })) })
        }
        assert.deepEqual(seen, ids(records))
      },
    },
  ],
}
