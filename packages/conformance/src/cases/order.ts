import assert from 'node:assert/strict'
import type { ClaimLine, TaskRecord } from '@millrace/core'
import { DEFAULT_LINE, ids, present, STALE_AFTER_MS, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const MAIL: ClaimLine = { queue: 'mail', executionBackend: 'local' }

/** The promise itself: priority, then the instant of becoming due, then the id. */
function inOrder(records: readonly TaskRecord[]): readonly string[] {
  const compare = (a: TaskRecord, b: TaskRecord): number =>
    b.priority - a.priority || a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1)
  return ids(records.toSorted(compare))
}

/** What `next` lists is what claims give, one by one. */
async function expectOrder(
  bench: Bench,
  expected: readonly string[],
  lines: readonly ClaimLine[] = [DEFAULT_LINE],
): Promise<void> {
  assert.deepEqual(ids(await bench.listAll('next')), expected)
  const claimed: string[] = []
  for (let i = 0; i < expected.length; i++) claimed.push(...ids(await bench.claim(1, { lines })))
  assert.deepEqual(claimed, expected)
}

/** How a record that ran comes back, and whether it stands before or behind what was enqueued meanwhile. */
const RETURNS: readonly {
  readonly name: string
  readonly behind: boolean
  readonly act: (bench: Bench, id: string) => Promise<unknown>
}[] = [
  {
    name: 'D29: retried work goes behind newer work',
    behind: true,
    act: (bench, id) => bench.settle(bench.fail(id, 1, 0)),
  },
  {
    name: 'snoozed work goes where its due time says',
    behind: true,
    act: (bench, id) => bench.settle(bench.snooze(id, 1, 0)),
  },
  {
    name: 'released work goes back to its old place',
    behind: false,
    act: (bench, id) => bench.settle(bench.release(id, 1)),
  },
  {
    name: 'recovered work goes behind newer work',
    behind: true,
    act: async (bench, id) => {
      await bench.beat([bench.touch(id, 1, { alive: false })])
      await bench.sweepStale()
    },
  },
  {
    name: 'replayed work goes behind newer work',
    behind: true,
    act: async (bench, id) => {
      await bench.settle(bench.complete(id, 1))
      await bench.replay(id, 1)
    },
  },
]

