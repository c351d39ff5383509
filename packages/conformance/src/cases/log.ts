import assert from 'node:assert/strict'
import { encodeNote, MAX_LOG_BYTES, MAX_LOG_ENTRIES, type Backend, type LogEntry, type Note } from '@millrace/core'
import { ENDINGS, present, STALE_AFTER_MS, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

function note(number: number, message: string, agoMs = 0, data?: unknown): Note {
  return { number, agoMs, text: encodeNote(message, data, 10) }
}

async function logOf(bench: Bench, id: string, backend: Backend = bench.second): Promise<readonly LogEntry[]> {
  const [log] = await backend.history.logs([id])
  return present(log)
}

async function messages(bench: Bench, id: string): Promise<readonly string[]> {
  return (await logOf(bench, id)).map(({ message }) => message)
}

const kept: readonly Case[] = [
  {
    name: 'what a heartbeat brings is kept with attempt, number, instant, message and data, and changes nothing but the heartbeat',
    run: async (bench) => {
      const before = await bench.make('running')
      bench.clock.advance(5_000)
      const log = [note(1, 'first', 4_000, { of: [], n: null }), note(2, 'second \u{1f600} \u2028\u0000 "\n', 1)]
      await bench.beat([bench.touch(before.id, 1, { log })])
      const { now } = bench
      await bench.expectChange(before, { heartbeatAt: now })
      assert.deepEqual(await logOf(bench, before.id), [
        { attempt: 1, number: 1, at: now - 4_000, message: 'first', data: { of: [], n: null } },
        { attempt: 1, number: 2, at: now - 1, message: 'second \u{1f600} \u2028\u0000 "\n', data: null },
      ])
    },
  },
  {
    name: 'logs are answered in the order of the ids; there are none of a record that wrote none, or that does not exist',
    run: async (bench) => {
      const { id } = await bench.make('running')
      const other = await bench.make('running')
      await bench.beat([bench.touch(id, 1, { log: [note(1, 'a')] }), bench.touch(other.id, 1, { log: [note(1, 'b')] })])
      const silent = await bench.make('pending')
      const answers = await bench.second.history.logs([other.id, bench.makeId(), silent.id, id, id])
      assert.deepEqual(
        answers.map((log) => log.map(({ message }) => message)),
        [['b'], [], [], ['a'], ['a']],
      )
    },
  },
  ...ENDINGS.map((outcome) => ({
    name: `what comes with the settlement is kept: ${outcome}`,
    run: async (bench: Bench) => {
      const { id } = await bench.make('running', { maxRetries: 1 })
      await bench.beat([bench.touch(id, 1, { log: [note(1, 'during')] })])
      const settlement = bench.ending(outcome, id)
      const { outcome: answer } = await bench.settle({ ...settlement, log: [note(2, 'last')] })
      assert.equal(answer, 'ok')
      assert.deepEqual(await messages(bench, id), ['during', 'last'])
    },
  })),
  {
    name: 'entries of all attempts stand one behind the other, each with its attempt, through retry, recovery and replay',
    run: async (bench) => {
      const { id } = await bench.make('running', { maxRetries: 1 })
      await bench.settle({ ...bench.fail(id, 1, 0), log: [note(1, 'failed')] })
      await bench.claimOne(id)
      await bench.beat([bench.touch(id, 2, { log: [note(1, 'silent')] })])
      bench.clock.advance(STALE_AFTER_MS + 1)
      await bench.sweepStale()
      await bench.claimOne(id)
      await bench.settle({ ...bench.complete(id, 3), log: [note(1, 'done'), note(2, 'really')] })
      await bench.replay(id, 3)
      const log = await logOf(bench, id)
      assert.deepEqual(
        log.map(({ attempt, number, message }) => [attempt, number, message]),
        [
          [1, 1, 'failed'],
          [2, 1, 'silent'],
          [3, 1, 'done'],
          [3, 2, 'really'],
        ],
      )
    },
  },
  {
    name: 'what a cancelled holder writes until it lets go is kept',
    run: async (bench) => {
      const { id } = await bench.makeHeld()
      await bench.beat([bench.touch(id, 1, { log: [note(1, 'told to stop')] })])
      await bench.settle({ ...bench.release(id, 1), log: [note(2, 'stopped')] })
      assert.deepEqual(await messages(bench, id), ['told to stop', 'stopped'])
    },
  },
  {
    name: 'an instant is never before the start of the attempt, nor before the entry before',
    run: async (bench) => {
      const { id, startedAt } = await bench.make('running')
      bench.clock.advance(100)
      await bench.beat([
        bench.touch(id, 1, { log: [note(1, 'long ago', 1_000_000), note(2, 'now'), note(3, 'before', 50)] }),
      ])
      const log = await logOf(bench, id)
      assert.deepEqual(
        log.map(({ at }) => at),
        [startedAt, bench.now, bench.now],
      )
    },
  },
]

const fenced: readonly Case[] = [
  {
    name: 'what a late holder writes is dropped, by heartbeat and by settlement',
    run: async (bench) => {
      const { id } = await bench.make('running')
      await bench.settle(bench.release(id, 1))
      await bench.claimOne(id)
      await bench.beat([bench.touch(id, 1, { log: [note(1, 'late')] })])
      await bench.settle({ ...bench.complete(id, 1), log: [note(2, 'late')] })
      await bench.settle({ ...bench.complete(id, 2), log: [] })
      await bench.settle({ ...bench.complete(id, 2), log: [note(1, 'over')] })
      await bench.beat([bench.touch(id, 2, { log: [note(1, 'over')] })])
      assert.deepEqual(await messages(bench, id), [])
    },
  },
  {
    name: 'a repeated heartbeat with a longer log adds what is new',
    run: async (bench) => {
      const { id } = await bench.make('running')
      await bench.beat([bench.touch(id, 1, { log: [note(1, 'a'), note(2, 'b')] })])
      await bench.beat([bench.touch(id, 1, { log: [note(1, 'a'), note(2, 'b'), note(3, 'c')] })])
      assert.deepEqual(await messages(bench, id), ['a', 'b', 'c'])
    },
  },
  {
    name: 'a heartbeat and a settlement whose reply is lost leave each entry once',
    run: async (bench) => {
      const { id } = await bench.make('running')
      const nonce = bench.nonce()
      await bench.resend(() => bench.beat([bench.touch(id, 1, { log: [note(1, 'a')] })], { nonce }))
      const settling = {
        settlements: [{ ...bench.complete(id, 1), log: [note(1, 'a'), note(2, 'b')] }],
        nonce: bench.nonce(),
      }
      await bench.resend(() => bench.turn(settling))
      assert.deepEqual(await messages(bench, id), ['a', 'b'])
    },
  },
]

const bounded: readonly Case[] = [
  {
    name: 'of many entries the newest are kept, and their numbers tell of the gap',
    run: async (bench) => {
      const { id } = await bench.make('running')
      const many = (first: number): Note[] => Array.from({ length: 60 }, (_, i) => note(first + i, `n${first + i}`))
      await bench.beat([bench.touch(id, 1, { log: many(1) })])
      await bench.beat([bench.touch(id, 1, { log: many(61) })])
      const log = await logOf(bench, id)
      assert.equal(log.length, MAX_LOG_ENTRIES)
      assert.deepEqual([log[0]?.number, log.at(-1)?.number], [21, 120])
    },
  },
  {
    name: 'of large entries as many as there is room for, counted in bytes',
    run: async (bench) => {
      const { id } = await bench.make('running')
      const text = encodeNote('\u20ac'.repeat(300), undefined, 10)
      const room = Math.floor(MAX_LOG_BYTES / Buffer.byteLength(text))
      const log = Array.from({ length: room + 3 }, (_, i) => ({ number: i + 1, agoMs: 0, text }))
      await bench.beat([bench.touch(id, 1, { log })])
      const stored = await logOf(bench, id)
      assert.deepEqual([stored.length, stored[0]?.number], [room, 4])
    },
  },
  {
    name: 'removal takes the log along, and so does destroy',
    run: async (bench) => {
      const { id } = await bench.make('running')
      const other = await bench.make('running')
      await bench.settle({ ...bench.complete(id, 1), log: [note(1, 'gone')] })
      await bench.beat([bench.touch(other.id, 1, { log: [note(1, 'there')] })])
      bench.clock.advance(bench.later)
      await bench.sweepFinished()
      assert.deepEqual([await messages(bench, id), await messages(bench, other.id)], [[], ['there']])
      await bench.second.destroy()
      assert.deepEqual(await messages(bench, other.id), [])
    },
  },
  {
    name: "a log is this namespace's own",
    run: async (bench) => {
      const { id } = await bench.make('running')
      await bench.beat([bench.touch(id, 1, { log: [note(1, 'here')] })])
      const { backend } = await bench.reopen(`${bench.namespace}-beside`)
      assert.deepEqual(await logOf(bench, id, backend), [])
    },
  },
]

/** What handlers write down about their record. */
export const log: Group = { name: 'log', cases: [...kept, ...fenced, ...bounded] }
