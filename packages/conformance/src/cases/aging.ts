import assert from 'node:assert/strict'
import type { ClaimLine, TaskRecord } from '@millrace/core'
import { DEFAULT_LINE, ids, present, STALE_AFTER_MS, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const MAIL: ClaimLine = { queue: 'mail', executionBackend: 'local' }
const STEP = 600_000
const STRICT = 1_000_000_000_000

/** The promise itself: what waited so long that it makes up for its priority goes first; ties by id. */
function inOrder(records: readonly TaskRecord[], step = STEP): readonly string[] {
  const score = ({ queuedAt, priority }: TaskRecord): number => queuedAt - priority * step
  return ids(records.toSorted((a, b) => score(a) - score(b) || (a.id < b.id ? -1 : 1)))
}

/** What `next` lists, in small pages too, is what claims give, one by one. */
async function expectOrder(
  bench: Bench,
  expected: readonly string[],
  lines: readonly ClaimLine[] = [DEFAULT_LINE],
): Promise<void> {
  assert.deepEqual(ids(await bench.listAll('next')), expected)
  assert.deepEqual(ids(await bench.listAll('next', { limit: 2 })), expected)
  assert.deepEqual(ids(await bench.listAll('pending', { limit: 3, order: 'desc' })), expected.toReversed())
  const claimed: string[] = []
  for (let i = 0; i < expected.length; i++) claimed.push(...ids(await bench.claim(1, { lines })))
  assert.deepEqual(claimed, expected)
}

/** Records of mixed priorities over an hour and a half. */
async function mixed(bench: Bench, queue: (i: number) => string = () => 'default'): Promise<readonly TaskRecord[]> {
  const records: TaskRecord[] = []
  for (let i = 0; i < 24; i++) {
    records.push(await bench.enqueue({ queue: queue(i), priority: ((i * 7) % 11) - 5 }))
    bench.clock.advance((i * 131_071) % 400_000)
  }
  return records
}

const aged = (name: string, run: Case['run'], aging: number = STEP): Case => ({ name, aging, run })

/** How a record comes back that ran: it stands where its own time and priority say. */
const RETURNS: readonly (readonly [what: string, act: (bench: Bench, id: string) => Promise<unknown>])[] = [
  ['is retried', (bench, id) => bench.settle(bench.fail(id, 1, 0))],
  ['is snoozed', (bench, id) => bench.settle(bench.snooze(id, 1, 0))],
  ['is released', (bench, id) => bench.settle(bench.release(id, 1))],
  [
    'is recovered',
    async (bench, id) => {
      await bench.beat([bench.touch(id, 1, { alive: false })])
      await bench.second.sweep({ what: 'stale', staleAfterMs: STALE_AFTER_MS })
    },
  ],
  [
    'is replayed',
    async (bench, id) => {
      await bench.settle(bench.complete(id, 1))
      await bench.second.replay([{ id, attempt: 1 }])
    },
  ],
  [
    'comes from another execution backend',
    async (bench, id) => {
      await bench.settle(bench.release(id, 1))
      for (const executionBackend of ['cloud', 'local'])
        await bench.second.assign([{ id, attempt: 1, executionRef: null, executionBackend }])
    },
  ],
]

export const aging: Group = {
  name: 'aging',
  cases: [
    aged('a record that waited longer than one step goes before a new one of the next priority', async (bench) => {
      const low = await bench.enqueue({ priority: 0 })
      bench.clock.advance(STEP + 1)
      const high = await bench.enqueue({ priority: 1 })
      await expectOrder(bench, ids([low, high]))
    }),
    aged('one that waited not quite so long goes behind it', async (bench) => {
      const low = await bench.enqueue({ priority: 0 })
      bench.clock.advance(STEP - 1)
      const high = await bench.enqueue({ priority: 1 })
      await expectOrder(bench, ids([high, low]))
    }),
    aged('where waiting and priority come to the same, the id decides', async (bench) => {
      const low = await bench.enqueue({ priority: -3 })
      bench.clock.advance(3 * STEP)
      const high = await bench.enqueue({ priority: 0 })
      await expectOrder(bench, ids([low, high]))
    }),
    aged('the lowest priority is not starved by a stream of the highest', async (bench) => {
      const { id } = await bench.enqueue({ priority: -4_096 })
      bench.clock.advance(8_192 * STEP + 1)
      await bench.enqueueMany(50, () => ({ priority: 4_096 }))
      assert.deepEqual(ids(await bench.claim(1)), [id])
    }),
    aged('mixed priorities and times come in order', async (bench) => {
      await expectOrder(bench, inOrder(await mixed(bench)))
    }),
    aged('several lines are one order', async (bench) => {
      const records = await mixed(bench, (i) => (i % 3 === 0 ? 'mail' : 'default'))
      assert.deepEqual(ids(await bench.claim(30, { lines: [MAIL, DEFAULT_LINE] })), inOrder(records))
    }),
    aged('several lines are one order, record by record', async (bench) => {
      const records = await mixed(bench, (i) => (i % 3 === 0 ? 'mail' : 'default'))
      await expectOrder(bench, inOrder(records), [MAIL, DEFAULT_LINE])
    }),
    aged('due scheduled records take part where their due time and priority say', async (bench) => {
      const records: TaskRecord[] = []
      for (let i = 0; i < 12; i++) {
        bench.clock.advance(STEP / 3)
        records.push(
          await bench.enqueue({ priority: i % 4, ...(i % 2 === 0 ? {} : { delayMs: Math.floor((i * STEP) / 7) }) }),
        )
      }
      bench.clock.advance(3 * STEP)
      await expectOrder(bench, inOrder(records))
    }),
    aged('a batch of a single script, and one of several, stand as each record does', async (bench) => {
      const first = await bench.enqueueMany(250, (i) => ({ priority: i % 3 }))
      bench.clock.advance(STEP + 1)
      const second = await bench.enqueueMany(20, (i) => ({ priority: i % 4, key: `k${i}` }))
      assert.deepEqual(ids(await bench.claim(270)), inOrder([...first, ...second]))
    }),
    ...RETURNS.map(([what, act]) =>
      aged(`one that ${what} stands where its time and priority say`, async (bench) => {
        const { id } = await bench.enqueue({ maxRetries: 1 })
        await bench.claimOne(id)
        bench.clock.advance(STEP)
        const others = [await bench.enqueue({ priority: -2 }), await bench.enqueue({ priority: 2 })]
        await act(bench, id)
        bench.clock.advance(STEP / 2)
        const late = await bench.enqueue({ priority: 1 })
        await expectOrder(bench, inOrder([await bench.get(id), ...others, late]))
      }),
    ),
    aged(
      'the shortest step orders by time, but for a millisecond per priority',
      async (bench) => {
        const records = [await bench.enqueue({ priority: 3 })]
        for (const priority of [4, 9, -1, 0]) {
          bench.clock.advance(1)
          records.push(await bench.enqueue({ priority }))
        }
        await expectOrder(bench, inOrder(records, 1))
      },
      1,
    ),
    aged(
      'the longest step is exact to the millisecond at both ends',
      async (bench) => {
        const records: TaskRecord[] = []
        for (let i = 0; i < 6; i++) {
          records.push(await bench.enqueue({ priority: 4_096 }), await bench.enqueue({ priority: -4_096 }))
          bench.clock.advance(1)
        }
        await expectOrder(bench, inOrder(records, STRICT))
      },
      STRICT,
    ),
    aged('statistics tell how long the oldest has been due, also behind younger ones', async (bench) => {
      await bench.enqueue({ priority: -1 })
      bench.clock.advance(10)
      await bench.enqueueMany(20, (i) => ({ priority: i }))
      bench.clock.advance(STEP)
      assert.equal((await bench.second.statistics()).queues[0]?.oldestDueMs, STEP + 10)
    }),
    aged('the audit knows the order, and mends an index by it', async (bench) => {
      const records = await mixed(bench)
      await bench.break.forgetIndex(present(records[3]).id)
      assert.equal((await bench.violations(true)).length, 1)
      await bench.expectCleanAudit()
      await expectOrder(bench, inOrder(records))
    }),
    aged('a client that was told nothing follows what the namespace has', async (bench) => {
      const low = await bench.enqueue({ priority: 0 })
      const { backend } = await bench.reopen(bench.namespace, {})
      bench.clock.advance(STEP + 1)
      const high = await bench.offer({ priority: 1 }, backend)
      await expectOrder(bench, [low.id, high.record.id])
    }),
    aged('a client that was told another one cannot open, and the error names both', async (bench) => {
      await bench.enqueue()
      for (const other of [STEP - 1, 2 * STEP]) {
        const { backend } = await bench.reopen(bench.namespace, { aging: other })
        const error = await bench.expectError('version_mismatch', () => backend.open(), 'aging')
        assert.match(error.message, new RegExp(`\\b${STEP}\\b.*\\b${other}\\b`))
        assert.deepEqual([error.retryable, error.indeterminate], [false, false])
      }
    }),
    aged(
      'a client that opened before anything was written is refused its first enqueue if another one was faster',
      async (bench) => {
        const { backend } = await bench.reopen(bench.namespace, { aging: 2 * STEP })
        await backend.open()
        const { id } = await bench.enqueue()
        for (const fields of [{}, { key: 'k' }]) {
          await bench.expectError('version_mismatch', () => bench.offer(fields, backend), 'aging')
        }
        assert.deepEqual(ids(await bench.listAll('pending')), [id])
        assert.equal((await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } }, backend)).records.length, 1)
      },
    ),
    aged('after everything was destroyed whoever writes first decides anew', async (bench) => {
      await bench.enqueue()
      await bench.backend.destroy()
      const { backend } = await bench.reopen(bench.namespace, { aging: 2 * STEP })
      const low = await bench.offer({ priority: 0 }, backend)
      await bench.expectError('version_mismatch', () => bench.enqueue(), 'aging')
      bench.clock.advance(2 * STEP - 1)
      const high = await bench.offer({ priority: 1 }, backend)
      const claim = { lines: [DEFAULT_LINE], limit: 2 }
      assert.deepEqual(ids((await bench.turn({ claim }, backend)).records), [high.record.id, low.record.id])
      await backend.destroy()
    }),
    {
      name: 'a namespace whose first enqueue was told of no aging has none for its life',
      run: async (bench) => {
        const low = await bench.enqueue({ priority: 0 })
        const { backend } = await bench.reopen(bench.namespace, { aging: STEP })
        const error = await bench.expectError('version_mismatch', () => backend.open(), 'aging')
        assert.match(error.message, /no aging/)
        bench.clock.advance(100 * STEP)
        const high = await bench.enqueue({ priority: 1 })
        await expectOrder(bench, ids([high, low]))
      },
    },
    {
      name: 'what reads, claims or pauses before the first enqueue decides nothing',
      run: async (bench) => {
        await bench.claim()
        await bench.backend.controls.pause(['mail'])
        await bench.backend.statistics()
        const { backend } = await bench.reopen(bench.namespace, { aging: STEP })
        const low = await bench.offer({ priority: 0 }, backend)
        bench.clock.advance(STEP + 1)
        const high = await bench.enqueue({ priority: 1 })
        await expectOrder(bench, [low.record.id, high.id])
      },
    },
  ],
}
