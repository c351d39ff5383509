import { STATUS, task, type TurnRequest } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driven, driveUntil, puppet, rounds, until, witness, type BenchWorkerOptions } from './harness.ts'

type Fault = 'hold' | 'lose' | 'drop'

/** A worker with 100 handlers at a time of which all but the last have returned in four groups, a turn in flight for each. */
async function fourInFlight(
  bench: Bench,
  fault: Fault | readonly Fault[],
  { records = 220, ...options }: Partial<BenchWorkerOptions> & { readonly records?: number } = {},
) {
  const demo = puppet('demo.puppet', { retries: 2 })
  const ids = await bench.enqueue(demo.task, records)
  const worker = await bench.started({ tasks: [demo.task], concurrency: 101, prefetch: 0, ...options })
  await until(() => demo.starts.length === 101)
  const before = bench.tap.turns.length
  const faults = typeof fault === 'string' ? [fault, fault, fault, fault] : fault
  bench.tap.next('turn', ...faults)
  for (let group = 0; group < 4; group++) {
    for (const start of demo.starts.slice(group * 25, group * 25 + 25)) start.finish()
    await rounds(faults[0] === 'hold' ? 3 : 0)
  }
  return { demo, ids, worker, before, turns: () => bench.tap.turns.slice(before) }
}

const settledIn = ({ settlements = [] }: TurnRequest): readonly string[] => settlements.map(({ id }) => id)

describe('several turns in flight', () => {
  it('are at most four, one of each slot, each with its own nonce and its own outcomes', async () => {
    await using bench = new Bench()
    const { demo, turns } = await fourInFlight(bench, 'hold')
    expect(turns().map(({ slot }) => slot)).toEqual([0, 1, 2, 3])
    expect(new Set(turns().map(({ nonce, slot }) => `${slot} ${nonce}`)).size).toBe(4)
    const settled = turns().flatMap(settledIn)
    expect(settled).toHaveLength(100)
    expect(new Set(settled).size).toBe(100)
    demo.starts[100]?.finish()
    await rounds(20)
    expect(turns()).toHaveLength(4)
    bench.tap.heal()
    await until(() => demo.starts.length === 202)
    for (const start of demo.starts) start.finish()
    await until(() => demo.starts.length === 220)
    for (const start of demo.starts) start.finish()
    await until(async () => (await bench.count(STATUS.completed)) === 220)
  })

  it('are asked after at the end, where the first sending of a repeated one may have come late', async () => {
    await using bench = new Bench()
    const { demo, turns, worker } = await fourInFlight(bench, ['hold', 'drop', 'hold', 'hold'], {
      records: 101,
      heartbeat: '2s',
      staleAfter: '20s',
    })
    const first = turns().find(({ slot }) => slot === 1)
    bench.tap.heal()
    for (const start of demo.starts) start.finish()
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 101, 20_000)
    await drive(bench.clock, 8_000)
    const late = await bench.enqueue(demo.task, 3)
    if (first === undefined) throw new TypeError('no turn was made')
    expect((await bench.store.turn(first)).records.map(({ id }) => id)).toEqual(late)
    const stopped = worker.stop()
    await drive(bench.clock, 10_000)
    await stopped
    expect(await bench.count(STATUS.pending)).toBe(3)
  })

  it('never hold more than the concurrency together', async () => {
    await using bench = new Bench()
    const { demo, turns } = await fourInFlight(bench, 'hold')
    const limits = turns().map(({ claim }) => (claim !== undefined && 'limit' in claim ? claim.limit : 0))
    expect(limits).toEqual([25, 25, 25, 25])
    bench.tap.heal()
    await until(() => demo.starts.length === 201)
    expect(await bench.count(STATUS.running)).toBe(101)
    for (const start of demo.starts) start.finish()
  })

  it.each(['lose', 'drop'] as const)('are repeated word for word, each in its slot: %s', async (fault) => {
    await using bench = new Bench()
    const { demo, turns } = await fourInFlight(bench, 'hold')
    const first = turns()
    // While these are held, their repetitions fail as well.
    bench.tap.next('turn', fault, fault, fault, fault, fault)
    await drive(bench.clock, 10_000)
    await driveUntil(bench.clock, () => demo.starts.length === 201, 60_000)
    for (const one of first) {
      const sameSlot = bench.tap.turns.slice(bench.tap.turns.indexOf(one)).filter(({ slot }) => slot === one.slot)
      expect(sameSlot[1]).toEqual(one)
      expect(sameSlot.length).toBeGreaterThanOrEqual(2)
    }
    bench.tap.release()
    for (const start of demo.starts) start.finish()
    await driveUntil(bench.clock, () => demo.starts.length === 220)
    for (const start of demo.starts) start.finish()
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 220)
    expect(bench.told('lost')).toEqual([])
    expect(demo.starts.every(({ context }) => context.attempt === 1)).toBe(true)
  })

  it('of which one fails again and again do not wait for it', async () => {
    await using bench = new Bench()
    const poison = puppet('demo.poison')
    const slow = puppet('demo.slow')
    const good = witness('demo.good')
    await bench.enqueue(poison.task)
    await bench.enqueue(slow.task, 4)
    await bench.enqueue(good.task, 50)
    await bench.started({ tasks: [poison.task, slow.task, good.task], concurrency: 5 })
    await until(() => slow.starts.length === 4)
    const turn = bench.store.turn.bind(bench.store)
    let poisoned = 0
    bench.store.turn = async (request) => {
      if (request.settlements?.some(({ outcome }) => outcome === 'fail') !== true) return await turn(request)
      poisoned += 1
      throw new Error('the connection breaks whenever this arrives')
    }
    poison.starts[0]?.fail(new Error('poison'))
    await drive(bench.clock, 1_000)
    for (const start of slow.starts) start.finish()
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 54, 20_000)
    const before = poisoned
    await drive(bench.clock, 10_000)
    expect(poisoned).toBeGreaterThan(before)
    expect(poisoned - before).toBeLessThan(20)
    bench.store.turn = turn
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.failed)) === 1)
  })

  it('let a heartbeat pass while one hangs', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [first, second] = await bench.enqueue(demo.task, 2)
    await bench.started({ tasks: [demo.task], concurrency: 2 })
    await until(() => demo.starts.length === 2)
    await drive(bench.clock, 2_000)
    bench.tap.next('turn', 'hang')
    demo.starts[0]?.finish()
    await drive(bench.clock, 5_000)
    expect(bench.clock.now() - ((await bench.record(second)).heartbeatAt ?? 0)).toBeLessThanOrEqual(2_000)
    expect(bench.tap.turns.at(-1)).toMatchObject({ slot: 1, touches: [{ id: second, attempt: 1 }] })
    await driveUntil(bench.clock, async () => (await bench.status(first)) === STATUS.completed)
    demo.starts[1]?.finish()
  })

  it('of which an answer overtakes another tell nobody falsely that something was lost', async () => {
    await using bench = new Bench()
    const { demo, turns } = await fourInFlight(bench, 'hold', { heartbeat: '1s' })
    bench.tap.next('turn', 'pass', 'pass')
    bench.tap.release()
    await until(() => demo.starts.length === 201)
    // A beat is held back while what it lists is settled by another turn.
    bench.tap.next('turn', 'hold')
    await driveUntil(bench.clock, () => turns().some(({ touches = [] }) => touches.length === 101), 2_000)
    for (const start of demo.starts.slice(100, 150)) start.finish()
    await rounds(10)
    bench.tap.release()
    await rounds(10)
    expect(bench.told('lost')).toEqual([])
    expect(demo.starts.every(({ context }) => !context.signal.aborted)).toBe(true)
    for (const start of demo.starts) start.finish()
  })
})