export const order: Group = {
  name: 'order',
  cases: [
    {
      name: 'first in, first out within one millisecond, in a batch',
      run: async (bench) => expectOrder(bench, ids(await bench.enqueueMany(100))),
    },
    {
      name: 'first in, first out within one millisecond, call by call',
      run: async (bench) => {
        const records: TaskRecord[] = []
        for (let i = 0; i < 30; i++) records.push(await bench.enqueue())
        await expectOrder(bench, ids(records))
      },
    },
    {
      name: 'within one millisecond the id decides, not the order of arrival',
      run: async (bench) => {
        const [first, second] = [bench.makeId(), bench.makeId()]
        await bench.enqueue({ id: second })
        await bench.enqueue({ id: first })
        await expectOrder(bench, [first, second])
      },
    },
    {
      name: 'the instant of becoming due decides before the id',
      run: async (bench) => {
        const [first, second] = [bench.makeId(), bench.makeId()]
        await bench.enqueue({ id: second })
        bench.clock.advance(1)
        await bench.enqueue({ id: first })
        await expectOrder(bench, [second, first])
      },
    },
    {
      name: 'a higher priority goes first, a negative one last',
      run: async (bench) => {
        const [low, zero, high, lowest] = await bench.enqueueMany(4, (i) => ({ priority: [-1, 0, 1, -2][i] ?? 0 }))
        await expectOrder(bench, ids([high, zero, low, lowest].map((record) => present(record))))
      },
    },
    ...([4_096, 4_095, -4_095, -4_096] as const).map((priority): Case => ({
      name: `at priority ${priority} one millisecond still decides`,
      run: async (bench) => {
        const records: TaskRecord[] = []
        for (let i = 0; i < 20; i++) {
          records.push(await bench.enqueue({ priority }))
          bench.clock.advance(1)
        }
        await expectOrder(bench, ids(records))
      },
    })),
    {
      name: 'neighbouring priorities never mix, however long the lower one waited',
      run: async (bench) => {
        const old = [await bench.enqueue({ priority: 4_095 }), await bench.enqueue({ priority: -4_096 })]
        bench.clock.advance(365 * 24 * 3_600_000)
        const young = [await bench.enqueue({ priority: 4_096 }), await bench.enqueue({ priority: -4_095 })]
        await expectOrder(bench, inOrder([...old, ...young]))
      },
    },
    ...RETURNS.map(({ name, behind, act }): Case => ({
      name,
      run: async (bench) => {
        const { id } = await bench.make('running', { maxRetries: 1 })
        bench.clock.advance(1)
        const newer = await bench.enqueue()
        bench.clock.advance(1)
        await act(bench, id)
        await expectOrder(bench, behind ? [newer.id, id] : [id, newer.id])
      },
    })),
    {
      name: 'due scheduled records take part exactly where their due time and priority say',
      run: async (bench) => {
        const records: TaskRecord[] = []
        for (let i = 0; i < 12; i++) {
          bench.clock.advance(1)
          records.push(await bench.enqueue({ priority: i % 2, ...(i % 3 === 0 ? {} : { delayMs: (i * 7) % 11 }) }))
        }
        bench.clock.advance(20)
        await expectOrder(bench, inOrder(records))
      },
    },
    {
      name: 'scheduled records go by when they are due, not by when they were enqueued',
      run: async (bench) => {
        const [late, early, middle] = await bench.enqueueMany(3, (i) => ({ delayMs: [300, 100, 200][i] ?? 0 }))
        bench.clock.advance(300)
        await expectOrder(bench, ids([early, middle, late].map((record) => present(record))))
      },
    },
    {
      name: 'a record that is not due holds nobody up',
      run: async (bench) => {
        await bench.enqueue({ delayMs: 100, priority: 9 })
        const { id } = await bench.enqueue()
        await expectOrder(bench, [id])
      },
    },
    {
      name: '200 records of mixed priority and time come in order, in claims of 7',
      run: async (bench) => {
        const records: TaskRecord[] = []
        for (let i = 0; i < 40; i++) {
          records.push(...(await bench.enqueueMany(5, (j) => ({ priority: ((i * 31 + j * 17) % 9) - 4 }))))
          bench.clock.advance(i % 3)
        }
        const claimed: string[] = []
        for (let taken = 7; taken > 0;) {
          const batch = ids(await bench.claim(7))
          claimed.push(...batch)
          taken = batch.length
        }
        assert.deepEqual(claimed, inOrder(records))
      },
    },
    {
      name: 'several lines are one order: by priority, then by time, then by id',
      run: async (bench) => {
        const records: TaskRecord[] = []
        for (let i = 0; i < 12; i++) {
          records.push(await bench.enqueue({ queue: i % 2 === 0 ? 'mail' : 'default', priority: i % 3 }))
          bench.clock.advance(i % 2)
        }
        assert.deepEqual(ids(await bench.claim(20, { lines: [MAIL, DEFAULT_LINE] })), inOrder(records))
      },
    },
    {
      name: "'listed' takes the lines as given, each in its own order, whatever their priorities",
      run: async (bench) => {
        const mails = await bench.enqueueMany(3, (i) => ({ ...MAIL, priority: i }))
        const others = await bench.enqueueMany(3, () => ({ priority: 9 }))
        const claim = { lines: [MAIL, DEFAULT_LINE], limit: 5, order: 'listed' } as const
        const { records, more } = await bench.turn({ claim })
        assert.deepEqual(ids(records), [...inOrder(mails), ...inOrder(others).slice(0, 2)])
        assert.equal(more, true)
      },
    },
    {
      name: 'a silent sweep does not change the order of what waits',
      run: async (bench) => {
        const records = await bench.enqueueMany(5)
        bench.clock.advance(STALE_AFTER_MS + 1)
        await bench.sweepStale()
        await bench.sweepExpired()
        await expectOrder(bench, ids(records))
      },
    },
  ],
}
