import assert from 'node:assert/strict'
import type { Hint, TaskRecord, Watch, WatchRequest } from '@millrace/core'
import { DEFAULT_LINE, ids, present, STALE_AFTER_MS, type Bench, type RequestFields } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const WORK: Hint = { kind: 'work' }

/** A watch whose silence can be seen: one that waits before the act, and is then hinted first what `end` does, heard nothing of the act. */
interface Listener {
  readonly watch: Watch
  readonly end: () => Promise<Hint>
}

async function listen(
  bench: Bench,
  request: WatchRequest,
  backend: Bench['backend'] = bench.backend,
): Promise<Listener> {
  const { id } = await bench.enqueue({ queue: 'sentinel' })
  const watch = await backend.watch({ ...request, ids: [id] })
  const end = async (): Promise<Hint> => {
    await bench.cancel(id)
    return { kind: 'done', id }
  }
  return { watch, end }
}

/** A claimed record, whose line's marker was taken: the next work hint comes from what is done next. */
async function quietRunning(bench: Bench, watch: Watch, fields: RequestFields = {}): Promise<TaskRecord> {
  const { id } = await bench.enqueue({ maxRetries: 1, ...fields })
  assert.deepEqual(await watch.next(), WORK)
  return await bench.claimOne(id)
}

type Act = (bench: Bench, record: TaskRecord) => Promise<unknown>

const ACTS: readonly (readonly [name: string, act: Act])[] = [
  ['an enqueue', (bench) => bench.enqueue()],
  [
    'an enqueue that replaces',
    async (bench) => {
      await bench.enqueue({ key: 'k', queue: 'aside' })
      await bench.enqueue({ key: 'k', onConflict: 'replace' })
    },
  ],
  ['an enqueue of what is due since long', (bench) => bench.enqueue({ scheduledAt: 0 })],
  ['a scheduled record that becomes the earliest', (bench) => bench.enqueue({ delayMs: 60_000 })],
  ['a retry', (bench, { id, attempt }) => bench.settle(bench.fail(id, attempt, 0))],
  ['a retry with backoff', (bench, { id, attempt }) => bench.settle(bench.fail(id, attempt, 5_000))],
  ['a release', (bench, { id, attempt }) => bench.settle(bench.release(id, attempt))],
  ['a snooze of 0 ms', (bench, { id, attempt }) => bench.settle(bench.snooze(id, attempt, 0))],
  ['a snooze', (bench, { id, attempt }) => bench.settle(bench.snooze(id, attempt, 5_000))],
  [
    'a recovery',
    async (bench) => {
      bench.clock.advance(STALE_AFTER_MS + 1)
      await bench.second.sweep({ what: 'stale', staleAfterMs: STALE_AFTER_MS })
    },
  ],
  [
    'a replay',
    async (bench, { id, attempt }) => {
      await bench.settle(bench.complete(id, attempt))
      await bench.second.replay([{ id, attempt }])
    },
  ],
  [
    'a record that arrives from another execution backend',
    async (bench) => {
      const { id } = await bench.enqueue({ executionBackend: 'cloud' })
      await bench.second.assign([{ id, attempt: 0, executionRef: null, executionBackend: 'local' }])
    },
  ],
  [
    'a reservation given back',
    async (bench) => {
      const { id } = await bench.enqueue({ executionBackend: 'cloud' })
      await bench.second.assign([{ id, attempt: 0, executionRef: 'jobs/1', executionBackend: 'local' }])
      await bench.second.assign([{ id, attempt: 0, executionRef: null }])
    },
  ],
]

const acts: readonly Case[] = ACTS.flatMap(([name, act]) => [
  {
    name: `D18: ${name} is hinted to a watch that waits`,
    run: async (bench) => {
      const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
      const record = await quietRunning(bench, watch)
      const hint = watch.next()
      await act(bench, record)
      assert.deepEqual(await hint, WORK)
    },
  },
  {
    name: `D18: ${name} between arming and waiting is kept`,
    run: async (bench) => {
      const watch = await bench.second.watch({ lines: [DEFAULT_LINE] })
      const record = await quietRunning(bench, watch)
      await act(bench, record)
      assert.deepEqual(await watch.next(), WORK)
    },
  },
])

