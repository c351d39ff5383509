import assert from 'node:assert/strict'
import type { ClaimLine } from '@millrace/core'
import { DEFAULT_LINE, ids, present, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const MAIL: ClaimLine = { queue: 'mail', executionBackend: 'local' }
const BATCH: ClaimLine = { queue: 'default', executionBackend: 'batch' }

const lines = (
  lines: readonly ClaimLine[],
  limit: number,
): { readonly claim: { lines: readonly ClaimLine[]; limit: number } } => ({
  claim: { lines, limit },
})

/** What races for one line: every claimer with its own worker. */
async function race(bench: Bench, claimers: number, limit: number): Promise<readonly string[]> {
  const answers = await bench.race(claimers, (backend, i) =>
    bench.turn({ workerId: `worker-${i}`, ...lines([DEFAULT_LINE], limit) }, backend),
  )
  return answers.flatMap(({ records }) => ids(records))
}

/** How many of three due records a claim takes, and whether it says that there is more. */
const LIMITS = [
  { limit: 0, taken: 0, more: true },
  { limit: 1, taken: 1, more: true },
  { limit: 2, taken: 2, more: true },
  { limit: 3, taken: 3, more: false },
  { limit: 1_000, taken: 3, more: false },
] as const

const races: readonly Case[] = [
  {
    name: 'D1: of 50 racing claimers one gets the record',
    run: async (bench) => {
      const { id } = await bench.enqueue()
      assert.deepEqual(await race(bench, 50, 1), [id])
      assert.equal((await bench.get(id)).attempt, 1)
    },
  },
  {
    name: 'D11: each of 50 racing claimers gets one of 50 records, no two the same',
    run: async (bench) => {
      const records = await bench.enqueueMany(50)
      assert.deepEqual((await race(bench, 50, 1)).toSorted(), ids(records))
    },
  },
  {
    name: '10 racing claimers of up to 10 share 55 records without a doublet',
    run: async (bench) => {
      const records = await bench.enqueueMany(55)
      assert.deepEqual((await race(bench, 10, 10)).toSorted(), ids(records))
    },
  },
  {
    name: 'of 20 racing claims by one id one gets it',
    run: async (bench) => {
      const { id } = await bench.enqueue()
      const answers = await bench.race(20, (backend, i) =>
        bench.turn({ workerId: `worker-${i}`, claim: { ids: [id] } }, backend),
      )
      assert.deepEqual(
        answers.flatMap(({ records }) => ids(records)),
        [id],
      )
    },
  },
]

const amounts: readonly Case[] = [
  ...LIMITS.map(({ limit, taken, more }): Case => ({
    name: `a claim of ${limit} of 3 due records takes ${taken} and says more: ${more}`,
    run: async (bench) => {
      const records = await bench.enqueueMany(3)
      const answer = await bench.turn(lines([DEFAULT_LINE], limit))
      assert.deepEqual([ids(answer.records), answer.more], [ids(records).slice(0, taken), more])
    },
  })),
  {
    name: 'an empty line gives nothing, no more and no due time',
    run: async (bench) => {
      const { records, more, nextDueAt, expired } = await bench.turn(lines([DEFAULT_LINE, MAIL], 5))
      assert.deepEqual(
        { records, more, nextDueAt, expired },
        { records: [], more: false, nextDueAt: null, expired: [] },
      )
    },
  },
  {
    name: 'a claim of no lines takes nothing',
    run: async (bench) => {
      const { id } = await bench.enqueue()
      const { records, more } = await bench.unchanged(id, () => bench.turn(lines([], 5)))
      assert.deepEqual({ records, more }, { records: [], more: false })
    },
  },
  {
    name: 'a line is a queue and an execution backend; others are not claimed',
    run: async (bench) => {
      const [mail, batch] = [await bench.enqueue(MAIL), await bench.enqueue(BATCH)]
      assert.deepEqual(await bench.claim(5), [])
      assert.deepEqual(ids(await bench.claim(5, { lines: [BATCH] })), [batch.id])
      assert.deepEqual(ids(await bench.claim(5, { lines: [MAIL] })), [mail.id])
    },
  },
  {
    name: 'a claim over several lines takes from all of them',
    run: async (bench) => {
      const made = [await bench.enqueue(MAIL), await bench.enqueue(BATCH), await bench.enqueue()]
      assert.deepEqual(ids(await bench.claim(5, { lines: [DEFAULT_LINE, MAIL, BATCH] })), ids(made))
    },
  },
  ...(['priority', 'listed'] as const).map((order): Case => ({
    name: `a line's own limit is kept, order '${order}'`,
    run: async (bench) => {
      const mails = await bench.enqueueMany(3, () => MAIL)
      const others = await bench.enqueueMany(3)
      const claim = {
        lines: [
          { ...MAIL, limit: 1 },
          { ...DEFAULT_LINE, limit: 2 },
        ],
        limit: 5,
        order,
      }
      const { records, more } = await bench.turn({ claim })
      assert.deepEqual(ids(records), ids([...mails.slice(0, 1), ...others.slice(0, 2)]))
      assert.equal(more, false, 'both lines have given what they may')
    },
  })),
  {
    name: "what is overdue takes no place of its line's own limit",
    run: async (bench) => {
      const overdue = await bench.enqueueMany(2, () => ({ expiresInMs: 0 }))
      const { id } = await bench.enqueue()
      bench.clock.advance(1)
      const { records, expired } = await bench.turn(lines([{ ...DEFAULT_LINE, limit: 1 }], 5))
      assert.deepEqual([ids(records), expired.toSorted()], [[id], ids(overdue)])
    },
  },
  ...(['priority', 'listed'] as const).map((order): Case => ({
    name: `what is overdue at the front of a line lets nobody pass, order '${order}'`,
    run: async (bench) => {
      await bench.enqueue({ priority: 9, expiresInMs: 1 })
      const first = await bench.enqueue({ priority: 8 })
      const second = await bench.enqueue({ queue: 'mail', priority: 7 })
      bench.clock.advance(2)
      const lines = [{ ...DEFAULT_LINE, limit: 1 }, MAIL]
      assert.deepEqual(ids((await bench.turn({ claim: { lines, limit: 5, order } })).records), ids([first, second]))
    },
  })),
  {
    name: 'what is overdue is not more to claim',
    run: async (bench) => {
      await bench.enqueue({ expiresInMs: 0 })
      const { id } = await bench.enqueue({ priority: 1 })
      bench.clock.advance(1)
      const { records, more } = await bench.turn(lines([DEFAULT_LINE], 1))
      assert.deepEqual([ids(records), more], [[id], false])
    },
  },
  {
    name: 'what the same turn has put back for now is more to claim',
    run: async (bench) => {
      const { id } = await bench.make('running')
      const settlements = [bench.snooze(id, 1, 0)]
      const { records, more } = await bench.turn({ settlements, ...lines([DEFAULT_LINE], 0) })
      assert.deepEqual([records, more], [[], true])
    },
  },
  {
    name: "a line's own limit, once reached, is not more to claim",
    run: async (bench) => {
      await bench.enqueueMany(3)
      for (const limit of [0, 1]) {
        const { records, more } = await bench.turn({ claim: { lines: [{ ...DEFAULT_LINE, limit }], limit: 5 } })
        assert.deepEqual([records.length, more], [limit, false])
      }
    },
  },
  {
    name: "a line's own limit of 0 takes nothing from it",
    run: async (bench) => {
      await bench.enqueue(MAIL)
      const { id } = await bench.enqueue()
      assert.deepEqual(ids(await bench.claim(5, { lines: [{ ...MAIL, limit: 0 }, DEFAULT_LINE] })), [id])
    },
  },
  {
    name: 'more counts every line that may still give',
    run: async (bench) => {
      await bench.enqueueMany(2, () => MAIL)
      await bench.enqueueMany(2)
      const claim = { lines: [{ ...MAIL, limit: 1 }, DEFAULT_LINE], limit: 2 }
      assert.equal((await bench.turn({ claim })).more, true)
      assert.equal((await bench.turn({ claim })).more, false)
    },
  },
]

const byId: readonly Case[] = [
  {
    name: 'a claim by ids takes them in the order given, each once',
    run: async (bench) => {
      const [a, b, c] = ids(await bench.enqueueMany(3, (i) => ({ priority: i, queue: `queue-${i}` })))
      const answer = await bench.turn({ claim: { ids: [present(c), present(a), present(c), present(b)] } })
      assert.deepEqual(ids(answer.records), [c, a, b])
      assert.deepEqual([answer.more, answer.nextDueAt], [false, null])
    },
  },
  {
    name: 'a claim by ids passes by what is unknown, running, ended or not due',
    run: async (bench) => {
      const others = [await bench.make('running'), await bench.make('completed'), await bench.make('scheduled')]
      const { id } = await bench.enqueue()
      const { records, expired } = await bench.turn({ claim: { ids: [bench.makeId(), ...ids(others), id] } })
      assert.deepEqual([ids(records), expired], [[id], []])
      for (const other of others) await bench.expectChange(other, {})
    },
  },
  {
    name: 'a claim by ids takes what is due by now',
    run: async (bench) => {
      const { id } = await bench.enqueue({ delayMs: 50 })
      bench.clock.advance(50)
      assert.deepEqual(ids((await bench.turn({ claim: { ids: [id] } })).records), [id])
    },
  },
  {
    name: 'a claim of no ids takes nothing',
    run: async (bench) => {
      await bench.enqueue()
      assert.deepEqual((await bench.turn({ claim: { ids: [] } })).records, [])
    },
  },
]

export const claim: Group = { name: 'claim', cases: [...races, ...amounts, ...byId] }
