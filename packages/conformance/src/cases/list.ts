import assert from 'node:assert/strict'
import type { ListQuery, Status, TaskRecord } from '@millrace/core'
import { ids, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

type Shown = Exclude<Status, 'waiting'>
type By = (record: TaskRecord) => readonly (number | string)[]

const byExecution: By = ({ priority, queuedAt, id }) => [-priority, queuedAt, id]
const byId: By = ({ id }) => [id]
const byEnd: By = ({ completedAt, id }) => [completedAt ?? 0, id]

const VIEWS: readonly (readonly [view: Shown, by: By, defaultOrder: 'asc' | 'desc'])[] = [
  ['pending', byExecution, 'asc'],
  ['scheduled', ({ scheduledAt, id }) => [scheduledAt ?? 0, id], 'asc'],
  ['running', byId, 'asc'],
  ['completed', byEnd, 'desc'],
  ['failed', byEnd, 'desc'],
  ['cancelled', byEnd, 'desc'],
  ['expired', byEnd, 'desc'],
]

function sorted(records: readonly TaskRecord[], by: By): readonly string[] {
  const keyed = records.map((record) => ({ id: record.id, key: by(record) }))
  return ids(keyed.toSorted((a, b) => compare(a.key, b.key)))
}

function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [i, left] of a.entries()) {
    const right = b[i] ?? 0
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

/** Nine records of one status: three instants with three ties each, priorities mixed. */
async function nine(bench: Bench, status: Shown): Promise<readonly TaskRecord[]> {
  const made: TaskRecord[] = []
  for (let i = 0; i < 9; i++) {
    if (i % 3 === 0) bench.clock.advance(10)
    const delayMs = status === 'scheduled' ? { delayMs: 9_000 - 30 * Math.floor(i / 3) } : {}
    made.push(
      await bench.make(status, { priority: (i * 7) % 4, taskName: `task.${i % 2}`, queue: `q${i % 3}`, ...delayMs }),
    )
  }
  return made
}

const orders: readonly Case[] = VIEWS.flatMap(([view, by, defaultOrder]) => [
  {
    name: `${view} records are listed in their order, ${defaultOrder} by default, and desc is asc backwards`,
    run: async (bench) => {
      const expected = sorted(await nine(bench, view), by)
      assert.deepEqual(ids(await bench.listAll(view, { order: 'asc' })), expected)
      assert.deepEqual(ids(await bench.listAll(view, { order: 'desc' })), expected.toReversed())
      assert.deepEqual(await bench.listAll(view), await bench.listAll(view, { order: defaultOrder }))
    },
  },
  {
    name: `D12: pages of ${view} records meet without gap or repetition, also amid ties`,
    run: async (bench) => {
      await nine(bench, view)
      for (const order of ['asc', 'desc'] as const) {
        const whole = ids(await bench.listAll(view, { order }))
        for (const limit of [1, 2, 4]) assert.deepEqual(ids(await bench.listAll(view, { order, limit })), whole)
      }
    },
  },
  {
    name: `${view} records are filtered by queue, by task, and by both`,
    run: async (bench) => {
      const made = await nine(bench, view)
      const expect = async (query: Partial<ListQuery>, keep: (record: TaskRecord) => boolean): Promise<void> =>
        assert.deepEqual(ids(await bench.listAll(view, { limit: 2, ...query })).toSorted(), ids(made.filter(keep)))
      await expect({ queue: 'q1' }, ({ queue }) => queue === 'q1')
      await expect({ taskName: 'task.1' }, ({ taskName }) => taskName === 'task.1')
      await expect({ queue: 'q2', taskName: 'task.0' }, (one) => one.queue === 'q2' && one.taskName === 'task.0')
      await expect({ executionBackend: 'cloud' }, () => false)
    },
  },
])

export const list: Group = {
  name: 'list',
  cases: [
    ...orders,
    {
      name: 'what comes next is listed in the order in which it is then claimed',
      run: async (bench) => {
        await nine(bench, 'pending')
        const lines = ['q0', 'q1', 'q2'].map((queue) => ({ queue, executionBackend: 'local' }))
        const next = ids(await bench.listAll('next', { limit: 2 }))
        assert.deepEqual(next, ids(await bench.claim(9, { lines })))
      },
    },
    {
      name: 'due scheduled records stand among the pending ones, in both views, and no longer among the scheduled',
      run: async (bench) => {
        const due = await bench.enqueue({ delayMs: 10, priority: 1 })
        const now = await bench.enqueue()
        const later = await bench.enqueue({ delayMs: 11 })
        bench.clock.advance(10)
        for (const order of ['asc', 'desc'] as const) {
          assert.deepEqual(ids(await bench.listAll('scheduled', { order })), [later.id])
        }
        assert.deepEqual(ids(await bench.listAll('next')), [due.id, now.id])
        assert.deepEqual(ids(await bench.listAll('pending')), [due.id, now.id])
      },
    },
    {
      name: 'overdue and dispatched records are pending, but do not come next',
      run: async (bench) => {
        const overdue = await bench.enqueue({ expiresInMs: 1 })
        const dispatched = await bench.enqueue()
        const next = await bench.enqueue()
        await bench.backend.assign([{ id: dispatched.id, attempt: 0, executionRef: 'jobs/1' }])
        bench.clock.advance(2)
        assert.deepEqual(ids(await bench.listAll('pending')), [overdue.id, dispatched.id, next.id])
        assert.deepEqual(ids(await bench.listAll('next')), [next.id])
      },
    },
    {
      name: 'one line is shown by queue and execution backend together',
      run: async (bench) => {
        await bench.enqueueMany(2)
        await bench.enqueue({ queue: 'mail', executionBackend: 'cloud' })
        const { id } = await bench.enqueue({ executionBackend: 'cloud' })
        const line = { queue: 'default', executionBackend: 'cloud' }
        assert.deepEqual(ids(await bench.listAll('next', line)), [id])
        assert.deepEqual(ids(await bench.listAll('pending', line)), [id])
      },
    },
    {
      name: 'D13: since shows what ended at that instant or later',
      run: async (bench) => {
        const made = await nine(bench, 'completed')
        const since = made[4]?.completedAt ?? 0
        assert.deepEqual(ids(await bench.listAll('completed', { since, order: 'asc', limit: 2 })), ids(made.slice(3)))
        assert.deepEqual(await bench.listAll('completed', { since: bench.now + 1 }), [])
      },
    },
    {
      name: 'D41: a page of limit 0 is empty and keeps the place',
      run: async (bench) => {
        await bench.enqueueMany(3)
        assert.deepEqual(await bench.backend.list({ view: 'pending', limit: 0 }), { records: [], cursor: null })
        const { cursor } = await bench.backend.list({ view: 'pending', limit: 1 })
        assert.ok(cursor !== null)
        const none = await bench.backend.list({ view: 'pending', limit: 0, cursor })
        assert.deepEqual(none, { records: [], cursor })
      },
    },
    {
      name: 'a page holds 100 records unless told otherwise, and the last one has no cursor',
      run: async (bench) => {
        await bench.enqueueMany(150)
        const first = await bench.backend.list({ view: 'pending' })
        const second = await bench.backend.list({ view: 'pending', cursor: first.cursor })
        assert.deepEqual([first.records.length, second.records.length, second.cursor], [100, 50, null])
      },
    },
    {
      name: 'D12: a filter that matches few of 1500 records finds them all, over short pages',
      run: async (bench) => {
        await bench.enqueueMany(750, () => ({ priority: 1 }))
        await bench.enqueueMany(750, () => ({ priority: 1 }))
        const rare = await bench.enqueueMany(3, () => ({ taskName: 'rare' }))
        for (const view of ['pending', 'next'] as const) {
          const { records, cursor } = await bench.backend.list({ view, taskName: 'rare', limit: 2 })
          assert.deepEqual(records, [], 'a page examines at most 1000 records')
          assert.notEqual(cursor, null)
          assert.deepEqual(ids(await bench.listAll(view, { taskName: 'rare', limit: 2 })), ids(rare))
        }
        assert.equal((await bench.listAll('pending', { limit: 1_000 })).length, 1_503)
      },
    },
    {
      name: 'a page is a copy: what its reader does to it is not stored',
      run: async (bench) => {
        const { id } = await bench.enqueue({ args: [{ a: 1 }] })
        const [record] = await bench.listAll('pending')
        assert.ok(record !== undefined)
        Reflect.set(record, 'status', 'completed')
        Reflect.set(record.args, 0, 'changed')
        const again = await bench.get(id)
        assert.deepEqual([again.status, again.args], ['pending', [{ a: 1 }]])
      },
    },
  ],
}
