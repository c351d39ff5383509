import assert from 'node:assert/strict'
import type { Hint, TaskRecord, WatchRequest } from '@millrace/core'
import { DEFAULT_LINE, STALE_AFTER_MS, type Bench, type RequestFields } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const CONTROL: Hint = { kind: 'control' }

function done(id: string): Hint {
  return { kind: 'done', id }
}

type Act = (bench: Bench, record: TaskRecord) => Promise<unknown>

interface End {
  readonly name: string
  readonly from: 'pending' | 'running' | 'scheduled'
  readonly fields?: RequestFields
  readonly act: Act
}

/** Every way to a terminal status. */
const ENDS: readonly End[] = [
  { name: 'completed', from: 'running', act: (bench, { id, attempt }) => bench.settle(bench.complete(id, attempt)) },
  { name: 'failed', from: 'running', act: (bench, { id, attempt }) => bench.settle(bench.fail(id, attempt)) },
  { name: 'cancelled while pending', from: 'pending', act: ({ second }, { id }) => second.cancel({ ids: [id] }) },
  { name: 'cancelled while scheduled', from: 'scheduled', act: ({ second }, { id }) => second.cancel({ ids: [id] }) },
  {
    name: 'cancelled while running',
    from: 'running',
    act: ({ second }, { id }) => second.cancel({ ids: [id], includeRunning: true }),
  },
  {
    name: 'replaced',
    from: 'pending',
    fields: { key: 'k' },
    act: (bench) => bench.offer({ key: 'k', onConflict: 'replace' }),
  },
  {
    name: 'expired by the sweep',
    from: 'pending',
    fields: { expiresInMs: 1 },
    act: async ({ clock, second }) => {
      clock.advance(2)
      await second.sweep({ what: 'expired' })
    },
  },
  {
    name: 'expired on the way of a claim',
    from: 'pending',
    fields: { expiresInMs: 1 },
    act: async (bench) => {
      bench.clock.advance(2)
      await bench.claim()
    },
  },
  {
    name: 'given up as stale',
    from: 'running',
    fields: { requeueOnStale: false },
    act: async ({ clock, second }) => {
      clock.advance(STALE_AFTER_MS + 1)
      await second.sweep({ what: 'stale', staleAfterMs: STALE_AFTER_MS })
    },
  },
]

const ends: readonly Case[] = ENDS.map(({ name, from, fields, act }) => ({
  name: `D21: a record that is ${name} is hinted to everyone who waits for it`,
  run: async (bench) => {
    const record = await bench.make(from, fields)
    const watches = [bench.backend, bench.backend, bench.second].map((one) => one.watch({ ids: [record.id] }))
    const [early, ...late] = await Promise.all(watches)
    const hint = early?.next()
    await act(bench, record)
    assert.deepEqual(await hint, done(record.id))
    for (const watch of late) assert.deepEqual(await watch.next(), done(record.id))
  },
}))

const LOST: readonly (readonly [name: string, request: (id: string) => WatchRequest, hint: (id: string) => Hint])[] = [
  ['its lines', () => ({ lines: [DEFAULT_LINE] }), () => ({ kind: 'work' })],
  ['each of its records', (id) => ({ ids: [id] }), done],
  ['its worker', () => ({ workerId: 'worker-1' }), () => CONTROL],
]

const lost: readonly Case[] = LOST.flatMap(([name, request, hint]) => [
  {
    name: `after a lost connection a waiting watch is hinted for ${name}: it may have missed something`,
    run: async (bench) => {
      const { id } = await bench.enqueue({ queue: 'aside' })
      const watch = await bench.backend.watch(request(id))
      const waiting = watch.next()
      await bench.break.dropConnections()
      assert.deepEqual(await waiting, hint(id))
    },
  },
  {
    name: `a connection lost between arming and waiting is hinted for ${name}`,
    run: async (bench) => {
      const { id } = await bench.enqueue({ queue: 'aside' })
      const watch = await bench.backend.watch(request(id))
      await bench.break.dropConnections()
      assert.deepEqual(await watch.next(), hint(id))
      const further = watch.next()
      await watch.close()
      assert.deepEqual((await further) ?? hint(id), hint(id))
    },
  },
])

