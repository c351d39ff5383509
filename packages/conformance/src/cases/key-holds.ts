import assert from 'node:assert/strict'
import type { KeyHold } from '@millrace/core'
import { ids, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'
import { BLOCKS, cleanUp, held, HOLDS, KEY, REFERENCE, removed, STATES } from './held-keys.ts'

/** Every status and every hold: whether others are kept off, and with what answer. */
const table = STATES.flatMap(({ name, place, make }) =>
  HOLDS.map((hold): Case => {
    const blocks = BLOCKS[place].includes(hold)
    const answer = blocks ? (place === 'is gone' ? 'reserved' : 'existing') : 'created'
    return {
      name: `a key held ${said(hold)}, whose record is ${name}: ${answer}`,
      run: async (bench) => {
        const before = await make(bench, held(hold))
        const result = await bench.ask({ ...KEY, priority: 5 })
        if (answer === 'existing') assert.deepEqual(result, { outcome: 'existing', record: before })
        if (answer === 'reserved')
          assert.deepEqual(result, { outcome: 'reserved', record: null, id: before.id, taskName: before.taskName })
        if (answer === 'created') assert.deepEqual([result.outcome, result.record?.priority], ['created', 5])
        const [holder] = await bench.second.getByKey([REFERENCE])
        assert.deepEqual(holder, answer === 'reserved' ? null : result.record)
        if (place !== 'is gone') await bench.expectChange(before, {})
      },
    }
  }),
)

function said(hold: KeyHold): string {
  return hold === 'window'
    ? 'for a window'
    : hold === 'untilStart'
      ? 'until the start'
      : hold === 'active'
        ? 'while active'
        : hold
}

/** Whatever became of the record. */
const windows = STATES.map(({ name, make }): Case => ({
  name: `a window whose record is ${name} ends at its instant, and not a millisecond earlier`,
  run: async (bench) => {
    const end = bench.now + 2 * bench.backend.capabilities.resendWindowMs + 120_000
    await make(bench, held('window', end - bench.now))
    bench.clock.advance(end - 1 - bench.now)
    const { outcome } = await bench.ask(KEY)
    assert.ok(outcome === 'existing' || outcome === 'reserved', `it was ${outcome}`)
    bench.clock.advance(1)
    assert.equal((await bench.ask(KEY)).outcome, 'created')
  },
}))

export const keyHolds: Group = {
  name: 'key holds',
  cases: [
    ...table,
    ...windows,
    ...HOLDS.flatMap((hold): readonly Case[] => [
      {
        name: `a record shows that it holds its key ${said(hold)}`,
        run: async (bench) => {
          for (const keyScope of ['task', 'namespace'] as const) {
            const { id } = await bench.enqueue({ ...held(hold), keyScope })
            const { key, keyHold, keyScope: scope } = await bench.get(id, bench.second)
            assert.deepEqual([key, keyHold, scope], [KEY.key, hold, keyScope])
          }
        },
      },
      {
        name: `of 100 racing producers of one key held ${said(hold)} one creates, and the others are answered with its record`,
        run: async (bench) => {
          const results = await bench.race(100, (backend) => bench.offer(held(hold), backend))
          const [created, ...more] = results.filter(({ outcome }) => outcome === 'created')
          assert.deepEqual(more, [])
          const others = results.filter((result) => result !== created)
          for (const { outcome, record } of others) assert.deepEqual([outcome, record], ['existing', created?.record])
          assert.deepEqual(ids(await bench.listAll('pending')), [created?.record.id])
        },
      },
      {
        name: `two requests in one batch for a key held ${said(hold)}: the second is answered with the first`,
        run: async (bench) => {
          const requests = [bench.request(held(hold)), bench.request(), bench.request(held(hold))]
          const results = await bench.backend.enqueue(requests)
          assert.deepEqual(
            results.map(({ outcome, record }) => [outcome, record?.id]),
            [
              ['created', requests[0]?.id],
              ['created', requests[1]?.id],
              ['existing', requests[0]?.id],
            ],
          )
        },
      },
      {
        name: `a lost reply of an enqueue with a key held ${said(hold)}: the same id answers the same, whatever happened since`,
        run: async (bench) => {
          const request = bench.request(held(hold))
          const enqueued = async (): Promise<unknown> => (await bench.backend.enqueue([request]))[0]
          const first = await bench.resend(enqueued)
          assert.deepEqual(first, { outcome: 'created', record: await bench.get(request.id) })
          const { attempt } = await bench.claimOne(request.id)
          await bench.settle(bench.complete(request.id, attempt))
          assert.deepEqual(await enqueued(), { outcome: 'created', record: await bench.get(request.id) })
        },
      },
      {
        name: `a key held ${said(hold)} is one for all tasks where it is the namespace's`,
        run: async (bench) => {
          const common = { ...held(hold), keyScope: 'namespace' } as const
          const record = await bench.enqueue({ ...common, taskName: 'task.one' })
          const other = { ...common, taskName: 'task.two', onConflict: 'replace' } as const
          assert.deepEqual(await bench.ask(other), { outcome: 'existing', record })
          assert.equal((await bench.ask({ ...common, keyScope: 'task', taskName: 'task.two' })).outcome, 'created')
        },
      },
    ]),
    {
      name: 'a reservation whose record is gone still tells whose it is',
      run: async (bench) => {
        const fields = { ...held('forever'), keyScope: 'namespace', taskName: 'task.one' } as const
        const { id } = await removed(bench, fields)
        const answer = await bench.ask({ ...KEY, keyScope: 'namespace', taskName: 'task.two' })
        assert.deepEqual(answer, { outcome: 'reserved', record: null, id, taskName: 'task.one' })
      },
    },
    {
      name: 'neither the end of a record nor its cleanup lengthens or shortens a window',
      run: async (bench) => {
        const { resendWindowMs } = bench.backend.capabilities
        const { id } = await bench.make('running', held('window', 3 * resendWindowMs))
        bench.clock.advance(resendWindowMs)
        await bench.settle(bench.complete(id, 1))
        bench.clock.advance(resendWindowMs + 1)
        assert.deepEqual((await bench.sweepFinished()).removed, [id])
        bench.clock.advance(resendWindowMs - 2)
        assert.equal((await bench.ask(KEY)).outcome, 'reserved')
        bench.clock.advance(1)
        assert.equal((await bench.ask(KEY)).outcome, 'created')
      },
    },
    {
      name: 'once its window is over, a key goes with its record',
      run: async (bench) => {
        await bench.make('completed', held('window', 1_000))
        await cleanUp(bench)
        assert.equal((await bench.backend.audit()).examined, 0)
      },
    },
    {
      name: 'P9: a window that was not over when its record went is cleaned up once it is, also where nothing else is left',
      run: async (bench) => {
        await removed(bench, held('window', bench.backend.capabilities.resendWindowMs + 1_000))
        assert.equal((await bench.backend.audit()).examined, 1)
        bench.clock.advance(998)
        await bench.sweepFinished()
        assert.equal((await bench.ask(KEY)).outcome, 'reserved')
        bench.clock.advance(1)
        assert.deepEqual(await bench.sweepFinished({ queues: ['default'] }), NOTHING)
        assert.equal((await bench.backend.audit()).examined, 1)
        assert.deepEqual(await bench.sweepFinished(), NOTHING)
        assert.equal((await bench.backend.audit()).examined, 0)
      },
    },
    {
      name: 'ended windows are cleaned up in bounded steps, behind the records',
      run: async (bench) => {
        const { resendWindowMs } = bench.backend.capabilities
        const window = { keyHold: 'window', keyWindowMs: resendWindowMs + 1_000 } as const
        const records = await bench.enqueueMany(450, (i) => ({ key: `order-${i}`, ...window }))
        await bench.backend.cancel({ ids: ids(records) })
        await cleanUp(bench)
        const late = await bench.make('cancelled')
        bench.clock.advance(resendWindowMs + 1)
        assert.deepEqual(await bench.sweepFinished({ limit: 1 }), { ...NOTHING, removed: [late.id], more: true })
        assert.deepEqual(await bench.sweepFinished({ limit: 250 }), { ...NOTHING, more: true })
        assert.equal((await bench.backend.audit()).examined, 200)
        assert.deepEqual(await bench.sweepFinished({ limit: 250 }), NOTHING)
        assert.equal((await bench.backend.audit()).examined, 0)
      },
    },
    {
      name: 'a key that was taken again after its window outlasts the cleanup of that window',
      run: async (bench) => {
        await removed(bench, held('window', bench.backend.capabilities.resendWindowMs + 1_000))
        bench.clock.advance(1_000)
        const { record } = await bench.offer(held('forever'))
        await bench.sweepFinished()
        assert.deepEqual(await bench.ask(KEY), { outcome: 'existing', record })
      },
    },
    {
      name: 'forever is for ever: no cleanup frees it, destroy does',
      run: async (bench) => {
        await removed(bench, held('forever'))
        bench.clock.advance(365 * 86_400_000)
        await bench.sweepFinished()
        assert.equal((await bench.ask(KEY)).outcome, 'reserved')
        await bench.backend.destroy()
        assert.equal((await bench.ask(KEY)).outcome, 'created')
      },
    },
    ...(['window', 'forever'] as const).flatMap((hold): readonly Case[] => [
      {
        name: `a key held ${said(hold)} keeps others off also where its record has vanished, and the audit mends it`,
        run: async (bench) => {
          const { id, taskName } = await bench.enqueue(held(hold))
          await bench.break.forgetRecord(id)
          assert.deepEqual(await bench.ask(KEY), { outcome: 'reserved', record: null, id, taskName })
          await bench.violations(true)
        },
      },
      {
        name: `a key held ${said(hold)} keeps others off also where its record cannot be read`,
        run: async (bench) => {
          const { id, taskName } = await bench.enqueue(held(hold))
          await bench.break.writeGarbage(id)
          assert.deepEqual(await bench.ask(KEY), { outcome: 'reserved', record: null, id, taskName })
          await bench.backend.destroy()
        },
      },
    ]),
    {
      name: 'D4: a key held until the start whose record is gone is free',
      run: async (bench) => {
        const { id } = await bench.enqueue(held('untilStart'))
        await bench.break.forgetRecord(id)
        assert.equal((await bench.ask(KEY)).outcome, 'created')
        await bench.violations(true)
      },
    },
    {
      name: 'a vanished record leaves its window to be cleaned up once the audit has listed it',
      run: async (bench) => {
        const { id } = await bench.enqueue(held('window', 5_000))
        await bench.break.forgetRecord(id)
        await bench.violations(true)
        assert.equal((await bench.ask(KEY)).outcome, 'reserved')
        bench.clock.advance(5_000)
        await bench.sweepFinished()
        assert.equal((await bench.backend.audit()).examined, 0)
      },
    },
    replayed('active', 'takes its key again', 'existing'),
    replayed('untilStart', 'comes back without its key', 'created'),
    {
      name: 'a record that held its key while active is not replayed while a window or forever has it: key_taken',
      run: async (bench) => {
        for (const hold of ['window', 'forever'] as const) {
          const key = { key: hold }
          const old = await bench.make('failed', { ...held('active'), ...key })
          await bench.make('completed', { ...held(hold, 1_000), ...key })
          const answer = { id: old.id, outcome: 'key_taken', status: 'failed' } as const
          assert.deepEqual(await bench.unchanged(old.id, () => bench.replay(old.id, old.attempt)), answer)
          if (hold === 'window') bench.clock.advance(1_000)
          if (hold === 'window') assert.equal((await bench.replay(old.id, old.attempt)).outcome, 'ok')
        }
      },
    },
    {
      name: 'a record that held its key until the start, for a window or for ever is replayed whoever has it now',
      run: async (bench) => {
        for (const hold of ['untilStart', 'window', 'forever'] as const) {
          const key = { key: hold }
          const old = await bench.make('failed', { ...held(hold, 1_000), ...key })
          if (hold === 'window') bench.clock.advance(1_000)
          const holder = await bench.offer({ ...held('active'), ...key })
          assert.equal((await bench.replay(old.id, old.attempt)).outcome, 'ok')
          const answer = await bench.ask(key)
          assert.deepEqual([answer.outcome, answer.record?.id], ['existing', holder.record.id])
        }
      },
    },
  ],
}

const NOTHING = { requeued: [], failed: [], handlerNeeded: [], expired: [], removed: [], more: false }

function replayed(hold: KeyHold, what: string, answer: 'existing' | 'created'): Case {
  return {
    name: `a replayed record whose key was held ${said(hold)} ${what}, also if it was never started`,
    run: async (bench: Bench) => {
      for (const status of ['failed', 'cancelled'] as const) {
        const key = { key: status }
        const old = await bench.make(status, { ...held(hold), ...key })
        assert.equal((await bench.replay(old.id, old.attempt)).outcome, 'ok')
        assert.equal((await bench.ask(key)).outcome, answer)
      }
    },
  }
}
