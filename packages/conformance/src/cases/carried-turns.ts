import assert from 'node:assert/strict'
import { QueueError, STATUS, type Hint, type TurnAnswer, type WaitingTurn } from '@millrace/core'
import { DEFAULT_LINE, ids, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'

const LINES = { lines: [DEFAULT_LINE] }

function claiming(bench: Bench, limit = 1): WaitingTurn {
  return { workerId: 'worker-1', slot: 0, nonce: bench.nonce(), claim: { ...LINES, limit } }
}

/** What the claim took, whether the wait has made it or not. */
async function taken(bench: Bench, turn: WaitingTurn, hint: Hint | null): Promise<TurnAnswer> {
  const answer = hint?.kind === 'work' ? hint.answer : undefined
  return answer ?? (await bench.backend.turn(turn))
}

async function runningCount(bench: Bench): Promise<number> {
  return (await bench.backend.statistics()).counts[STATUS.running]
}

/** Nothing was taken by a wait that was refused. */
function refusal(what: string, parameter: string, request: (turn: WaitingTurn) => unknown): Case {
  return {
    name: `a wait is refused with ${what}`,
    run: async (bench) => {
      await bench.enqueue()
      const watch = await bench.backend.watch(LINES)
      const wait: unknown = Reflect.apply(watch.next, watch, [request(claiming(bench))])
      await assert.rejects(
        async () => wait,
        (error) => {
          assert.ok(error instanceof QueueError)
          assert.deepEqual([error.code, error.parameter], ['invalid_argument', parameter])
          return true
        },
      )
      assert.deepEqual(await watch.next(), { kind: 'work' })
      assert.equal(await runningCount(bench), 0)
    },
  }
}

/** A claim that travels with a wait is made once or not at all, and the same turn tells which. */
export const carriedTurns: Group = {
  name: 'turns that a wait carries',
  cases: [
    {
      name: 'take what is there, once, and answer the same when they are repeated',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        const [watch, turn] = [await bench.backend.watch(LINES), claiming(bench)]
        const hint = await watch.next({ turn })
        assert.equal(hint?.kind, 'work')
        const answer = await taken(bench, turn, hint)
        assert.deepEqual(ids(answer.records), [id])
        assert.deepEqual((await bench.backend.turn(turn)).records, answer.records)
        const { status, attempt, workerId } = await bench.get(id)
        assert.deepEqual([status, attempt, workerId], [STATUS.running, 1, 'worker-1'])
      },
    },
    {
      name: 'take what comes while they wait',
      run: async (bench) => {
        const [watch, turn] = [await bench.backend.watch(LINES), claiming(bench)]
        const waiting = watch.next({ turn })
        const { record } = await bench.offer({}, bench.second)
        assert.deepEqual(ids((await taken(bench, turn, await waiting)).records), [record.id])
      },
    },
    {
      name: 'take no more than they may, and say that there is more',
      run: async (bench) => {
        const records = await bench.enqueueMany(3)
        const [watch, turn] = [await bench.backend.watch(LINES), claiming(bench, 2)]
        const answer = await taken(bench, turn, await watch.next({ turn }))
        assert.deepEqual(ids(answer.records), ids(records.slice(0, 2)))
        assert.equal(answer.more, true)
        assert.equal(await runningCount(bench), 2)
      },
    },
    {
      name: 'leave to others what the claim does not name',
      run: async (bench) => {
        const aside = await bench.enqueue({ queue: 'aside' })
        const watch = await bench.backend.watch({ lines: [{ ...DEFAULT_LINE, queue: 'aside' }] })
        const turn = claiming(bench)
        assert.deepEqual((await taken(bench, turn, await watch.next({ turn }))).records, [])
        assert.equal((await bench.get(aside.id)).status, STATUS.pending)
      },
    },
    {
      name: 'are made or not when the wait is aborted, but nothing is lost or taken twice',
      run: async (bench) => {
        const watch = await bench.backend.watch(LINES)
        for (let i = 1; i <= 20; i++) {
          const [stop, turn] = [new AbortController(), claiming(bench)]
          const waiting = watch.next({ signal: stop.signal, turn })
          const enqueued = bench.offer({}, bench.second)
          stop.abort()
          const { record } = await enqueued
          const answer = await taken(bench, turn, await waiting)
          // It came too early, after an older hint: what takes nothing can be repeated.
          const { records } = answer.records.length > 0 ? answer : await bench.backend.turn(turn)
          assert.deepEqual(ids(records), [record.id])
          assert.equal(await runningCount(bench), i)
        }
      },
    },
    {
      name: 'are over when the wait is aborted: what comes afterwards stays',
      run: async (bench) => {
        const [watch, stop] = [await bench.backend.watch(LINES), new AbortController()]
        const waiting = watch.next({ signal: stop.signal, turn: claiming(bench) })
        stop.abort()
        await waiting
        const { id } = await bench.enqueue()
        assert.deepEqual(await watch.next(), { kind: 'work' })
        assert.equal((await bench.get(id)).status, STATUS.pending)
      },
    },
    {
      name: 'are over when the watch is closed: what comes afterwards stays',
      run: async (bench) => {
        const watch = await bench.backend.watch(LINES)
        const waiting = watch.next({ turn: claiming(bench) })
        await watch.close()
        await waiting
        const { id } = await bench.enqueue()
        assert.deepEqual(await (await bench.second.watch(LINES)).next(), { kind: 'work' })
        assert.equal((await bench.get(id)).status, STATUS.pending)
      },
    },
    {
      name: 'are no reason to keep another hint back',
      run: async (bench) => {
        const { id } = await bench.enqueue({ queue: 'aside' })
        const [watch, turn] = [await bench.backend.watch({ ...LINES, ids: [id] }), claiming(bench)]
        const waiting = watch.next({ turn })
        await bench.cancel(id)
        const first = await waiting
        // The wait has ended for it, and the claim with the wait.
        if (first?.kind === 'work') assert.deepEqual(first.answer?.records, [])
        assert.deepEqual(first?.kind === 'work' ? await watch.next() : first, { kind: 'done', id })
      },
    },
    {
      name: 'of two waiters take one record once',
      run: async (bench) => {
        const turns = [claiming(bench), { ...claiming(bench), workerId: 'worker-2' }]
        const watches = [await bench.backend.watch(LINES), await bench.second.watch(LINES)]
        const waits = watches.map(async (watch, i) => ({
          i,
          hint: await watch.next({ turn: turns[i] ?? claiming(bench) }),
        }))
        const { id } = await bench.enqueue()
        const first = await Promise.race(waits)
        const turn = turns[first.i] ?? claiming(bench)
        assert.deepEqual(ids((await taken(bench, turn, first.hint)).records), [id])
        await watches[1 - first.i]?.close()
        const second = await waits[1 - first.i]
        assert.deepEqual(second?.hint?.kind === 'work' ? second.hint.answer?.records : [], [])
        assert.equal((await bench.get(id)).workerId, turn.workerId)
      },
    },
    refusal('what is no turn', 'watch.next.turn', () => ({ turn: 5 })),
    refusal('an option that nobody knows', 'watch.next.line', () => ({ line: DEFAULT_LINE })),
    refusal('what is no signal', 'watch.next.signal', () => ({ signal: {} })),
    refusal('what is no line', 'watch.next.lines[0].queue', () => ({ lines: [{ ...DEFAULT_LINE, queue: '' }] })),
    refusal('a turn that claims nothing', 'watch.next.turn.claim', ({ workerId, slot, nonce }) => ({
      turn: { workerId, slot, nonce },
    })),
    refusal('a turn that claims by ids', 'watch.next.turn.claim', (turn) => ({
      turn: { ...turn, claim: { ids: [] } },
    })),
    refusal('a turn that settles', 'watch.next.turn.settlements', (turn) => ({ turn: { ...turn, settlements: [] } })),
    refusal('a turn that beats', 'watch.next.turn.touches', (turn) => ({ turn: { ...turn, touches: [] } })),
    refusal('a turn that presents', 'watch.next.turn.presence', (turn) => ({ turn: { ...turn, presence: null } })),
    refusal('a turn of nobody', 'turn.workerId', (turn) => ({ turn: { ...turn, workerId: '' } })),
    refusal('a turn of no slot', 'turn.slot', (turn) => ({ turn: { ...turn, slot: -1 } })),
    refusal('a turn without a nonce', 'turn.nonce', (turn) => ({ turn: { ...turn, nonce: '' } })),
    refusal('a claim without a limit', 'turn.claim.limit', ({ claim: { lines }, ...turn }) => ({
      turn: { ...turn, claim: { lines } },
    })),
  ],
}
