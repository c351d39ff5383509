import assert from 'node:assert/strict'
import { CANCELLED, DEFAULT_CANCEL_REASON, type ActResult, type Status, type TaskRecord } from '@millrace/core'
import { ids, STALE_AFTER_MS, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

interface Row {
  readonly from: Exclude<Status, 'waiting'>
  readonly includeRunning: boolean
  readonly outcome: ActResult['outcome']
}

const ROWS: readonly Row[] = [
  { from: 'pending', includeRunning: false, outcome: 'ok' },
  { from: 'scheduled', includeRunning: false, outcome: 'ok' },
  { from: 'running', includeRunning: false, outcome: 'refused' },
  { from: 'completed', includeRunning: false, outcome: 'refused' },
  { from: 'failed', includeRunning: false, outcome: 'refused' },
  { from: 'expired', includeRunning: false, outcome: 'refused' },
  { from: 'cancelled', includeRunning: false, outcome: 'ok' },
  { from: 'pending', includeRunning: true, outcome: 'ok' },
  { from: 'running', includeRunning: true, outcome: 'ok' },
  { from: 'completed', includeRunning: true, outcome: 'refused' },
]

const statuses: readonly Case[] = ROWS.map(({ from, includeRunning, outcome }) => ({
  name: `cancelling a ${from} record ${includeRunning ? 'with includeRunning' : 'plainly'} is ${outcome}`,
  run: async (bench) => {
    const before = await bench.make(from)
    const answer = await bench.cancel(before.id, { includeRunning })
    const after = await bench.get(before.id)
    assert.deepEqual(answer, { id: before.id, outcome, status: outcome === 'ok' ? 'cancelled' : from })
    if (outcome === 'refused') assert.deepEqual(after, before)
    else assert.equal(after.status, 'cancelled')
  },
}))

async function keyIsFree(bench: Bench): Promise<boolean> {
  return (await bench.offer({ key: 'k' })).outcome === 'created'
}

type Settle = (bench: Bench, record: TaskRecord) => Promise<ActResult>

const ENDS: readonly (readonly [name: string, settle: Settle])[] = [
  ['complete', (bench, { id, attempt }) => bench.settle(bench.complete(id, attempt, 'too late'))],
  ['fail', (bench, { id, attempt }) => bench.settle(bench.fail(id, attempt, 0))],
  ['release', (bench, { id, attempt }) => bench.settle(bench.release(id, attempt))],
  ['snooze', (bench, { id, attempt }) => bench.settle(bench.snooze(id, attempt))],
]

const ends: readonly Case[] = ENDS.map(([name, settle]) => ({
  name: `D31: the holder of a cancelled record settles it with ${name}: refused, cancelled, and the key is free`,
  run: async (bench) => {
    const record = await bench.makeHeld({ key: 'k' })
    assert.deepEqual(await settle(bench, record), { id: record.id, outcome: 'refused', status: 'cancelled' })
    assert.deepEqual(await bench.get(record.id), { ...record, workerId: null, heartbeatAt: null })
    assert.ok(await keyIsFree(bench))
  },
}))

export const cancel: Group = {
  name: 'cancel',
  cases: [
    ...statuses,
    ...ends,
    {
      name: 'a cancelled record says why, when and by which event',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        bench.clock.advance(5)
        await bench.cancel(id, { reason: 'the order was withdrawn ✋' })
        const { error, completedAt, lastEvent, workerId } = await bench.get(id)
        assert.deepEqual(error, CANCELLED('the order was withdrawn ✋'))
        assert.deepEqual([completedAt, lastEvent, workerId], [bench.now, 'cancel', null])
      },
    },
    {
      name: 'without a reason a default one is stored',
      run: async (bench) => {
        assert.deepEqual((await bench.make('cancelled')).error, CANCELLED(DEFAULT_CANCEL_REASON))
      },
    },
    {
      name: 'cancelling again keeps the first reason and the first time',
      run: async (bench) => {
        const before = await bench.make('cancelled')
        bench.clock.advance(5)
        assert.equal((await bench.cancel(before.id, { reason: 'another reason' })).outcome, 'ok')
        assert.deepEqual(await bench.get(before.id), before)
      },
    },
    {
      name: 'a due scheduled record is cancelled like a pending one',
      run: async (bench) => {
        const { id } = await bench.enqueue({ delayMs: 10 })
        bench.clock.advance(10)
        assert.equal((await bench.cancel(id)).outcome, 'ok')
        assert.deepEqual(await bench.claim(), [])
      },
    },
    {
      name: 'a retry that waits for its time is cancelled',
      run: async (bench) => {
        const { id } = await bench.enqueue({ maxRetries: 1 })
        await bench.settle(bench.fail(id, (await bench.claimOne(id)).attempt, 1_000))
        await bench.cancel(id)
        bench.clock.advance(1_000)
        assert.deepEqual(await bench.claim(), [])
        assert.equal((await bench.get(id)).status, 'cancelled')
      },
    },
    {
      name: 'a cancelled record is claimed neither by line nor by id',
      run: async (bench) => {
        const { id } = await bench.make('cancelled')
        assert.deepEqual(await bench.claim(), [])
        assert.deepEqual((await bench.turn({ claim: { ids: [id] } })).records, [])
      },
    },
    {
      name: 'unknown and repeated ids are each answered, in order',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const nobody = bench.makeId()
        const answers = await bench.backend.cancel({ ids: [nobody, id, id, nobody] })
        assert.deepEqual(ids(answers), [nobody, id, id, nobody])
        assert.deepEqual(
          answers.map(({ outcome }) => outcome),
          ['missing', 'ok', 'ok', 'missing'],
        )
        assert.equal(answers[0]?.status, null)
      },
    },
    {
      name: 'D31: 1000 records are cancelled in one call',
      run: async (bench) => {
        const records = await bench.enqueueMany(1_000)
        const answers = await bench.backend.cancel({ ids: ids(records) })
        assert.ok(answers.every(({ outcome }) => outcome === 'ok'))
        assert.equal((await bench.backend.statistics()).counts.cancelled, 1_000)
      },
    },
    {
      name: 'of one call the pending ones are cancelled although a running one is refused',
      run: async (bench) => {
        const running = await bench.make('running')
        const pending = await bench.enqueue()
        const answers = await bench.backend.cancel({ ids: [running.id, pending.id] })
        assert.deepEqual(
          answers.map(({ outcome }) => outcome),
          ['refused', 'ok'],
        )
      },
    },
    {
      name: 'of a claim and a cancellation at once exactly one wins',
      run: async (bench) => {
        const records = await bench.enqueueMany(20)
        const claims = records.map(({ id }, i) => bench.turn({ workerId: `worker-${i}`, claim: { ids: [id] } }))
        const cancels = records.map(({ id }) => bench.second.cancel({ ids: [id] }))
        const claimed = (await Promise.all(claims)).flatMap((answer) => ids(answer.records))
        const cancelled = (await Promise.all(cancels)).flat().filter(({ outcome }) => outcome === 'ok')
        assert.deepEqual([...claimed, ...ids(cancelled)].toSorted(), ids(records))
      },
    },
    {
      name: 'D31: a record cancelled while it runs keeps holder, last sign of life and key',
      run: async (bench) => {
        const record = await bench.makeHeld({ key: 'k' })
        assert.deepEqual([record.workerId, record.heartbeatAt], ['worker-1', bench.now])
        assert.deepEqual((await bench.offer({ key: 'k' })).outcome, 'existing')
        assert.equal((await bench.offer({ key: 'k', onConflict: 'replace' })).outcome, 'existing')
      },
    },
    {
      name: 'the holder learns of a cancellation by its heartbeat, which keeps the key taken',
      run: async (bench) => {
        const { id, attempt } = await bench.makeHeld({ key: 'k' })
        bench.clock.advance(STALE_AFTER_MS - 1)
        const { cancelled, lost } = await bench.turn({ touches: [{ id, attempt }] })
        assert.deepEqual([cancelled, lost], [[id], []])
        bench.clock.advance(STALE_AFTER_MS - 1)
        await bench.sweepStale()
        assert.equal(await keyIsFree(bench), false)
      },
    },
    {
      name: 'a holder declared dead gives the key of its cancelled record free',
      run: async (bench) => {
        const { id, attempt } = await bench.makeHeld({ key: 'k' })
        await bench.turn({ touches: [{ id, attempt, alive: false }] })
        const { workerId, heartbeatAt, status } = await bench.get(id)
        assert.deepEqual([workerId, heartbeatAt, status], [null, null, 'cancelled'])
        assert.ok(await keyIsFree(bench))
      },
    },
    {
      name: 'a record whose holder was declared dead before is cancelled without being held',
      run: async (bench) => {
        const { id, attempt } = await bench.make('running', { key: 'k' })
        await bench.beat([bench.touch(id, attempt, { alive: false })])
        await bench.cancel(id, { includeRunning: true })
        const { workerId, heartbeatAt } = await bench.get(id)
        assert.deepEqual([workerId, heartbeatAt], [null, null])
        assert.ok(await keyIsFree(bench))
      },
    },
    {
      name: 'the stale sweep frees the key of a cancelled record whose holder fell silent, and reports nothing',
      run: async (bench) => {
        const { id } = await bench.makeHeld({ key: 'k' })
        bench.clock.advance(STALE_AFTER_MS)
        await bench.sweepStale()
        assert.equal(await keyIsFree(bench), false)
        bench.clock.advance(1)
        const { requeued, failed } = await bench.sweepStale()
        assert.deepEqual([requeued, failed, (await bench.get(id)).workerId], [[], [], null])
        assert.ok(await keyIsFree(bench))
      },
    },
    {
      name: 'an unfenced settlement does not speak for the holder of a cancelled record',
      run: async (bench) => {
        const record = await bench.makeHeld({ key: 'k' })
        assert.equal((await bench.settle(bench.complete(record.id, 'any'))).outcome, 'refused')
        assert.deepEqual(await bench.get(record.id), record)
      },
    },
    {
      name: 'a holder that lost its attempt before does not free the key of the later one',
      run: async (bench) => {
        const { id } = await bench.enqueue({ key: 'k' })
        await bench.settle(bench.release(id, (await bench.claimOne(id)).attempt))
        await bench.claimOne(id, { workerId: 'worker-2' })
        await bench.cancel(id, { includeRunning: true })
        assert.equal((await bench.settle(bench.complete(id, 1))).outcome, 'lost')
        assert.equal(await keyIsFree(bench), false)
      },
    },
  ],
}