describe('a heartbeat that is overtaken', () => {
  it('by the timeouts of what it lists says nothing new', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.puppet', { timeout: '7s' })
    await bench.enqueue(demo.task, 60)
    await bench.started({ tasks: [demo.task], concurrency: 60 })
    await until(() => demo.starts.length === 60)
    await drive(bench.clock, 4_000)
    bench.tap.next('turn', 'hold')
    await drive(bench.clock, 3_000)
    expect(await bench.count(STATUS.failed)).toBe(60)
    bench.tap.release()
    await rounds(20)
    expect(bench.told('lost')).toEqual([])
    for (const start of demo.starts) start.finish()
  })
})

describe('what a slot claimed and nobody knows', () => {
  it('is found by that slot and released, whichever it is', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.once', { requeueOnStale: false })
    await bench.enqueue(demo.task, 101)
    await bench.started({ tasks: [demo.task], concurrency: 101, prefetch: 0 })
    await until(() => demo.starts.length === 101)
    await bench.enqueue(demo.task, 60)
    const from = bench.tap.turns.length
    bench.tap.next('turn', 'hold', 'lose', 'forbid')
    for (const start of demo.starts.slice(0, 25)) start.finish()
    await rounds(3)
    for (const start of demo.starts.slice(25, 50)) start.finish()
    await driveUntil(bench.clock, () => bench.tap.turns.length - from >= 3, 2_000, 10)
    bench.tap.release()
    await driveUntil(bench.clock, () => demo.starts.length === 151, 5_000, 10)
    const [lost, forbidden, probe] = bench.tap.turns.slice(from).filter(({ slot }) => slot === 1)
    expect(forbidden).toEqual(lost)
    expect(probe).toMatchObject({ touches: expect.any(Array) })
    expect(probe?.claim).toBeUndefined()
    for (const start of demo.starts) start.finish()
    await driveUntil(bench.clock, () => demo.starts.length === 161, 5_000, 10)
    for (const start of demo.starts) start.finish()
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 161, 5_000, 10)
    const starts = demo.starts.map(({ context }) => `${context.id}#${context.attempt}`)
    expect(new Set(starts).size).toBe(starts.length)
  })

  it('also when it was claimed late, by a call that had been repeated long ago', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.once', { requeueOnStale: false })
    await bench.enqueue(demo.task, 101)
    bench.tap.always('hang', 'watch')
    await bench.started({ tasks: [demo.task], concurrency: 101, prefetch: 0, poll: { min: '20s', max: '20s' } })
    await until(() => demo.starts.length === 101)
    bench.tap.next('turn', 'hang', 'hold')
    for (const start of demo.starts.slice(0, 25)) start.finish()
    await rounds(3)
    for (const start of demo.starts.slice(25, 50)) start.finish()
    await driveUntil(bench.clock, () => bench.told('turn-works-again').length > 0, 15_000, 10)
    await drive(bench.clock, 1_000, 10)
    expect(await bench.count(STATUS.completed)).toBe(50)
    await bench.enqueue(demo.task, 10)
    const from = bench.tap.turns.length
    bench.tap.release()
    await until(async () => (await bench.count(STATUS.running)) === 61)
    await driveUntil(bench.clock, () => demo.starts.length === 111, 6_000, 10)
    expect(bench.tap.turns.slice(from).some(({ slot, touches }) => slot === 1 && touches !== undefined)).toBe(true)
    for (const start of demo.starts) start.finish()
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 111, 5_000, 10)
    for (const { context } of demo.starts.slice(101)) expect((await bench.record(context.id)).recoveries).toBe(0)
  })
})

