import { describe, expect, it } from 'vitest'
import { Bench, drive, driven, driveUntil, puppet, rounds, until, witness } from './harness.ts'

describe('an idle worker', () => {
  it('looks for work less and less often, down to poll.max', async () => {
    await using bench = new Bench()
    bench.tap.always('refuse', 'watch')
    const demo = witness()
    await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 30_000)
    const claims = bench.tap.calls.filter(({ method }) => method === 'turn').map(({ at }) => at)
    const gaps = claims.slice(1).map((at, i) => at - (claims[i] ?? 0))
    expect(gaps.slice(0, 6)).toEqual([100, 200, 400, 800, 1_600, 3_200])
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5_000)
    expect(gaps.filter((gap) => gap === 5_000).length).toBeGreaterThanOrEqual(2)
  })

  it('takes a new record at once, by a hint', async () => {
    await using bench = new Bench()
    const demo = witness()
    await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 20_000)
    await bench.enqueue(demo.task)
    await until(() => demo.runs.length === 1)
  })

  it('finds work by polling when no hint comes', async () => {
    await using bench = new Bench()
    bench.tap.always('hang', 'watch')
    const demo = witness()
    await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 20_000)
    await bench.enqueue(demo.task)
    expect(await driveUntil(bench.clock, () => demo.runs.length === 1)).toBeLessThanOrEqual(5_000)
  })

  it('wakes when the next scheduled record is due, not later', async () => {
    await using bench = new Bench()
    bench.tap.always('refuse', 'watch')
    const demo = witness()
    await bench.client.enqueue(demo.task, { n: 1 }, { delay: 7_777 })
    const at = bench.clock.now()
    await bench.started({ tasks: [demo.task] })
    await driveUntil(bench.clock, () => demo.runs.length === 1, 20_000, 1)
    expect(bench.clock.now() - at).toBeGreaterThanOrEqual(7_777)
    expect(bench.clock.now() - at).toBeLessThanOrEqual(7_778)
  })

  it('wakes for a record that is scheduled earlier than what it waits for', async () => {
    await using bench = new Bench()
    const demo = witness()
    await bench.client.enqueue(demo.task, { n: 1 }, { delay: '1h' })
    await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 20_000)
    await bench.client.enqueue(demo.task, { n: 2 }, { delay: 1_000 })
    const at = bench.clock.now()
    await driveUntil(bench.clock, () => demo.runs.length === 1, 20_000, 10)
    expect(bench.clock.now() - at).toBeLessThanOrEqual(1_010)
  })

  it('looks often again after it found work', async () => {
    await using bench = new Bench()
    bench.tap.always('refuse', 'watch')
    const demo = witness()
    await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 20_000)
    await bench.enqueue(demo.task)
    await driveUntil(bench.clock, () => demo.runs.length === 1)
    await rounds()
    await bench.enqueue(demo.task)
    expect(await driveUntil(bench.clock, () => demo.runs.length === 2)).toBeLessThanOrEqual(400)
  })

  it('takes no hint while it is full, so that another worker gets it', async () => {
    await using bench = new Bench()
    const long = puppet('demo.long')
    const short = witness('demo.short', { queue: 'default' })
    const tasks = [long.task, short.task]
    await bench.enqueue(long.task)
    await bench.started({ tasks, concurrency: 1 })
    await until(() => long.starts.length === 1)
    await bench.started({ tasks, concurrency: 1 })
    await drive(bench.clock, 20_000)
    await bench.enqueue(short.task)
    await until(() => short.runs.length === 1)
    long.starts[0]?.finish()
  })

  it('takes no hint before its first turn', async () => {
    await using bench = new Bench()
    const demo = witness()
    bench.tap.next('turn', 'hold')
    const starting = bench.worker({ tasks: [demo.task], queues: ['default'] }).start()
    await until(() => bench.tap.openWatches === 2)
    await bench.enqueue(demo.task)
    const other = await bench.store.watch({ lines: [{ queue: 'default', executionBackend: 'local' }] })
    expect(await other.next()).toEqual({ kind: 'work' })
    await other.close()
    bench.tap.release()
    await driven(bench.clock, starting)
  })

  it('that becomes full without a hint takes none any more', async () => {
    await using bench = new Bench()
    const long = puppet('demo.long')
    const short = witness('demo.short')
    const tasks = [long.task, short.task]
    const full = await bench.started({ tasks, concurrency: 1 })
    await bench.client.enqueue(long.task, { n: 1 }, { delay: '2s' })
    await drive(bench.clock, 1_000)
    await bench.started({ tasks, concurrency: 1 })
    // The first one waits longer, so that it is woken first, and finds the record when it is due.
    await driveUntil(bench.clock, () => full.health().running === 1)
    await drive(bench.clock, 1_000)
    await bench.enqueue(short.task)
    await until(() => short.runs.length === 1)
    long.starts[0]?.finish()
  })

  it('opens a watch again that has failed, with pauses, and says so', async () => {
    await using bench = new Bench()
    bench.tap.always('refuse', 'watch')
    const demo = witness()
    await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 60_000)
    const watches = (): number => bench.tap.calls.filter(({ method }) => method === 'watch').length
    expect(watches()).toBeGreaterThan(10)
    expect(watches()).toBeLessThan(100)
    expect(bench.told('watch-failed').length).toBeGreaterThan(1)
    bench.tap.heal()
    await driveUntil(bench.clock, () => bench.tap.openWatches === 2)
    await bench.enqueue(demo.task)
    await until(() => demo.runs.length === 1)
  })

  it('opens a watch that fails no more often because it has much to do', async () => {
    await using bench = new Bench()
    bench.tap.always('refuse', 'watch')
    const demo = witness()
    await bench.started({ tasks: [demo.task] })
    for (let i = 0; i < 200; i++) {
      await bench.enqueue(demo.task)
      await drive(bench.clock, 150)
    }
    expect(demo.runs.length).toBeGreaterThan(100)
    expect(bench.tap.calls.filter(({ method }) => method === 'watch').length).toBeLessThan(50)
  })

  it('is not driven by a flood of false hints', async () => {
    await using bench = new Bench()
    const demo = witness()
    bench.tap.hints({ kind: 'work' })
    await bench.started({ tasks: [demo.task] })
    await rounds(50)
    expect(bench.tap.turns.length).toBeLessThanOrEqual(12)
    const before = bench.tap.turns.length
    await drive(bench.clock, 10_000)
    expect(bench.tap.turns.length - before).toBeLessThanOrEqual(10_000 / 100 + 1)
  })
})
