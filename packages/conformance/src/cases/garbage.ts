import assert from 'node:assert/strict'
import type { Status, TaskRecord } from '@millrace/core'
import { DEFAULT_LINE, ids, present, STALE_AFTER_MS, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'
import { pagesOf } from '../pages.ts'

const MADE: readonly Exclude<Status, 'waiting'>[] = [
  'pending', 'scheduled', 'running', 'completed', 'failed', 'cancelled', 'expired',
] // prettier-ignore

/** A record whose stored bytes are unreadable, made in the given status, with a healthy one on either side. */
async function spoiled(bench: Bench, status: Exclude<Status, 'waiting'>): Promise<readonly [string, string, string]> {
  const made: string[] = []
  for (let i = 0; i < 3; i++) made.push((await bench.make(status)).id)
  const [first = '', middle = '', last = ''] = made
  await bench.break.writeGarbage(middle)
  return [first, middle, last]
}

/** What is beyond repair goes with the namespace; then the audit at the end of the case is clean. */
async function tidy(bench: Bench): Promise<void> {
  await bench.second.destroy()
}

function isCorrupt(record: TaskRecord | null | undefined): boolean {
  return record?.status === 'failed' && record.error?.code === 'corrupt_record'
}

/** Lets the time pass after which everything that has ended may go. */
function grow(bench: Bench): void {
  bench.clock.advance(bench.backend.capabilities.resendWindowMs + 1)
}

async function sweepAll(bench: Bench): Promise<readonly string[]> {
  grow(bench)
  const sweeps = [await bench.sweepStale(), await bench.sweepExpired(), await bench.sweepFinished()]
  return sweeps.flatMap(({ requeued, removed }) => [...requeued, ...removed])
}

const readers: readonly Case[] = MADE.flatMap((status) => [
  {
    name: `P8, D17: among ${status} records an unreadable one reads as failed, corrupt_record, and hides no other`,
    run: async (bench) => {
      const [first, bad, last] = await spoiled(bench, status)
      const [before, corrupt, after] = await bench.backend.get([first, bad, last])
      assert.deepEqual([before?.status, after?.status], [status, status])
      assert.ok(isCorrupt(corrupt))
      const listed = ids(await bench.listAll(status, { limit: 1 }))
      assert.ok(listed.includes(first) && listed.includes(last))
      await bench.backend.statistics()
      await tidy(bench)
    },
  },
  {
    name: `D17: no sweep stumbles over an unreadable ${status} record, and each does its work on the others`,
    run: async (bench) => {
      const [first, , last] = await spoiled(bench, status)
      const swept = await sweepAll(bench)
      const handled = status !== 'pending' && status !== 'scheduled'
      assert.deepEqual([swept.includes(first), swept.includes(last)], [handled, handled])
      await tidy(bench)
    },
  },
  {
    name: `D17: no act on an unreadable ${status} record is done, or fails the call`,
    run: async (bench) => {
      const [, id] = await spoiled(bench, status)
      const answers = [
        await bench.settle(bench.complete(id, 1)),
        await bench.settle(bench.complete(id, 'any')),
        await bench.cancel(id, { includeRunning: true }),
        ...(await bench.backend.assign([{ id, attempt: 'any', executionRef: 'jobs/1' }])),
        await bench.replay(id, 'any'),
      ]
      for (const { outcome } of answers) assert.notEqual(outcome, 'ok')
      assert.deepEqual((await bench.turn({ touches: [{ id, attempt: 1 }] })).lost, [id])
      assert.deepEqual((await bench.turn({ claim: { ids: [id] } })).records, [])
      assert.ok(isCorrupt((await bench.backend.get([id]))[0]))
      await tidy(bench)
    },
  },
  {
    name: `the audit finds an unreadable ${status} record and does not pretend to mend it`,
    run: async (bench) => {
      const [, bad] = await spoiled(bench, status)
      for (const repair of [false, true, false]) {
        const found = (await bench.violations(repair)).filter(({ code }) => code === 'corrupt_record')
        assert.deepEqual(
          found.map(({ subject, repaired }) => [subject, repaired]),
          [[bad, false]],
        )
      }
      await tidy(bench)
    },
  },
  {
    name: `D3: a ${status} record that lost its index entries is found and put back by the audit`,
    run: async (bench) => {
      const { id } = await bench.make(status)
      await bench.break.forgetIndex(id)
      const before = await bench.get(id)
      const found = (await bench.violations()).filter(({ subject }) => subject === id)
      assert.ok(found.some(({ code, repaired }) => code === 'unindexed_record' && !repaired))
      const mended = (await bench.violations(true)).filter(({ code }) => code === 'unindexed_record')
      assert.deepEqual(
        mended.map(({ subject, repaired }) => [subject, repaired]),
        [[id, true]],
      )
      assert.deepEqual(await bench.listAll(status), [before])
    },
  },
  {
    name: `D3: the index entry of a ${status} record that is gone hides nothing, and is removed by the audit`,
    run: async (bench) => {
      const [gone, left] = [await bench.make(status), await bench.make(status)]
      await bench.break.forgetRecord(gone.id)
      assert.deepEqual(ids(await bench.listAll(status)), [left.id])
      for (const repaired of [false, true]) {
        const found = await bench.violations(repaired)
        assert.ok(found.length > 0)
        for (const one of found) {
          assert.deepEqual([one.code, one.subject, one.repaired], ['dangling_index', gone.id, repaired])
        }
      }
      assert.deepEqual(await bench.violations(), [])
    },
  },
  {
    name: `D3: no sweep stumbles over a ${status} record that is gone`,
    run: async (bench) => {
      const [gone, left] = [await bench.make(status), await bench.make(status)]
      await bench.break.forgetRecord(gone.id)
      const swept = await sweepAll(bench)
      assert.equal(swept.includes(left.id), status !== 'pending' && status !== 'scheduled')
      assert.equal(await bench.exists(gone.id), false)
      await bench.violations(true)
    },
  },
])

export const garbage: Group = {
  name: 'garbage',
  cases: [
    ...readers,
    {
      name: 'D17: a claim goes past an unreadable record, puts it aside as failed, and never meets it again',
      run: async (bench) => {
        const [first, bad, last] = await spoiled(bench, 'pending')
        assert.deepEqual(ids(await bench.claim(5)), [first, last])
        const { counts } = await bench.backend.statistics()
        assert.deepEqual([counts.pending, counts.running, counts.failed], [0, 2, 1])
        assert.deepEqual(ids(await bench.listAll('failed')), [bad])
        const { records, more } = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 5 } })
        assert.deepEqual([records, more], [[], false])
        await tidy(bench)
      },
    },
    {
      name: 'D17: a due unreadable scheduled record is put aside as well',
      run: async (bench) => {
        const [first, bad, last] = await spoiled(bench, 'scheduled')
        bench.clock.advance(bench.later)
        assert.deepEqual(ids(await bench.claim(5)), [first, last])
        assert.deepEqual(ids(await bench.listAll('failed')), [bad])
        await tidy(bench)
      },
    },
    {
      name: 'D17: 20 unreadable records at the head hide nothing',
      run: async (bench) => {
        const head = await bench.enqueueMany(20, () => ({ priority: 1 }))
        const { id } = await bench.enqueue()
        for (const one of head) await bench.break.writeGarbage(one.id)
        let claimed = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } })
        for (let claims = 1; claims <= 21 && claimed.records.length === 0 && claimed.more; claims++) {
          claimed = await bench.turn({ claim: { lines: [DEFAULT_LINE], limit: 1 } })
        }
        assert.deepEqual(ids(claimed.records), [id])
        await tidy(bench)
      },
    },
    {
      name: 'a quarantined record is reported by the audit until retention removes it',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        await bench.break.writeGarbage(id)
        await bench.claim()
        await bench.enqueue({ key: 'k' })
        assert.deepEqual(
          (await bench.violations(true)).map(({ code, subject }) => [code, subject]),
          [['corrupt_record', id]],
        )
        grow(bench)
        assert.deepEqual((await bench.sweepFinished()).removed, [id])
        assert.equal(await bench.exists(id), false)
        assert.equal((await bench.offer({ key: 'k' })).outcome, 'existing')
      },
    },
    {
      name: 'an unreadable record that held a key: another is created with it',
      run: async (bench) => {
        const { id } = await bench.enqueue({ key: 'k' })
        await bench.break.writeGarbage(id)
        const { outcome } = await bench.offer({ key: 'k' })
        assert.ok(outcome === 'created' || outcome === 'existing', 'the call must not fail')
        await bench.backend.getByKey([{ scope: 'task', taskName: 'demo.task', key: 'k' }])
        await tidy(bench)
      },
    },
    {
      name: 'an id whose record is unreadable is not enqueued over',
      run: async (bench) => {
        const request = bench.request()
        await bench.backend.enqueue([request])
        await bench.break.writeGarbage(request.id)
        const [again] = await bench.backend.enqueue([request, bench.request()])
        assert.ok(isCorrupt(again?.record))
        assert.equal((await bench.claim(5)).length, 1)
        await tidy(bench)
      },
    },
    {
      name: 'D4: a key that names no record is free, and the audit takes it away',
      run: async (bench) => {
        const [gone, keyed] = [await bench.enqueue({ key: 'gone' }), await bench.enqueue({ key: 'k' })]
        for (const { id } of [gone, keyed]) await bench.break.forgetRecord(id)
        const found = (await bench.violations()).filter(({ code }) => code === 'dangling_key')
        assert.deepEqual(found.map(({ subject }) => subject).toSorted(), ['gone', 'k'])
        assert.equal((await bench.offer({ key: 'k' })).outcome, 'created')
        assert.deepEqual(await bench.backend.getByKey([{ scope: 'task', taskName: 'demo.task', key: 'gone' }]), [null])
        await bench.violations(true)
        assert.deepEqual(await bench.violations(), [])
        assert.equal((await bench.offer({ key: 'k' })).outcome, 'existing')
      },
    },
    {
      name: 'an audit that mends page by page walks past no key that names no record',
      run: async (bench) => {
        const keys = Array.from({ length: 10 }, (_, i) => `key-${i}`)
        for (const key of keys) await bench.break.forgetRecord((await bench.enqueue({ key })).id)
        const mended: string[] = []
        for await (const page of pagesOf((cursor) => bench.backend.audit({ repair: true, limit: 3, cursor }))) {
          for (const { code, subject } of page.violations) if (code === 'dangling_key') mended.push(subject)
        }
        assert.deepEqual(mended.toSorted(), keys)
      },
    },
    {
      name: 'a claim drops an entry whose record is gone, and goes on',
      run: async (bench) => {
        const [first, gone, last] = await bench.enqueueMany(3)
        await bench.break.forgetRecord(present(gone).id)
        assert.deepEqual(ids(await bench.claim(5)), [present(first).id, present(last).id])
        assert.equal((await bench.backend.statistics()).counts.pending, 0)
      },
    },
    {
      name: 'D3: a record that lost its index is not lost: mended, it is claimed in its old place',
      run: async (bench) => {
        const [first, middle, last] = await bench.enqueueMany(3)
        await bench.break.forgetIndex(present(middle).id)
        await bench.violations(true)
        assert.deepEqual(ids(await bench.claim(3)), ids([present(first), present(middle), present(last)]))
      },
    },
    {
      name: 'D3: a running record that lost its index is recovered after the audit mended it',
      run: async (bench) => {
        const { id } = await bench.make('running')
        await bench.break.forgetIndex(id)
        await bench.violations(true)
        bench.clock.advance(STALE_AFTER_MS + 1)
        assert.deepEqual((await bench.sweepStale()).requeued, [id])
      },
    },
    ...(['pending', 'scheduled'] as const).map((status) => ({
      name: `a ${status} record that lost its index is hinted when the audit has mended it`,
      run: async (bench: Bench) => {
        const watch = await bench.backend.watch({ lines: [DEFAULT_LINE] })
        const { id } = await bench.make(status)
        assert.deepEqual(await watch.next(), { kind: 'work' })
        await bench.break.forgetIndex(id)
        const hint = watch.next()
        await bench.violations(true)
        assert.deepEqual(await hint, { kind: 'work' })
      },
    })),
    {
      name: 'an audit examines page by page, and without repair it mends nothing',
      run: async (bench) => {
        const records = await bench.enqueueMany(30)
        for (const { id } of records) await bench.break.forgetIndex(id)
        const subjects = new Set<string>()
        let examined = 0
        for await (const page of pagesOf((cursor) => bench.backend.audit({ limit: 7, cursor }))) {
          assert.ok(page.examined <= 7)
          examined += page.examined
          for (const { subject, repaired } of page.violations) {
            subjects.add(subject)
            assert.equal(repaired, false)
          }
        }
        assert.ok(examined >= 30)
        assert.deepEqual([...subjects].toSorted(), ids(records))
        assert.equal((await bench.violations(true)).filter(({ repaired }) => repaired).length, 30)
      },
    },
    {
      name: 'the audit of a healthy namespace with records in every status and keys finds nothing',
      run: async (bench) => {
        for (const status of MADE) await bench.make(status, { key: status })
        await bench.makeHeld({ key: 'held' })
        await bench.enqueue({ key: 'completed' })
        bench.clock.advance(bench.later)
        assert.deepEqual(await bench.violations(), [])
      },
    },
  ],
}
