import { STATUS } from '@millrace/core'
import type { Worker } from '@millrace/worker'
import { describe, expect, it } from 'vitest'
import { Bench, type BenchWorkerOptions, drive, driven, driveUntil, puppet, rounds, until, witness } from './harness.ts'

const claims = ({ tap }: Bench) => tap.turns.filter(({ claim }) => claim !== undefined)

/** So long that an idle worker polls every 5 s. */
const LONG_MS = 20_000

/** A worker that has had nothing to do for long. */
async function idle(bench: Bench, options: BenchWorkerOptions): Promise<Worker> {
  const worker = await bench.started(options)
  await drive(bench.clock, LONG_MS)
  return worker
}

describe('a claim that waits for a hint', () => {
  it('is all that a new record takes: no other turn follows the hint', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await idle(bench, { tasks: [demo.task] })
    const before = bench.tap.calls.length
    await bench.enqueue(demo.task)
    await until(() => demo.starts.length === 1)
    expect(bench.tap.calls.slice(before).map(({ method }) => method)).toEqual(['turn'])
    expect(bench.tap.turns.at(-1)?.claim).toMatchObject({ limit: 1 })
    demo.starts[0]?.finish()
  })

  it('takes one record, so that who is slow to hear of it holds up no others; a claim of the rest follows', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await idle(bench, { tasks: [demo.task] })
    const before = bench.tap.turns.length
    await bench.enqueue(demo.task, 5)
    await until(() => demo.starts.length === 5)
    expect(bench.tap.turns.slice(before).map(({ claim }) => claim)).toMatchObject([{ limit: 1 }, { limit: 9 }])
    for (const start of demo.starts) start.finish()
  })

  it('counts as held while it waits: a worker of one handler never has two', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const worker = await idle(bench, { tasks: [demo.task], concurrency: 1, prefetch: 0 })
    bench.tap.next('turn', 'hold')
    await bench.enqueue(demo.task, 3)
    await drive(bench.clock, 10_000)
    expect(worker.health().running).toBe(0)
    bench.tap.release()
    await until(() => demo.starts.length === 1)
    expect(await bench.count(STATUS.running)).toBe(1)
    for (let i = 0; i < 3; i++) {
      await driveUntil(bench.clock, () => demo.starts.length === i + 1)
      demo.starts[i]?.finish()
    }
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 3)
    expect(demo.most).toBe(1)
  })

  it.each(['made', 'not made'])(
    'keeps no poll from being made in its time, where an aborted one is %s',
    async (what) => {
      await using bench = new Bench()
      if (what === 'not made') bench.tap.dropsCarried()
      const demo = witness()
      await bench.started({ tasks: [demo.task] })
      await drive(bench.clock, 60_000)
      const at = bench.tap.calls.filter(({ method }) => method === 'turn').map(({ at: when }) => when)
      expect(Math.max(...at.slice(1).map((when, i) => when - (at[i] ?? 0)))).toBeLessThanOrEqual(5_000)
    },
  )

  it('is no lag of the worker', async () => {
    await using bench = new Bench()
    const worker = await bench.started({ tasks: [witness().task] })
    const lags: number[] = []
    for (let i = 0; i < 60; i++) {
      await drive(bench.clock, 500)
      lags.push(worker.health().lagMs)
    }
    expect(Math.max(...lags)).toBe(0)
  })

  it('is not made by a worker that runs something, or whose queues have limits or weights', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await idle(bench, { tasks: [demo.task], queues: [{ name: 'default', concurrency: 10 }] })
    await bench.enqueue(demo.task)
    await until(() => demo.starts.length === 1)
    expect(claims(bench).at(-1)?.claim).toMatchObject({ limit: 10 })
    for (const start of demo.starts) start.finish()
  })

  it('is not made where hints are false again and again', async () => {
    await using bench = new Bench()
    await bench.started({ tasks: [witness().task] })
    const before = bench.tap.turns.length
    bench.tap.hints({ kind: 'work' })
    await drive(bench.clock, 10_000)
    expect(bench.tap.turns.length - before).toBeLessThan(140)
    bench.tap.heal()
  })

  it.each(['refuse', 'forbid', 'drop', 'lose', 'mute', 'hang', 'baffle'] as const)(
    'that fails costs no record: %s',
    async (fault) => {
      await using bench = new Bench()
      const demo = witness()
      await idle(bench, { tasks: [demo.task] })
      bench.tap.next('turn', fault)
      const [id] = await bench.enqueue(demo.task)
      await driveUntil(bench.clock, () => demo.runs.length === 1)
      expect(demo.runs).toEqual([`${id}#1`])
      expect((await bench.record(id)).recoveries).toBe(0)
      // It is heard of at once again.
      await drive(bench.clock, LONG_MS)
      await bench.enqueue(demo.task)
      await until(() => demo.runs.length === 2)
    },
  )

  it.each(['lose', 'mute'] as const)(
    'and that was made, is repeated word for word where its answer is lost: %s',
    async (fault) => {
      await using bench = new Bench()
      const demo = witness()
      await idle(bench, { tasks: [demo.task] })
      bench.tap.next('turn', fault)
      await bench.enqueue(demo.task)
      await until(async () => (await bench.count(STATUS.running)) === 1)
      const lost = bench.tap.turns.at(-1)
      await driveUntil(bench.clock, () => demo.runs.length === 1)
      expect(bench.tap.turns.filter(({ nonce }) => nonce === lost?.nonce)).toEqual([lost, lost])
    },
  )

  it.each(['hold', 'lose', 'hang', 'drop'] as const)(
    'and that is under way at a stop, is given back: %s',
    async (fault) => {
      await using bench = new Bench()
      const demo = puppet()
      const worker = await idle(bench, { tasks: [demo.task] })
      bench.tap.next('turn', fault)
      const [id] = await bench.enqueue(demo.task)
      await rounds()
      const stopped = worker.stop()
      await rounds()
      bench.tap.release()
      await driven(bench.clock, stopped)
      expect(demo.starts).toEqual([])
      expect(await bench.record(id)).toMatchObject({
        status: STATUS.pending,
        retryCount: 0,
        recoveries: 0,
        workerId: null,
      })
    },
  )

  it('is not made by a slot that has a call to repeat: that one is repeated as it was', async () => {
    await using bench = new Bench()
    const demo = puppet()
    let isHigh = false
    // A long pause for the beat, a short one for the worker.
    const random = (): number => Number((isHigh = !isHigh))
    await bench.started({ tasks: [demo.task], concurrency: 1, prefetch: 0, random })
    await bench.enqueue(demo.task)
    await until(() => demo.starts.length === 1)
    bench.tap.next('turn', 'drop')
    await driveUntil(bench.clock, () => bench.tap.turns.at(-1)?.touches !== undefined, 10_000, 5)
    demo.starts[0]?.finish()
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 1, 10_000, 5)
    await rounds()
    await bench.enqueue(demo.task)
    expect(await driveUntil(bench.clock, () => demo.starts.length === 2, 30_000, 5)).toBeLessThan(1_000)
    const byNonce = Map.groupBy(bench.tap.turns, ({ slot, nonce }) => `${slot} ${nonce}`)
    for (const turns of byNonce.values()) for (const turn of turns) expect(turn).toEqual(turns[0])
    demo.starts[1]?.finish()
  })

  it('is not made while a call that was repeated might still claim: turns that list what is held find that', async () => {
    await using bench = new Bench()
    const demo = witness()
    await idle(bench, { tasks: [demo.task] })
    bench.tap.next('turn', 'drop')
    await bench.enqueue(demo.task)
    await driveUntil(bench.clock, () => demo.runs.length === 1)
    const before = bench.tap.turns.length
    await drive(bench.clock, 15_000)
    const since = bench.tap.turns.slice(before)
    expect(since.filter(({ touches }) => touches !== undefined).length).toBeGreaterThanOrEqual(2)
    // And later again.
    await drive(bench.clock, 60_000)
    const calm = claims(bench).length
    await bench.enqueue(demo.task)
    await until(() => demo.runs.length === 2)
    expect(claims(bench)[calm]?.claim).toMatchObject({ limit: 1 })
  })

  it.each([
    ['still this worker’s', false, 1],
    ['somebody else’s', true, 2],
  ] as const)(
    'is asked again by a worker that slept meanwhile: what it took is %s',
    async (_, isRecovered, attempt) => {
      await using bench = new Bench()
      const demo = witness()
      await idle(bench, { tasks: [demo.task] })
      bench.tap.next('turn', 'late')
      const [id] = await bench.enqueue(demo.task)
      await until(async () => (await bench.count(STATUS.running)) === 1)
      const carried = bench.tap.turns.at(-1)
      bench.clock.advance(14_000)
      if (isRecovered) await bench.store.sweep({ what: 'stale', staleAfterMs: 1_000 })
      bench.tap.release()
      await driveUntil(bench.clock, () => demo.runs.length === 1)
      expect(demo.runs).toEqual([`${id}#${attempt}`])
      expect(bench.tap.turns.filter(({ nonce }) => nonce === carried?.nonce)).toEqual([carried, carried])
    },
  )

  it.each(['refuse', 'forbid', 'drop', 'lose'] as const)(
    'whose late answer is asked again, is neither lost nor doubled when that fails: %s',
    async (fault) => {
      await using bench = new Bench()
      const demo = puppet()
      const worker = await idle(bench, { tasks: [demo.task], concurrency: 1, prefetch: 0 })
      bench.tap.next('turn', 'late', fault)
      const [id] = await bench.enqueue(demo.task)
      await until(async () => (await bench.count(STATUS.running)) === 1)
      bench.clock.advance(14_000)
      bench.tap.release()
      await rounds()
      expect(worker.health().lagMs).toBe(0)
      await bench.enqueue(demo.task)
      await driveUntil(bench.clock, () => demo.starts.length === 1)
      expect(await bench.count(STATUS.running)).toBe(1)
      expect((await bench.record(id)).recoveries).toBe(0)
      for (let i = 0; i < 2; i++) {
        await driveUntil(bench.clock, () => demo.starts.length === i + 1)
        demo.starts[i]?.finish()
      }
      await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 2)
      expect(demo.most).toBe(1)
    },
  )

  it('ends with the worker, and what comes afterwards stays', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const worker = await idle(bench, { tasks: [demo.task] })
    await driven(bench.clock, worker.stop())
    const [id] = await bench.enqueue(demo.task)
    await drive(bench.clock, LONG_MS)
    expect(await bench.record(id)).toMatchObject({ status: STATUS.pending, attempt: 0 })
  })

  it('is made for two of everything, and each record goes to one', async () => {
    await using bench = new Bench()
    const demo = witness()
    await bench.started({ tasks: [demo.task] })
    await idle(bench, { tasks: [demo.task] })
    for (let i = 1; i <= 20; i++) {
      await bench.enqueue(demo.task)
      await until(() => demo.runs.length === i)
      await drive(bench.clock, 200)
    }
    expect(new Set(demo.runs).size).toBe(20)
  })
})