export const wakeups: Group = {
  name: 'wake-ups',
  cases: [
    ...acts,
    {
      name: 'D18: what was enqueued before the watch was armed is hinted',
      run: async (bench) => {
        await bench.enqueue()
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        assert.deepEqual(await watch.next(), WORK)
      },
    },
    {
      name: 'D18: a check that finds nothing, an enqueue, and then the wait',
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        assert.deepEqual(await bench.claim(), [])
        await bench.offer({}, bench.second)
        assert.deepEqual(await watch.next(), WORK)
        assert.equal((await bench.claim()).length, 1)
      },
    },
    {
      name: 'D19: one watch is woken again and again',
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        for (let i = 0; i < 50; i++) {
          const hint = watch.next()
          await bench.offer({}, i % 2 === 0 ? bench.backend : bench.second)
          assert.deepEqual(await hint, WORK)
          assert.equal((await bench.claim()).length, 1)
        }
      },
    },
    {
      name: 'a watch of several lines hears each of them',
      run: async (bench) => {
        const lines = ['a', 'b', 'c'].map((queue) => ({ ...DEFAULT_LINE, queue }))
        const watch = await bench.backend.watch({ lines })
        for (const { queue } of lines) {
          await bench.enqueue({ queue })
          assert.deepEqual(await watch.next(), WORK)
        }
      },
    },
    {
      name: 'D21: another queue and another execution backend are not hinted',
      run: async (bench) => {
        const { watch, end } = await listen(bench, { lines: [DEFAULT_LINE] })
        const waiting = watch.next()
        await bench.enqueue({ queue: 'default.other' })
        await bench.enqueue({ executionBackend: 'cloud' })
        const expected = await end()
        assert.deepEqual(await waiting, expected)
      },
    },
    {
      name: 'D21: what ends, or was handed to an external system, is no work and not hinted as such',
      run: async (bench) => {
        const [one, two, three] = [await bench.enqueue(), await bench.enqueue(), await bench.enqueue()]
        const { watch, end } = await listen(bench, { lines: [DEFAULT_LINE] })
        assert.deepEqual(await watch.next(), WORK)
        for (const { id } of [one, two]) await bench.claimOne(id)
        const waiting = watch.next()
        await bench.settle(bench.complete(one.id, 1))
        await bench.settle(bench.fail(two.id, 1))
        await bench.backend.assign([{ id: three.id, attempt: 0, executionRef: 'jobs/1' }])
        await bench.backend.assign([{ id: three.id, attempt: 0, executionRef: 'jobs/2' }])
        await bench.cancel(three.id)
        const expected = await end()
        assert.deepEqual(await waiting, expected)
      },
    },
    {
      name: 'D21: a scheduled record behind an earlier one is not hinted',
      run: async (bench) => {
        const { watch, end } = await listen(bench, { lines: [DEFAULT_LINE] })
        await bench.enqueue({ delayMs: 1_000 })
        assert.deepEqual(await watch.next(), WORK)
        const waiting = watch.next()
        await bench.enqueue({ delayMs: 2_000 })
        const expected = await end()
        assert.deepEqual(await waiting, expected)
      },
    },
    {
      name: 'D21: one record wakes one of two waiters, of one client and of two',
      run: async (bench) => {
        for (const backend of [bench.backend, bench.second]) {
          const line = { lines: [{ ...DEFAULT_LINE, queue: backend === bench.backend ? 'one' : 'two' }] }
          const both = [await listen(bench, line), await listen(bench, line, backend)]
          const hints = both.map(async ({ watch }, i) => ({ i, hint: await watch.next() }))
          await bench.enqueue({ queue: line.lines[0]?.queue ?? '' })
          const woken = await Promise.race(hints)
          assert.deepEqual(woken.hint, WORK)
          const [first, second] = [present(both[woken.i]), present(both[1 - woken.i])]
          const again = first.watch.next()
          const expected = [await first.end(), await second.end()]
          assert.deepEqual([await again, (await present(hints[1 - woken.i])).hint], expected)
        }
      },
    },
    {
      name: 'two records wake two waiters, the second at the latest by the first one\u2019s claim',
      run: async (bench) => {
        const watches = [
          await bench.backend.watch({ lines: [DEFAULT_LINE] }),
          await bench.second.watch({ lines: [DEFAULT_LINE] }),
        ]
        const hints = watches.map(async (watch, i) => ({ i, hint: await watch.next() }))
        await bench.enqueueMany(2)
        const first = await Promise.race(hints)
        assert.deepEqual(first.hint, WORK)
        const { more } = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } })
        assert.equal(more, true)
        assert.deepEqual((await present(hints[1 - first.i])).hint, WORK)
      },
    },
    {
      name: 'a claim that leaves more behind hints again',
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        await bench.enqueueMany(3)
        for (const left of [2, 1]) {
          assert.deepEqual(await watch.next(), WORK)
          const { more } = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } })
          assert.equal(more, left > 0)
        }
        assert.deepEqual(await watch.next(), WORK)
      },
    },
    {
      name: "a claim that stops at a line's own limit hints again, for those who may have more of it",
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        await bench.enqueueMany(2)
        assert.deepEqual(await watch.next(), WORK)
        const { records, more } = await bench.turn({ claim: { lines: [{ ...DEFAULT_LINE, limit: 1 }], limit: 5 } })
        assert.deepEqual([records.length, more], [1, false])
        assert.deepEqual(await watch.next(), WORK)
      },
    },
    {
      name: 'D20: a watch of nothing waits until it is closed, it does not answer at once',
      run: async (bench) => {
        const watch = await bench.backend.watch({})
        const other = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        const ended = watch.next().then((hint) => ({ from: 'nothing', hint }))
        const woken = other.next().then((hint) => ({ from: 'line', hint }))
        await bench.enqueue()
        assert.deepEqual(await Promise.race([ended, woken]), { from: 'line', hint: WORK })
        await watch.close()
        assert.deepEqual(await ended, { from: 'nothing', hint: null })
      },
    },
    {
      name: 'D18: 100 records enqueued by two clients while ten workers wait and claim are all found by hints alone',
      run: async (bench) => {
        const found: string[] = []
        const clients = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? bench.backend : bench.second))
        const watches = await Promise.all(clients.map((client) => client.watch({ lines: [DEFAULT_LINE] })))
        const workers = watches.map(async (watch, i) => {
          while ((await watch.next()) !== null) {
            const turn = { workerId: `worker-${i}`, claim: { lines: [DEFAULT_LINE], limit: 1 } }
            found.push(...ids((await bench.turn(turn, clients[i])).records))
            if (found.length === 100) for (const one of watches) await one.close()
          }
        })
        const { backend, second } = await bench.reopen()
        const offers = Array.from({ length: 100 }, (_, i) => bench.offer({}, i % 2 === 0 ? backend : second))
        const enqueued = (await Promise.all(offers)).map(({ record }) => record)
        await Promise.all(workers)
        assert.deepEqual(found.toSorted(), ids(enqueued))
      },
    },
  ],
}
