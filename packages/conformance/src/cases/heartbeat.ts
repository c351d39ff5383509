import assert from 'node:assert/strict'
import type { TaskRecord, TurnRequest } from '@millrace/core'
import { DEFAULT_LINE, ENDINGS, ids, jsonOf, present, STALE_AFTER_MS, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

/** How a record that a worker believes to hold can be gone. */
const LOST: readonly { readonly how: string; readonly make: (bench: Bench) => Promise<string> }[] = [
  { how: 'unknown', make: async (bench) => bench.makeId() },
  { how: 'completed', make: async (bench) => (await bench.make('completed')).id },
  { how: 'never claimed', make: async (bench) => (await bench.make('pending')).id },
  { how: 'cancelled before it ran', make: async (bench) => (await bench.make('cancelled')).id },
  {
    how: 'released',
    make: async (bench) => {
      const { id } = await bench.make('running')
      await bench.settle(bench.release(id, 1))
      return id
    },
  },
  {
    how: 'recovered',
    make: async (bench) => {
      const { id } = await bench.make('running')
      bench.clock.advance(STALE_AFTER_MS + 1)
      await bench.sweepStale()
      return id
    },
  },
  {
    how: 'held by another attempt',
    make: async (bench) => {
      const { id } = await bench.make('running')
      await bench.settle(bench.release(id, 1))
      await bench.claimOne(id, { workerId: 'worker-2' })
      return id
    },
  },
  {
    how: 'cancelled and let go of',
    make: async (bench) => {
      const { id } = await bench.makeHeld()
      await bench.settle(bench.release(id, 1))
      return id
    },
  },
]

const beats: readonly Case[] = [
  {
    name: 'D2: a heartbeat moves heartbeatAt and nothing else',
    run: async (bench) => {
      const before = await bench.make('running', { metadata: { a: [], b: {} } })
      bench.clock.advance(1_000)
      const { lost, cancelled } = await bench.beat([bench.touch(before.id, 1)])
      assert.deepEqual({ lost, cancelled }, { lost: [], cancelled: [] })
      await bench.expectChange(before, { heartbeatAt: bench.now })
    },
  },
  {
    name: 'a heartbeat with progress stores it, one without keeps it, a null clears it',
    run: async (bench) => {
      const before = await bench.make('running')
      const progress = { done: 3, of: 7, notes: [] }
      await bench.beat([bench.touch(before.id, 1, { progress: jsonOf(progress) })])
      await bench.beat([bench.touch(before.id, 1)])
      await bench.expectChange(before, { progress })
      await bench.beat([bench.touch(before.id, 1, { progress: 'null' })])
      await bench.expectChange(before, { progress: null })
    },
  },
  ...ENDINGS.map((outcome) => ({
    name: `progress that comes with the settlement is stored: ${outcome}`,
    run: async (bench: Bench) => {
      const { id } = await bench.make('running', { maxRetries: 1 })
      await bench.beat([bench.touch(id, 1, { progress: '1' })])
      const settlement = bench.ending(outcome, id)
      assert.equal((await bench.settle({ ...settlement, progress: '{"done":7}' })).outcome, 'ok')
      assert.deepEqual((await bench.get(id, bench.second)).progress, { done: 7 })
    },
  })),
  {
    name: 'progress that comes with a late settlement, or again, changes nothing; a cancelled holder still tells it',
    run: async (bench) => {
      const { id } = await bench.make('running')
      await bench.settle({ ...bench.complete(id, 1), progress: '1' })
      await bench.settle({ ...bench.complete(id, 1), progress: '2' })
      await bench.settle({ ...bench.complete(id, 2), progress: '3' })
      assert.equal((await bench.get(id)).progress, 1)
      const held = await bench.makeHeld()
      await bench.settle({ ...bench.release(held.id, 1), progress: '4' })
      assert.equal((await bench.get(held.id)).progress, 4)
    },
  },
  {
    name: 'progress stays when the attempt ends, and goes with the next claim',
    run: async (bench) => {
      const { id } = await bench.make('running', { maxRetries: 1 })
      await bench.beat([bench.touch(id, 1, { progress: '42' })])
      await bench.settle(bench.fail(id, 1, 0))
      assert.equal((await bench.get(id)).progress, 42)
      assert.equal((await bench.claimOne(id)).progress, null)
    },
  },
  {
    name: 'a heartbeat beats for each of many records, whatever became of the others',
    run: async (bench) => {
      const records = await bench.enqueueMany(10)
      await bench.claim(10)
      const [first] = records
      await bench.settle(bench.complete(present(first).id, 1))
      bench.clock.advance(1_000)
      const { lost } = await bench.beat(records.map(({ id }) => bench.touch(id, 1)))
      assert.deepEqual(lost, [present(first).id])
      for (const { id } of records.slice(1)) assert.equal((await bench.get(id)).heartbeatAt, bench.now)
    },
  },
  {
    name: 'a holder declared dead has no heartbeat until it beats again: then it is alive',
    run: async (bench) => {
      const before = await bench.make('running')
      assert.deepEqual((await bench.beat([bench.touch(before.id, 1, { alive: false })])).lost, [])
      await bench.expectChange(before, { heartbeatAt: null })
      await bench.beat([bench.touch(before.id, 1)])
      await bench.expectChange(before, {})
    },
  },
  {
    name: "'any' beats for whatever attempt runs",
    run: async (bench) => {
      const before = await bench.make('running')
      bench.clock.advance(1_000)
      assert.deepEqual((await bench.beat([bench.touch(before.id, 'any', { progress: '1' })])).lost, [])
      await bench.expectChange(before, { heartbeatAt: bench.now, progress: 1 })
    },
  },
  ...LOST.map(({ how, make }): Case => ({
    name: `D23: a heartbeat for a record that is ${how} reports it lost and changes nothing`,
    run: async (bench) => {
      const id = await make(bench)
      const [before] = await bench.second.get([id])
      for (const alive of [true, false]) {
        const { lost, cancelled } = await bench.beat([bench.touch(id, 1, { alive, progress: '1' })])
        assert.deepEqual({ lost, cancelled }, { lost: [id], cancelled: [] })
      }
      assert.deepEqual(await bench.second.get([id]), [before])
    },
  })),
  {
    name: 'D31: the holder of a record that was cancelled learns it by its heartbeat, every time',
    run: async (bench) => {
      const before = await bench.makeHeld()
      for (let i = 0; i < 2; i++) {
        bench.clock.advance(1_000)
        const { lost, cancelled } = await bench.beat([bench.touch(before.id, i === 0 ? 1 : 'any')])
        assert.deepEqual({ lost, cancelled }, { lost: [], cancelled: [before.id] })
        await bench.expectChange(before, { heartbeatAt: bench.now })
      }
    },
  },
  {
    name: 'a dead holder of a cancelled record lets go of it',
    run: async (bench) => {
      const before = await bench.makeHeld()
      assert.deepEqual((await bench.beat([bench.touch(before.id, 1, { alive: false })])).cancelled, [before.id])
      await bench.expectChange(before, { workerId: null, heartbeatAt: null })
    },
  },
]

/** What a worker says after a claim whose reply it never saw, and whether it is told about the record. */
const UNKNOWN: readonly {
  readonly says: string
  readonly told: boolean
  readonly turn: (bench: Bench, record: TaskRecord) => Partial<TurnRequest>
}[] = [
  { says: 'that it holds nothing', told: true, turn: () => ({ touches: [] }) },
  {
    says: 'that it holds nothing, and claims',
    told: true,
    turn: () => ({ touches: [], claim: { lines: [DEFAULT_LINE], limit: 1 } }),
  },
  { says: 'nothing of what it holds', told: false, turn: () => ({}) },
  { says: 'that it holds it', told: false, turn: (bench, { id }) => ({ touches: [bench.touch(id, 1)] }) },
  { says: "that it holds it, by 'any'", told: false, turn: (bench, { id }) => ({ touches: [bench.touch(id, 'any')] }) },
  {
    says: 'that it gives it back',
    told: false,
    turn: (bench, { id }) => ({ touches: [], settlements: [bench.release(id, 1)] }),
  },
  { says: 'that it holds nothing in another slot', told: false, turn: () => ({ touches: [], slot: 1 }) },
  {
    says: 'that it holds nothing under another name',
    told: false,
    turn: () => ({ touches: [], workerId: 'worker-2' }),
  },
  {
    says: 'the same words again',
    told: false,
    turn: () => ({ touches: [], nonce: 'same', claim: { lines: [DEFAULT_LINE], limit: 1 } }),
  },
]

const unknown: readonly Case[] = [
  ...UNKNOWN.map(({ says, told, turn }): Case => ({
    name: `a worker that missed the reply of its claim and then says ${says} is ${told ? 'told of it' : 'told of nothing'}`,
    run: async (bench) => {
      await bench.enqueue()
      const [record] = await bench.claim(1, { nonce: 'same' })
      const { unknown } = await bench.turn(turn(bench, present(record)))
      assert.deepEqual(unknown, told ? [{ id: record?.id, attempt: 1 }] : [])
    },
  })),
  {
    name: 'what a claim takes is not unknown to that same turn',
    run: async (bench) => {
      await bench.enqueue()
      const { records, unknown } = await bench.turn({ touches: [], claim: { lines: [DEFAULT_LINE], limit: 1 } })
      assert.deepEqual([records.length, unknown], [1, []])
    },
  },
  {
    name: 'an unknown record that was recovered and claimed by another worker is not told any more',
    run: async (bench) => {
      const { id } = await bench.make('running')
      bench.clock.advance(STALE_AFTER_MS + 1)
      await bench.sweepStale()
      await bench.claimOne(id, { workerId: 'worker-2' })
      assert.deepEqual((await bench.beat([])).unknown, [])
    },
  },
  {
    name: 'a claim that takes nothing does not make the slot forget the one before',
    run: async (bench) => {
      const { id } = await bench.make('running')
      await bench.claim(5)
      assert.deepEqual((await bench.beat([])).unknown, [{ id, attempt: 1 }])
    },
  },
  {
    name: 'every record of a claim that the worker does not know is told',
    run: async (bench) => {
      const records = await bench.enqueueMany(5)
      await bench.claim(5)
      const [known, ...others] = ids(records)
      const { unknown } = await bench.beat([bench.touch(present(known), 1)])
      assert.deepEqual(unknown.map(({ id }) => id).toSorted(), others)
    },
  },
  {
    name: 'a worker that says goodbye is told of nothing afterwards',
    run: async (bench) => {
      await bench.make('running')
      await bench.turn({ presence: null })
      assert.deepEqual((await bench.beat([])).unknown, [])
    },
  },
]

export const heartbeat: Group = { name: 'heartbeat', cases: beats }
export const unknownClaims: Group = { name: 'unknown claims', cases: unknown }
