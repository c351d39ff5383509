import assert from 'node:assert/strict'
import type { Backend, ClaimLine, Hint, Paused } from '@millrace/core'
import { DEFAULT_LINE, ids, present, STALE_AFTER_MS, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const MAIL: ClaimLine = { queue: 'mail', executionBackend: 'local' }
const CLOUD: ClaimLine = { queue: 'mail', executionBackend: 'cloud' }
const WORK: Hint = { kind: 'work' }
const NOTHING = { records: [], expired: [], more: false, nextDueAt: null }

/** The two ways to pause the queue `mail`. */
const WAYS: readonly (readonly [what: string, queues: readonly string[] | null])[] = [
  ['a queue that is paused', ['mail']],
  ['a namespace that is paused', null],
]

/** What a claim says of a line, records apart from the rest. */
async function claimed(bench: Bench, line: ClaimLine = MAIL, backend: Backend = bench.backend) {
  const { records, expired, more, nextDueAt } = await bench.turn({ claim: { lines: [line], limit: 10 } }, backend)
  return { records, expired, more, nextDueAt }
}

const heldBack: readonly Case[] = WAYS.flatMap(([what, queues]): readonly Case[] => [
  {
    name: `${what} gives a claim over lines nothing, with nothing more and nothing to come, from any client`,
    run: async (bench) => {
      await bench.enqueueMany(3, () => ({ queue: 'mail' }))
      await bench.enqueue({ queue: 'mail', delayMs: 60_000 })
      await bench.backend.controls.pause(queues)
      for (const backend of [bench.backend, bench.second])
        assert.deepEqual(await claimed(bench, MAIL, backend), NOTHING)
      const listed = { lines: [MAIL, CLOUD], limit: 10, order: 'listed' } as const
      assert.deepEqual((await bench.turn({ claim: listed })).records, [])
    },
  },
  {
    name: `${what} gives a claim by ids nothing, and the record is as it was`,
    run: async (bench) => {
      const { id } = await bench.enqueue({ queue: 'mail' })
      const later = await bench.enqueue({ queue: 'mail', delayMs: 1_000 })
      await bench.backend.controls.pause(queues)
      bench.clock.advance(1_000)
      await bench.unchanged(id, async () => {
        assert.deepEqual((await bench.turn({ claim: { ids: [id, later.id] } }, bench.second)).records, [])
      })
      assert.equal((await bench.get(later.id)).attempt, 0)
    },
  },
  {
    name: `${what} holds back what falls due and what is enqueued meanwhile`,
    run: async (bench) => {
      await bench.enqueue({ queue: 'mail', delayMs: 1_000 })
      await bench.backend.controls.pause(queues)
      bench.clock.advance(1_000)
      await bench.offer({ queue: 'mail' }, bench.second)
      await bench.enqueueMany(300, () => ({ queue: 'mail' }))
      assert.deepEqual(await claimed(bench), NOTHING)
      await bench.backend.controls.resume(queues)
      assert.equal((await claimed(bench)).records.length, 10)
    },
  },
  {
    name: `${what} lets everything go on but claims`,
    run: async (bench) => {
      const [one, two, three] = await bench.enqueueMany(3, () => ({ queue: 'mail', maxRetries: 1 }))
      for (const record of [one, two, three]) await bench.claimOne(present(record).id)
      const waiting = await bench.enqueue({ queue: 'mail' })
      const overdue = await bench.enqueue({ queue: 'mail', expiresInMs: 1_000 })
      await bench.backend.controls.pause(queues)
      assert.equal((await bench.settle(bench.complete(present(one).id, 1))).outcome, 'ok')
      assert.equal((await bench.settle(bench.fail(present(two).id, 1, 0))).status, 'pending')
      assert.deepEqual((await bench.beat([bench.touch(present(three).id, 1)])).lost, [])
      bench.clock.advance(STALE_AFTER_MS + 1)
      assert.deepEqual((await bench.sweepStale()).requeued, [present(three).id])
      assert.deepEqual((await bench.sweepExpired()).expired, [overdue.id])
      assert.equal((await bench.cancel(waiting.id)).outcome, 'ok')
      assert.equal((await bench.replay(waiting.id, 0)).outcome, 'ok')
      assert.equal((await bench.offer({ queue: 'mail' })).outcome, 'created')
      assert.deepEqual(await claimed(bench), NOTHING)
      bench.clock.advance(bench.later)
      assert.deepEqual((await bench.sweepFinished()).removed.toSorted(), [present(one).id, overdue.id].toSorted())
    },
  },
  {
    name: `${what} does not hide what its claims took before: the resend brings it, and nothing new`,
    run: async (bench) => {
      await bench.enqueueMany(3, () => ({ queue: 'mail' }))
      const turn = { nonce: bench.nonce(), claim: { lines: [MAIL], limit: 2 } }
      const first = await bench.turn(turn)
      await bench.backend.controls.pause(queues)
      const again = await bench.turn(turn)
      assert.deepEqual(ids(again.records), ids(first.records))
      assert.deepEqual([again.more, again.nextDueAt], [false, null])
    },
  },
  {
    name: `${what} still tells a worker of what it does not know of`,
    run: async (bench) => {
      const { id } = await bench.enqueue({ queue: 'mail' })
      await bench.claim(1, { lines: [MAIL] })
      await bench.backend.controls.pause(queues)
      assert.deepEqual((await bench.turn({ touches: [] })).unknown, [{ id, attempt: 1 }])
    },
  },
  {
    name: `${what} is shown: in what is paused, in the statistics, and its records in their lists`,
    run: async (bench) => {
      const { id } = await bench.enqueue({ queue: 'mail' })
      await bench.enqueue()
      await bench.backend.controls.pause(queues)
      const isWhole = queues === null
      const expected: Paused = { namespace: isWhole, queues: queues ?? [] }
      assert.deepEqual(await bench.second.controls.paused(), expected)
      const statistics = await bench.second.statistics()
      assert.equal(statistics.paused, isWhole)
      assert.deepEqual(
        statistics.queues.map(({ queue, paused, counts }) => ({ queue, paused, pending: counts.pending })),
        [
          { queue: 'default', paused: isWhole, pending: 1 },
          { queue: 'mail', paused: true, pending: 1 },
        ],
      )
      assert.deepEqual(ids(await bench.listAll('next', { queue: 'mail' })), [id])
    },
  },
  {
    name: `${what}: what comes to it is no work, and not hinted as such`,
    run: async (bench) => {
      const { id } = await bench.enqueue({ queue: 'sentinel' })
      const watch = await bench.backend.watch({ lines: [MAIL], ids: [id] })
      const running = await bench.enqueue({ queue: 'mail', maxRetries: 1 })
      const silent = await bench.enqueue({ queue: 'mail' })
      const ended = await bench.enqueue({ queue: 'mail' })
      const elsewhere = await bench.enqueue(CLOUD)
      assert.deepEqual(await watch.next(), WORK)
      for (const record of [running, silent, ended]) await bench.claimOne(record.id)
      await bench.beat([bench.touch(silent.id, 1, { alive: false })])
      await bench.settle(bench.complete(ended.id, 1))
      await bench.backend.controls.pause(queues)
      const hint = watch.next()
      await bench.enqueue({ queue: 'mail' })
      await bench.enqueue({ queue: 'mail', key: 'k' })
      await bench.enqueue({ queue: 'mail', delayMs: 1_000 })
      await bench.settle(bench.fail(running.id, 1, 0))
      await bench.sweepStale()
      await bench.replay(ended.id, 1)
      await bench.backend.assign([{ id: elsewhere.id, attempt: 0, executionRef: null, executionBackend: 'local' }])
      await claimed(bench)
      await bench.cancel(id)
      assert.deepEqual(await hint, { kind: 'done', id })
    },
  },
  {
    name: `${what}: of 100 claims that race with the pause none that began after its answer takes anything`,
    run: async (bench) => {
      await bench.enqueueMany(300, () => ({ queue: 'mail' }))
      let isPaused = false
      const begun = async (backend: Backend, i: number): Promise<void> => {
        for (let claims = 0; claims < 10; claims++) {
          const isLate = isPaused
          const parts = { workerId: `w${i}`, claim: { lines: [MAIL], limit: 2 } }
          const { records } = await bench.turn(parts, backend)
          if (isLate) assert.deepEqual(records, [])
        }
      }
      const pausing = async (): Promise<void> => {
        await bench.second.controls.pause(queues)
        isPaused = true
      }
      await Promise.all([bench.race(10, begun), pausing()])
      assert.deepEqual(await claimed(bench), NOTHING)
    },
  },
])

export const pause: Group = {
  name: 'pause',
  cases: [
    ...heldBack,
    {
      name: 'a paused queue holds up no other one in the same claim, and what is to come is that of the other one',
      run: async (bench) => {
        await bench.enqueueMany(2, () => ({ queue: 'mail', priority: 9 }))
        await bench.enqueue({ queue: 'mail', delayMs: 1_000 })
        const own = await bench.enqueueMany(3)
        await bench.enqueue({ delayMs: 5_000 })
        await bench.backend.controls.pause(['mail'])
        const claim = { lines: [MAIL, DEFAULT_LINE], limit: 2 }
        const first = await bench.turn({ claim })
        assert.deepEqual([...ids(first.records)], ids(own).slice(0, 2))
        assert.equal(first.more, true)
        const second = await bench.turn({ claim: { ...claim, order: 'listed' } })
        assert.deepEqual(ids(second.records), ids(own).slice(2))
        assert.deepEqual([second.more, second.nextDueAt], [false, bench.now + 5_000])
      },
    },
    {
      name: 'a paused queue gives nothing for any execution backend, and a queue of a similar name gives as ever',
      run: async (bench) => {
        for (const fields of [CLOUD, { queue: 'mailer' }, { queue: 'ma' }]) await bench.enqueue(fields)
        await bench.backend.controls.pause(['mail'])
        assert.deepEqual(await claimed(bench, CLOUD), NOTHING)
        for (const queue of ['mailer', 'ma'])
          assert.equal((await claimed(bench, { ...MAIL, queue })).records.length, 1, queue)
      },
    },
    {
      name: 'a queue can be paused before there is one, and stays so when it is empty again',
      run: async (bench) => {
        await bench.backend.controls.pause(['mail'])
        assert.deepEqual(await bench.second.controls.paused(), { namespace: false, queues: ['mail'] })
        assert.deepEqual((await bench.second.statistics({ queue: 'mail' })).queues[0]?.paused, true)
        const { id } = await bench.enqueue({ queue: 'mail' })
        assert.deepEqual(await claimed(bench), NOTHING)
        await bench.cancel(id)
        bench.clock.advance(bench.later)
        await bench.sweepFinished()
        await bench.enqueue({ queue: 'mail' })
        assert.deepEqual(await claimed(bench), NOTHING)
      },
    },
    {
      name: 'pausing twice is pausing once',
      run: async (bench) => {
        for (const queues of [['mail', 'mail'], ['mail'], null, null]) await bench.backend.controls.pause(queues)
        assert.deepEqual(await bench.backend.controls.paused(), { namespace: true, queues: ['mail'] })
        await bench.backend.controls.resume(['mail'])
        await bench.backend.controls.resume(null)
        assert.deepEqual(await bench.backend.controls.paused(), { namespace: false, queues: [] })
      },
    },
    {
      name: 'no queue, named as an empty list, pauses and resumes nothing',
      run: async (bench) => {
        await bench.backend.controls.pause([])
        assert.deepEqual(await bench.backend.controls.paused(), { namespace: false, queues: [] })
        await bench.backend.controls.pause(null)
        await bench.backend.controls.resume([])
        assert.deepEqual(await bench.backend.controls.paused(), { namespace: true, queues: [] })
      },
    },
    {
      name: 'many queues are paused in one act, and shown by name',
      run: async (bench) => {
        const queues = Array.from({ length: 500 }, (_, i) => `queue-${String(i).padStart(3, '0')}`)
        await bench.backend.controls.pause(queues.toReversed())
        assert.deepEqual((await bench.second.controls.paused()).queues, queues)
      },
    },
    {
      name: 'what is paused is paused for clients that open later',
      run: async (bench) => {
        await bench.enqueue({ queue: 'mail' })
        await bench.backend.controls.pause(['mail'])
        const { backend } = await bench.reopen()
        assert.deepEqual(await claimed(bench, MAIL, backend), NOTHING)
        assert.deepEqual(await backend.controls.paused(), { namespace: false, queues: ['mail'] })
      },
    },
    {
      name: 'another namespace is not paused',
      run: async (bench) => {
        await bench.backend.controls.pause(null)
        const { backend } = await bench.reopen(`${bench.namespace}-beside`)
        await bench.offer({ queue: 'mail' }, backend)
        assert.equal((await claimed(bench, MAIL, backend)).records.length, 1)
        assert.deepEqual(await backend.controls.paused(), { namespace: false, queues: [] })
      },
    },
    {
      name: 'after everything was destroyed nothing is paused',
      run: async (bench) => {
        await bench.enqueue({ queue: 'mail' })
        for (const queues of [['mail'], null]) await bench.backend.controls.pause(queues)
        await bench.backend.destroy()
        assert.deepEqual(await bench.second.controls.paused(), { namespace: false, queues: [] })
        const { id } = await bench.enqueue({ queue: 'mail' })
        assert.deepEqual(ids((await claimed(bench)).records), [id])
      },
    },
  ],
}
