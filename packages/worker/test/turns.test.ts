import { STATUS, type TurnRequest } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driveUntil, puppet, rounds, until, witness } from './harness.ts'

const limitOf = (turn: TurnRequest | undefined): number =>
  turn?.claim !== undefined && 'limit' in turn.claim ? turn.claim.limit : 0

describe('one turn for everything', () => {
  it('settles and claims in one call, for as many as there are free slots', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task, 6)
    await bench.started({ tasks: [demo.task], concurrency: 4 })
    await until(() => demo.starts.length === 4)
    const before = bench.tap.turns.length
    demo.starts[0]?.finish()
    demo.starts[1]?.finish()
    await until(() => demo.starts.length === 6)
    expect(bench.tap.turns.slice(before)).toHaveLength(1)
    const [turn] = bench.tap.turns.slice(before)
    expect(turn?.settlements).toHaveLength(2)
    expect(limitOf(turn)).toBe(2)
    expect(turn?.touches).toBeUndefined()
    for (const start of demo.starts) start.finish()
  })

  it('sends what finishes together together', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task, 50)
    await bench.started({ tasks: [demo.task], concurrency: 50 })
    await until(() => demo.starts.length === 50)
    const before = bench.tap.turns.length
    for (const start of demo.starts) start.finish()
    await until(async () => (await bench.count(STATUS.completed)) === 50)
    expect(bench.tap.turns.slice(before).filter(({ settlements }) => settlements !== undefined)).toHaveLength(1)
  })

  it('needs few turns for short tasks', async () => {
    await using bench = new Bench()
    const demo = witness()
    await bench.enqueue(demo.task, 1_000)
    await bench.started({ tasks: [demo.task], concurrency: 50, prefetch: 0 })
    await until(() => demo.runs.length === 1_000)
    await until(async () => (await bench.count(STATUS.completed)) === 1_000)
    // Half of what runs at a time goes in one turn, so that the backend works on it while the other half runs.
    expect(bench.tap.turns.length).toBeLessThanOrEqual(1_000 / 25 + 3)
  })

  it('refills a slot as soon as it is free, whatever the others do (D24)', async () => {
    await using bench = new Bench()
    const long = puppet('demo.long')
    const short = witness('demo.short')
    await bench.enqueue(long.task)
    await bench.enqueue(short.task, 20)
    await bench.started({ tasks: [long.task, short.task], concurrency: 2 })
    await until(() => short.runs.length === 20)
    expect(long.running).toBe(1)
    long.starts[0]?.finish()
  })

  it('has no second turn in flight for a few outcomes', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task, 10)
    await bench.started({ tasks: [demo.task], concurrency: 5 })
    await until(() => demo.starts.length === 5)
    const before = bench.tap.turns.length
    bench.tap.always('hold', 'turn')
    for (const start of demo.starts.slice(0, 5)) {
      start.finish()
      await rounds()
    }
    await drive(bench.clock, 9_000)
    expect(bench.tap.turns.slice(before)).toHaveLength(1)
    bench.tap.heal()
    await until(() => demo.starts.length === 10)
    for (const start of demo.starts) start.finish()
  })

  it('never holds more than its concurrency', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task, 40)
    await bench.started({ tasks: [demo.task], concurrency: 7 })
    for (let done = 0; done < 40; done++) {
      await until(() => demo.starts.length > done)
      expect(await bench.count(STATUS.running)).toBeLessThanOrEqual(7)
      demo.starts[done]?.finish()
    }
    await until(async () => (await bench.count(STATUS.completed)) === 40)
    expect(demo.most).toBe(7)
  })

  it('splits what does not fit into one call', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task, 5)
    await bench.started({ tasks: [demo.task], concurrency: 5 })
    await until(() => demo.starts.length === 5)
    const before = bench.tap.turns.length
    for (const start of demo.starts) start.finish('x'.repeat(600_000))
    await until(async () => (await bench.count(STATUS.completed)) === 5)
    const turns = bench.tap.turns.slice(before)
    expect(turns.map(({ settlements = [] }) => settlements.length)).toEqual([1, 1, 1, 1, 1])
    expect(turns.map(limitOf)).toEqual([1, 2, 3, 4, 5])
  })

  it('runs by priority over all its queues, or queue after queue if told to', async () => {
    for (const [order, expected] of [
      ['priority', ['b', 'a']],
      ['listed', ['a', 'b']],
    ] as const) {
      await using bench = new Bench()
      const ran: string[] = []
      const a = puppet('demo.a', { queue: 'a' })
      const b = puppet('demo.b', { queue: 'b', priority: 5 })
      await bench.enqueue(a.task)
      await bench.enqueue(b.task)
      await bench.started({ tasks: [a.task, b.task], queues: ['a', 'b'], order, concurrency: 1 })
      for (let i = 0; i < 2; i++) {
        await until(() => a.running + b.running === 1)
        const current = a.running === 1 ? a : b
        ran.push(current === a ? 'a' : 'b')
        current.starts.at(-1)?.finish()
        await until(() => current.running === 0)
      }
      expect(ran).toEqual(expected)
    }
  })

  it('starts an attempt once, also if a backend hands it out twice', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task)
    bench.tap.answers((answer) => ({ ...answer, records: [...answer.records, ...answer.records] }))
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length > 0)
    expect(demo.starts).toHaveLength(1)
    demo.starts[0]?.finish()
  })

  it('does not mistake a late cancellation for a failure', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    bench.tap.next('turn', 'hold')
    demo.starts[0]?.finish()
    await rounds()
    await bench.client.cancel(id ?? '', { includeRunning: true })
    bench.tap.release()
    await drive(bench.clock, 1_000)
    expect(await bench.record(id)).toMatchObject({ status: STATUS.cancelled, workerId: null })
    expect(bench.reports).toEqual([])
  })
})

