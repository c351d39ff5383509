import assert from 'node:assert/strict'
import { REPLACED, type KeyHold, type OnConflict } from '@millrace/core'
import { ids, type RequestFields } from '../bench.ts'
import type { Case, Group } from '../harness.ts'
import { BLOCKS, held, HOLDS, KEY, REFERENCE, STATES } from './held-keys.ts'

const TAKING = ['replace', 'extend'] as const

/** A record that waits, in every way to hold its key. */
const places = STATES.flatMap(({ name, place, make }) =>
  HOLDS.flatMap((hold) =>
    TAKING.map((onConflict): Case => {
      const waits = place === 'waits again' || place === 'waits for its first start'
      const taken = BLOCKS[place].includes(hold)
      const outcome = !taken ? 'created' : waits ? 'replaced' : place === 'is gone' ? 'reserved' : 'existing'
      return {
        name: `to ${onConflict} with hold ${hold} where the record that has the key is ${name}: ${outcome}`,
        run: async (bench) => {
          const before = await make(bench, held(hold))
          const request = bench.request({ ...held(hold), onConflict })
          const [result] = await bench.backend.enqueue([request])
          assert.equal(result?.outcome, outcome)
          const writes = outcome === 'created' || outcome === 'replaced'
          assert.equal(await bench.exists(request.id), writes)
          const [holder] = await bench.second.getByKey([REFERENCE])
          assert.equal(holder?.id, writes ? request.id : place === 'is gone' ? undefined : before.id)
          if (place === 'is gone') return
          const cancelled = { status: 'cancelled', lastEvent: 'cancel', completedAt: bench.now } as const
          await bench.expectChange(before, outcome === 'replaced' ? { ...cancelled, error: REPLACED(request.id) } : {})
        },
      }
    }),
  ),
)

/** How a delay gets along with the one before it. `due` is counted from the enqueue of the record that is replaced. */
const DELAYS: readonly {
  readonly name: string
  readonly onConflict: OnConflict
  readonly first: RequestFields
  readonly second: (now: number) => RequestFields
  readonly due: number | null
}[] = [
  { name: 'a delay does not begin anew to replace', onConflict: 'replace', first: { delayMs: 5_000 }, second: () => ({ delayMs: 5_000 }), due: 5_000 },
  { name: 'a delay begins anew to extend', onConflict: 'extend', first: { delayMs: 5_000 }, second: () => ({ delayMs: 5_000 }), due: 6_000 },
  { name: 'a shorter delay does not begin anew either', onConflict: 'replace', first: { delayMs: 5_000 }, second: () => ({ delayMs: 1 }), due: 5_000 },
  { name: 'without a delay it is due now, to replace', onConflict: 'replace', first: { delayMs: 5_000 }, second: () => ({}), due: null },
  { name: 'without a delay it is due now, to extend', onConflict: 'extend', first: { delayMs: 5_000 }, second: () => ({}), due: null },
  { name: 'a delay of 0 is none', onConflict: 'replace', first: { delayMs: 5_000 }, second: () => ({ delayMs: 0 }), due: null },
  { name: 'an instant is an instant, to replace', onConflict: 'replace', first: { delayMs: 5_000 }, second: (now) => ({ scheduledAt: now + 9_000 }), due: 10_000 },
  { name: 'an instant is an instant, to extend', onConflict: 'extend', first: { delayMs: 5_000 }, second: (now) => ({ scheduledAt: now + 9_000 }), due: 10_000 },
  { name: "a delay takes the place of an instant, at that instant", onConflict: 'replace', first: { delayMs: 7_000 }, second: () => ({ delayMs: 100_000 }), due: 7_000 },
  { name: 'what was due at once stays due at once', onConflict: 'replace', first: {}, second: () => ({ delayMs: 5_000 }), due: null },
  { name: 'what was due at once waits, to extend', onConflict: 'extend', first: {}, second: () => ({ delayMs: 5_000 }), due: 6_000 },
] // prettier-ignore

const delays = DELAYS.map(({ name, onConflict, first, second, due }): Case => ({
  name,
  run: async (bench) => {
    const start = bench.now
    await bench.enqueue({ ...KEY, ...first })
    bench.clock.advance(1_000)
    // Larger than what a record has in itself.
    const kwargs = { text: 'x'.repeat(2_000) }
    const { outcome, record } = await bench.offer({ ...KEY, ...second(bench.now), kwargs, onConflict })
    assert.equal(outcome, 'replaced')
    const at = due === null ? null : start + due
    assert.deepEqual(record, await bench.get(record.id, bench.second))
    const expected = [at, at ?? bench.now, at === null ? 'pending' : 'scheduled', kwargs]
    assert.deepEqual([record.scheduledAt, record.queuedAt, record.status, record.kwargs], expected)
    if (at === null) return
    bench.clock.advance(at - 1 - bench.now)
    assert.deepEqual(await bench.claim(5), [])
    bench.clock.advance(1)
    assert.deepEqual(ids(await bench.claim(5)), [record.id])
  },
}))