export const hints: Group = {
  name: 'hints',
  cases: [
    ...ends,
    ...lost,
    {
      name: 'a record that has ended already is hinted at once',
      run: async (bench) => {
        const { id } = await bench.make('completed')
        assert.deepEqual(await (await bench.backend.watch({ ids: [id] })).next(), done(id))
      },
    },
    {
      name: 'a record that does not exist is hinted at once: nobody waits for ever',
      run: async (bench) => {
        const id = bench.makeId()
        assert.deepEqual(await (await bench.backend.watch({ ids: [id] })).next(), done(id))
      },
    },
    {
      name: 'the removal of a record is hinted',
      run: async (bench) => {
        const { id } = await bench.make('completed')
        const watch = await bench.backend.watch({ ids: [id] })
        assert.deepEqual(await watch.next(), done(id))
        const olderThanMs = bench.backend.capabilities.resendWindowMs
        bench.clock.advance(olderThanMs + 1)
        await bench.second.sweep({ what: 'finished', olderThanMs })
        assert.deepEqual(await watch.next(), done(id))
      },
    },
    {
      name: 'destroy hints the end of what it removes',
      run: async (bench) => {
        const { id } = await bench.make('running')
        const watch = await bench.second.watch({ ids: [id] })
        await bench.backend.destroy()
        assert.deepEqual(await watch.next(), done(id))
      },
    },
    {
      name: 'D17: a record that a claim finds unreadable has ended for those who wait for it',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const watch = await bench.second.watch({ ids: [id] })
        await bench.break.writeGarbage(id)
        await bench.claim()
        assert.deepEqual(await watch.next(), done(id))
        await bench.backend.destroy()
      },
    },
    {
      name: 'each of many records that are waited for is hinted',
      run: async (bench) => {
        const records = await bench.enqueueMany(20)
        const watch = await bench.backend.watch({ ids: records.map(({ id }) => id) })
        await bench.second.cancel({ ids: records.map(({ id }) => id) })
        const seen = new Set<string>()
        while (seen.size < 20) {
          const hint = await watch.next()
          assert.ok(hint?.kind === 'done')
          seen.add(hint.id)
        }
        assert.deepEqual(
          [...seen].toSorted(),
          records.map(({ id }) => id),
        )
      },
    },
    {
      name: 'a retry, a release and the end of another record are not hinted as an end',
      run: async (bench) => {
        const { id } = await bench.enqueue({ maxRetries: 1 })
        const sentinel = await bench.enqueue({ queue: 'aside' })
        const other = await bench.make('running')
        const watch = await bench.backend.watch({ ids: [id, sentinel.id] })
        const waiting = watch.next()
        await bench.settle(bench.complete(other.id, other.attempt))
        await bench.settle(bench.fail(id, (await bench.claimOne(id)).attempt, 0))
        await bench.settle(bench.release(id, (await bench.claimOne(id)).attempt))
        await bench.cancel(sentinel.id)
        assert.deepEqual(await waiting, done(sentinel.id))
        await bench.settle(bench.complete(id, (await bench.claimOne(id)).attempt))
        assert.deepEqual(await watch.next(), done(id))
      },
    },
    {
      name: 'D31: a worker is told to beat when what it runs is cancelled; others are not told',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const sentinel = await bench.enqueue({ queue: 'aside' })
        await bench.claimOne(id, { workerId: 'worker-1' })
        const holder = await bench.backend.watch({ workerId: 'worker-1' })
        const other = await bench.second.watch({ workerId: 'worker-2', ids: [sentinel.id] })
        const [told, untold] = [holder.next(), other.next()]
        await bench.second.cancel({ ids: [id], includeRunning: true })
        assert.deepEqual(await told, CONTROL)
        await bench.cancel(sentinel.id)
        assert.deepEqual(await untold, done(sentinel.id))
      },
    },
    {
      name: 'D31: a cancellation between arming and waiting is kept for the worker',
      run: async (bench) => {
        const { id } = await bench.make('running')
        const watch = await bench.backend.watch({ workerId: 'worker-1' })
        await bench.second.cancel({ ids: [id], includeRunning: true })
        assert.deepEqual(await watch.next(), CONTROL)
      },
    },
    {
      name: 'the cancellation of what only waits tells no worker',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const sentinel = await bench.enqueue({ queue: 'aside' })
        const watch = await bench.backend.watch({ workerId: 'worker-1', ids: [sentinel.id] })
        const waiting = watch.next()
        await bench.cancel(id, { includeRunning: true })
        await bench.cancel(sentinel.id)
        assert.deepEqual(await waiting, done(sentinel.id))
      },
    },
    {
      name: 'one watch hears work, ends and its worker',
      run: async (bench) => {
        const { id } = await bench.make('running')
        const watch = await bench.backend.watch({
          lines: [{ ...DEFAULT_LINE, queue: 'mail' }],
          ids: [id],
          workerId: 'worker-1',
        })
        await bench.second.cancel({ ids: [id], includeRunning: true })
        await bench.offer({ queue: 'mail' }, bench.second)
        const kinds = [await watch.next(), await watch.next(), await watch.next()].map((hint) => hint?.kind)
        assert.deepEqual(new Set(kinds), new Set(['control', 'done', 'work']))
      },
    },
    {
      name: 'what happened while the connection was away is found after the hint',
      run: async (bench) => {
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        await bench.break.dropConnections()
        await bench.offer({}, bench.second)
        assert.deepEqual(await watch.next(), { kind: 'work' })
        assert.equal((await bench.claim()).length, 1)
        const waiting = watch.next()
        await bench.offer({}, bench.second)
        assert.deepEqual(await waiting, { kind: 'work' })
      },
    },
  ],
}