describe('no hot spin', () => {
  it('makes only heartbeats while it is full and scheduled work is overdue', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task, 2)
    await bench.client.enqueue(demo.task, { n: 3 }, { delay: '1s' })
    await bench.started({ tasks: [demo.task], concurrency: 2 })
    await until(() => demo.starts.length === 2)
    await drive(bench.clock, 2_000)
    const before = bench.tap.turns.length
    await drive(bench.clock, 60_000)
    const turns = bench.tap.turns.slice(before)
    expect(turns.length).toBeLessThanOrEqual(60 / 5 + 60 / 10 + 1)
    expect(turns.every((turn) => turn.claim === undefined)).toBe(true)
    demo.starts[0]?.finish()
    await until(() => demo.starts.length === 3)
    for (const start of demo.starts) start.finish()
  })

  it('polls no faster beside the overdue work of a queue that is not its own', async () => {
    await using bench = new Bench()
    const mine = witness('demo.mine', { queue: 'mine' })
    const theirs = witness('demo.theirs', { queue: 'theirs' })
    await bench.enqueue(theirs.task, 10)
    await bench.client.enqueue(theirs.task, { n: 1 }, { delay: '1s' })
    await bench.started({ tasks: [mine.task], queues: ['mine'] })
    await drive(bench.clock, 15_000)
    const before = bench.tap.turns.length
    await drive(bench.clock, 60_000)
    expect(bench.tap.turns.length - before).toBeLessThanOrEqual(60 / 5 + 60 / 10 + 1)
  })

  it('does not follow a backend at once that says `more` and gives nothing', async () => {
    await using bench = new Bench()
    const demo = witness()
    bench.tap.answers((answer) => ({ ...answer, more: true }))
    await bench.started({ tasks: [demo.task] })
    await rounds()
    const before = bench.tap.turns.length
    await drive(bench.clock, 10_000)
    expect(bench.tap.turns.length - before).toBeLessThanOrEqual(10_000 / 100 + 1)
  })

  it('does not follow a due time that is already over', async () => {
    await using bench = new Bench()
    const demo = witness()
    bench.tap.answers((answer) => ({ ...answer, nextDueAt: answer.now }))
    await bench.started({ tasks: [demo.task] })
    await rounds()
    const before = bench.tap.turns.length
    await drive(bench.clock, 10_000)
    expect(bench.tap.turns.length - before).toBeLessThanOrEqual(10_000 / 100 + 1)
  })

  it('makes no turn at all while the clock stands still and nothing happens', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    await rounds(20)
    const before = bench.tap.calls.length
    await rounds(200)
    expect(bench.tap.calls.length - before).toBe(0)
    demo.starts[0]?.finish()
  })

  it('is quiet with a handler that is stuck in its only slot', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.stuck', { timeout: '1s' })
    await bench.enqueue(demo.task, 2)
    await bench.started({ tasks: [demo.task], concurrency: 1 })
    await drive(bench.clock, 2_000)
    const before = bench.tap.turns.length
    await drive(bench.clock, 60_000)
    expect(bench.tap.turns.length - before).toBeLessThanOrEqual(60 / 10 + 1)
    await driveUntil(bench.clock, () => bench.told('handler-stuck').length === 1)
    for (const start of demo.starts) start.finish()
  })
})