/** Which holds give way to which, while the record that has the key waits. */
const mixed = HOLDS.flatMap((before) =>
  HOLDS.map((after): Case => {
    const gives = before === 'active' || before === 'untilStart' || before === after
    return {
      name: `a key held by ${before} ${gives ? 'gives way to' : 'is not ended by'} a replacement that holds it by ${after}`,
      run: async (bench) => {
        const first = await bench.enqueue(held(before))
        const result = await bench.offer({ ...held(after), onConflict: 'replace' })
        assert.equal(result.outcome, gives ? 'replaced' : 'existing')
        if (!gives) return await bench.expectChange(first, {})
        const { attempt } = await bench.claimOne(result.record.id)
        const asked = async (): Promise<string> => (await bench.ask(KEY)).outcome
        if (after === 'untilStart') return assert.equal(await asked(), 'created')
        assert.equal(await asked(), 'existing')
        await bench.settle(bench.complete(result.record.id, attempt))
        return assert.equal(await asked(), after === 'active' ? 'created' : 'existing')
      },
    }
  }),
)

function windowed(onConflict: 'replace' | 'extend', what: string, end: number): Case {
  return {
    name: `to ${onConflict}, a window ${what}`,
    run: async (bench) => {
      const start = bench.now
      await bench.enqueue(held('window', 10_000))
      bench.clock.advance(4_000)
      assert.equal((await bench.offer({ ...held('window', 10_000), onConflict })).outcome, 'replaced')
      bench.clock.advance(start + end - 1 - bench.now)
      assert.equal((await bench.ask(KEY)).outcome, 'existing')
      bench.clock.advance(1)
      assert.equal((await bench.ask(KEY)).outcome, 'created')
    },
  }
}

export const keyConflicts: Group = {
  name: 'key conflicts',
  cases: [
    ...places,
    ...delays,
    ...mixed,
    windowed('replace', 'goes on', 10_000),
    windowed('extend', 'begins anew', 14_000),
    {
      name: 'a window that takes the place of another hold begins with the replacement',
      run: async (bench) => {
        await bench.enqueue(held('active'))
        bench.clock.advance(4_000)
        await bench.offer({ ...held('window', 10_000), onConflict: 'replace' })
        bench.clock.advance(9_999)
        assert.equal((await bench.ask(KEY)).outcome, 'existing')
        bench.clock.advance(1)
        assert.equal((await bench.ask(KEY)).outcome, 'created')
      },
    },
    {
      name: 'one after another, replacements keep the first due time, and the last one alone runs then',
      run: async (bench) => {
        const start = bench.now
        const debounced = { ...KEY, delayMs: 5_000, onConflict: 'replace' } as const
        let last = await bench.enqueue(debounced)
        for (let i = 0; i < 4; i++) {
          bench.clock.advance(1_000)
          last = await bench.enqueue(debounced)
        }
        bench.clock.advance(start + 5_000 - bench.now)
        assert.deepEqual(ids(await bench.claim(10)), [last.id])
      },
    },
    {
      name: 'one after another, extensions put the due time off, and the last one alone runs then',
      run: async (bench) => {
        const debounced = { ...KEY, delayMs: 5_000, onConflict: 'extend' } as const
        let last = await bench.enqueue(debounced)
        for (let i = 0; i < 4; i++) {
          bench.clock.advance(4_000)
          assert.deepEqual(await bench.claim(10), [])
          last = await bench.enqueue(debounced)
        }
        bench.clock.advance(5_000)
        assert.deepEqual(ids(await bench.claim(10)), [last.id])
      },
    },
    ...TAKING.map((onConflict): Case => ({
      name: `a lost reply of an enqueue to ${onConflict}: the same id answers the same, and replaces nothing again`,
      run: async (bench) => {
        await bench.enqueue({ ...KEY, delayMs: 5_000 })
        bench.clock.advance(1_000)
        const request = bench.request({ ...KEY, delayMs: 5_000, onConflict })
        const [result] = await bench.resend(() => bench.backend.enqueue([request]))
        assert.deepEqual(result, { outcome: 'replaced', record: await bench.get(request.id) })
        assert.equal((await bench.listAll('cancelled')).length, 1)
      },
    })),
    ...HOLDS.map((hold: KeyHold): Case => ({
      name: `of 100 racing producers that extend a key held by ${hold}, one record stays`,
      run: async (bench) => {
        const fields = { ...held(hold), delayMs: 5_000, onConflict: 'extend' } as const
        const results = await bench.race(100, (backend) => bench.offer(fields, backend))
        assert.equal(results.filter(({ outcome }) => outcome === 'created').length, 1)
        assert.equal(results.filter(({ outcome }) => outcome === 'replaced').length, 99)
        const [holder] = await bench.second.getByKey([REFERENCE])
        assert.deepEqual(ids(await bench.listAll('scheduled')), [holder?.id])
      },
    })),
  ],
}