describe('stop with four turns in flight', () => {
  it('gives back what their claims bring, and settles each outcome once', async () => {
    await using bench = new Bench()
    const { demo, ids, worker, turns } = await fourInFlight(bench, 'hold')
    const stopped = worker.stop({ grace: '2s' })
    await rounds(5)
    bench.tap.release()
    demo.starts[100]?.finish()
    await driven(bench.clock, stopped)
    expect(demo.starts).toHaveLength(101)
    const outcomes = turns().flatMap(({ settlements = [] }) => settlements)
    expect(outcomes.filter(({ outcome }) => outcome === 'complete')).toHaveLength(101)
    expect(outcomes.filter(({ outcome }) => outcome === 'release')).toHaveLength(100)
    const records = await Promise.all(ids.map((id) => bench.record(id)))
    for (const { status, retryCount, recoveries, workerId } of records) {
      expect([STATUS.completed, STATUS.pending]).toContain(status)
      expect({ retryCount, recoveries, workerId }).toEqual({ retryCount: 0, recoveries: 0, workerId: null })
    }
    expect(records.filter(({ status }) => status === STATUS.completed)).toHaveLength(101)
    expect((await bench.client.statistics()).workers).toEqual([])
    expect(bench.reports).toEqual([])
  })

  it.each(['lose', 'drop'] as const)('loses nothing when their replies are lost: %s', async (fault) => {
    await using bench = new Bench()
    const { demo, ids, worker } = await fourInFlight(bench, fault)
    await rounds(2)
    const stopped = worker.stop({ grace: '2s' })
    demo.starts[100]?.finish()
    await driven(bench.clock, stopped)
    expect(demo.starts.length).toBeLessThanOrEqual(201)
    const records = await Promise.all(ids.map((id) => bench.record(id)))
    for (const { status, retryCount, recoveries, workerId } of records) {
      expect([STATUS.completed, STATUS.pending]).toContain(status)
      expect({ retryCount, recoveries, workerId }).toEqual({ retryCount: 0, recoveries: 0, workerId: null })
    }
    const finished = new Set(demo.starts.slice(0, 101).map(({ context }) => context.id))
    for (const { id, status } of records) expect(status === STATUS.completed).toBe(finished.has(id))
    expect((await bench.client.statistics()).workers).toEqual([])
    expect(bench.told('unsettled')).toEqual([])
    expect(bench.told('lost')).toEqual([])
    for (const start of demo.starts) start.finish()
  })
})

describe('the event loop', () => {
  it('goes round after 100 starts at most, so that replies are read and requests written', async () => {
    await using bench = new Bench()
    let round = 0
    const perRound = new Map<number, number>()
    const ran: unknown[] = []
    const demo = task('demo.count', {
      run: ({ n }: { n?: number }) => {
        ran.push(n)
        perRound.set(round, (perRound.get(round) ?? 0) + 1)
        return null
      },
    })
    await bench.enqueue(demo, 500)
    const worker = bench.worker({ tasks: [demo], concurrency: 250 })
    const started = worker.start()
    for (; (await bench.count(STATUS.completed)) < 500 && round < 1_000; round++) await rounds(1)
    await started
    expect(Math.max(...perRound.values())).toBeLessThanOrEqual(100)
    expect(perRound.size).toBeGreaterThanOrEqual(5)
    expect(ran).toEqual(Array.from({ length: 500 }, (_, n) => n))
  })
})
