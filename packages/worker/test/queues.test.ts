import { STATUS } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driven, driveUntil, puppet, rounds, until, witness } from './harness.ts'
import { warmWorker } from './slow.ts'
import { claimsIn, two } from './two-queues.ts'

describe('a queue with a limit of its own', () => {
  it('never has more handlers than that, and leaves the other places to others', async () => {
    await using bench = new Bench()
    const { slow, quick, ...options } = two(2)
    await bench.enqueue(slow.task, 10)
    await bench.enqueue(quick.task, 10)
    const worker = await bench.started({ ...options, concurrency: 6, prefetch: 0 })
    await until(() => slow.running === 2 && quick.running === 4)
    expect(claimsIn(bench.tap.turns)[0]).toEqual(['slow:2', 'quick'])
    for (let done = 0; done < 10; done++) {
      await until(() => slow.starts.length > done)
      slow.starts[done]?.finish()
    }
    expect(slow.most).toBe(2)
    await until(() => quick.running === 6)
    for (let done = 0; done < 10; done++) {
      await until(() => quick.starts.length > done)
      quick.starts[done]?.finish()
    }
    await until(() => worker.health().running === 0)
    expect(await bench.count(STATUS.completed)).toBe(20)
  })

  it('is left out of the claims while it is full, and claimed again as soon as a handler returns', async () => {
    await using bench = new Bench()
    bench.tap.always('refuse', 'watch')
    const { slow, quick, ...options } = two(1)
    await bench.enqueue(slow.task, 2)
    await bench.started({ ...options, concurrency: 4 })
    await until(() => slow.running === 1)
    await drive(bench.clock, 20_000)
    expect(
      claimsIn(bench.tap.turns)
        .slice(1)
        .every((claim) => claim.join() === 'quick'),
    ).toBe(true)
    slow.starts[0]?.finish()
    await until(() => slow.starts.length === 2)
    slow.starts[1]?.finish()
    expect(quick.starts).toHaveLength(0)
    await until(async () => (await bench.count(STATUS.completed)) === 2)
  })

  it.each(['timeout', 'cancelled'] as const)('keeps its place until a handler really returns: %s', async (how) => {
    await using bench = new Bench()
    const slow = puppet('demo.slow', { queue: 'slow', retries: 0, ...(how === 'timeout' ? { timeout: '1s' } : {}) })
    const quick = witness('demo.quick', { queue: 'quick' })
    const [id = ''] = await bench.enqueue(slow.task, 2)
    const queues = [{ name: 'slow', concurrency: 1 }, 'quick']
    const worker = await bench.started({ tasks: [slow.task, quick.task], queues, concurrency: 2 })
    await until(() => slow.starts.length === 1)
    if (how === 'cancelled') await bench.client.cancel(id, { includeRunning: true })
    await drive(bench.clock, 60_000)
    expect(slow.starts[0]?.context.signal.reason).toMatchObject({ code: how })
    await bench.enqueue(quick.task, 5)
    await until(() => quick.runs.length === 5)
    expect(slow.starts).toHaveLength(1)
    expect(worker.health()).toMatchObject({ running: 1, aborted: 1, stuck: [{ id, queue: 'slow', code: how }] })
    slow.starts[0]?.finish()
    // Nothing may be left to settle, and no hint comes: the place alone is a reason to claim.
    await until(() => slow.starts.length === 2)
    slow.starts[1]?.finish()
  })

  it('is full from the claim on, at whatever moment another handler returns', async () => {
    for (let moment = 0; moment < 40; moment++) {
      await using bench = new Bench()
      const { slow, quick, ...options } = two(1)
      await bench.enqueue(quick.task)
      await bench.started({ ...options, concurrency: 5, prefetch: 0 })
      await until(() => quick.running === 1)
      await rounds(10)
      bench.tap.next('turn', 'hold')
      await bench.enqueue(slow.task, 3)
      await rounds(10)
      bench.tap.release()
      for (let i = 0; i < moment; i++) await Promise.resolve()
      quick.starts[0]?.finish()
      await rounds(10)
      expect({ moment, most: slow.most }).toEqual({ moment, most: 1 })
      for (let done = 0; done < 3; done++) {
        await until(() => slow.starts.length > done)
        slow.starts[done]?.finish()
      }
    }
  })

  it('counts what waits here for its handler', async () => {
    await using bench = new Bench()
    const slow = puppet('demo.slow', { queue: 'slow' })
    const other = puppet('demo.other', { queue: 'other' })
    const queues = [{ name: 'slow', concurrency: 3 }, 'other', 'default']
    const tasks = [slow.task, other.task]
    const { worker } = await warmWorker(bench, { tasks, queues, order: 'listed', concurrency: 2, prefetch: 6 })
    await bench.enqueue(slow.task, 10)
    await bench.enqueue(other.task, 20)
    const slowHere = async (): Promise<number> =>
      (await bench.store.list({ view: STATUS.running, queue: 'slow', limit: 100 })).records.length
    let most = 0
    while (worker.health().prefetched < 6 || worker.health().running < 2) {
      most = Math.max(most, await slowHere())
      await drive(bench.clock, 1, 1)
    }
    const here = (): readonly number[] => {
      const { running = 0, prefetched = 0 } = worker.health().queues[0] ?? {}
      most = Math.max(most, running + prefetched)
      return [running, prefetched]
    }
    expect(here()).toEqual([2, 1])
    const finished = { slow: 0, other: 0 }
    for (let i = 0; i < 12; i++) {
      if (other.running > 0) other.starts[finished.other++]?.finish()
      else slow.starts[finished.slow++]?.finish()
      await drive(bench.clock, 10, 1)
      here()
    }
    expect(finished.other).toBeGreaterThan(2)
    expect(most).toBe(3)
    await driven(bench.clock, worker.stop({ graceMs: 0 }))
  })

  it('takes no hint while it is full, so that another worker gets it', async () => {
    await using bench = new Bench()
    const { slow, quick, ...options } = two(1)
    await bench.enqueue(slow.task)
    await bench.started({ ...options, concurrency: 5 })
    await until(() => slow.running === 1)
    await drive(bench.clock, 20_000)
    await rounds(10)
    // The worker has waited longer, and would be woken first.
    const other = await bench.store.watch({ lines: [{ queue: 'slow', executionBackend: 'local' }] })
    const before = bench.tap.turns.length
    const hints: unknown[] = []
    void other.next().then((hint) => hints.push(hint))
    await bench.enqueue(slow.task)
    await until(() => hints.length === 1)
    expect(hints).toEqual([{ kind: 'work' }])
    expect(bench.tap.turns).toHaveLength(before)
    await other.close()
    await bench.enqueue(quick.task)
    await until(() => quick.running === 1)
    slow.starts[0]?.finish()
    await until(() => slow.starts.length === 2)
    for (const start of [...slow.starts, ...quick.starts]) start.finish()
  })

  it('hears of new work at once when it is no longer full', async () => {
    await using bench = new Bench()
    const { slow, quick, ...options } = two(1)
    await bench.enqueue(slow.task)
    await bench.started({ ...options, concurrency: 5 })
    await until(() => slow.running === 1)
    await drive(bench.clock, 20_000)
    slow.starts[0]?.finish()
    await until(async () => (await bench.count(STATUS.completed)) === 1)
    await rounds(10)
    for (let n = 1; n <= 3; n++) {
      await bench.enqueue(slow.task)
      await until(() => slow.starts.length === n + 1)
      slow.starts[n]?.finish()
      await until(async () => (await bench.count(STATUS.completed)) === n + 1)
      await rounds(10)
    }
    expect(quick.starts).toHaveLength(0)
  })

  it('is full for other turns while one is on its way that may fill it', async () => {
    await using bench = new Bench()
    const { slow, quick, ...options } = two(1)
    await bench.enqueue(quick.task, 30)
    await bench.started({ ...options, concurrency: 40, prefetch: 0 })
    await until(() => quick.running === 30)
    await rounds(10)
    bench.tap.next('turn', 'hold')
    await bench.enqueue(slow.task, 3)
    await rounds(10)
    for (const start of quick.starts.slice(0, 25)) start.finish()
    await rounds(10)
    expect(claimsIn(bench.tap.turns).slice(-2)).toEqual([['slow:1', 'quick'], ['quick']])
    bench.tap.release()
    await until(() => slow.running === 1)
    await rounds(10)
    expect(slow.most).toBe(1)
    for (const start of quick.starts) start.finish()
    for (let done = 0; done < 3; done++) {
      await until(() => slow.starts.length > done)
      slow.starts[done]?.finish()
    }
  })

  it('is claimed again at once when its place is free and nothing is to be said, also where it filled a whole claim', async () => {
    await using bench = new Bench()
    bench.tap.always('refuse', 'watch')
    const slow = puppet('demo.slow', { queue: 'slow', timeout: '1s', retries: 0 })
    const quick = puppet('demo.quick', { queue: 'quick' })
    const queues = [{ name: 'slow', concurrency: 2 }, 'quick']
    await bench.enqueue(quick.task)
    await bench.started({ tasks: [slow.task, quick.task], queues, concurrency: 3, order: 'listed', prefetch: 0 })
    await until(() => quick.running === 1)
    await bench.enqueue(slow.task, 4)
    await driveUntil(bench.clock, () => slow.running === 2)
    expect(claimsIn(bench.tap.turns).at(-1)).toEqual(['slow', 'quick'])
    quick.starts[0]?.finish()
    await drive(bench.clock, 30_000)
    expect(await bench.count(STATUS.failed)).toBe(2)
    slow.starts[0]?.finish()
    slow.starts[1]?.finish()
    await until(() => slow.starts.length === 4)
    for (const start of slow.starts) start.finish()
  })

  it('is claimed again after a pause if the claim that its place had called for was refused', async () => {
    await using bench = new Bench()
    bench.tap.always('refuse', 'watch')
    const slow = puppet('demo.slow', { queue: 'slow', timeout: '1s', retries: 0 })
    const quick = witness('demo.quick', { queue: 'quick' })
    const queues = [{ name: 'slow', concurrency: 1 }, 'quick']
    await bench.enqueue(slow.task, 2)
    await bench.started({ tasks: [slow.task, quick.task], queues, concurrency: 5, poll: { min: '10m', max: '10m' } })
    await until(() => slow.starts.length === 1)
    await drive(bench.clock, 30_000)
    expect(await bench.count(STATUS.failed)).toBe(1)
    bench.tap.next('turn', 'refuse')
    slow.starts[0]?.finish()
    expect(await driveUntil(bench.clock, () => slow.starts.length === 2)).toBeLessThanOrEqual(100)
    slow.starts[1]?.finish()
  })

  it('wakes when its next scheduled record is due, also when it was full meanwhile', async () => {
    await using bench = new Bench()
    bench.tap.always('refuse', 'watch')
    const { slow, quick, ...options } = two(1)
    await bench.enqueue(slow.task)
    await bench.client.enqueue(slow.task, { n: 2 }, { delay: '61s' })
    const at = bench.clock.now()
    await bench.started({ ...options, concurrency: 5 })
    await until(() => slow.running === 1)
    await drive(bench.clock, 60_000)
    slow.starts[0]?.finish()
    await driveUntil(bench.clock, () => slow.starts.length === 2, 5_000, 1)
    expect(bench.clock.now() - at).toBeLessThanOrEqual(61_001)
    slow.starts[1]?.finish()
    expect(quick.starts).toHaveLength(0)
  })

  it('asks for no more than it may have in a claim of its own line', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task, 10)
    await bench.started({ tasks: [demo.task], queues: [{ name: 'default', concurrency: 3 }], concurrency: 8 })
    await until(() => demo.running === 3)
    // Without a limit of the line: such a claim goes the short way on a server.
    expect(bench.tap.turns[0]?.claim).toMatchObject({
      limit: 3,
      lines: [{ queue: 'default', executionBackend: 'local' }],
    })
    expect(claimsIn(bench.tap.turns)[0]).toEqual(['default'])
    for (let done = 0; done < 10; done++) {
      await until(() => demo.starts.length > done)
      demo.starts[done]?.finish()
    }
    expect(demo.most).toBe(3)
  })

  it('is claimed as much as it allows in the order of the list, too', async () => {
    await using bench = new Bench()
    const { slow, quick, ...options } = two(2)
    await bench.enqueue(quick.task, 10)
    await bench.enqueue(slow.task, 10)
    await bench.started({ ...options, concurrency: 5, order: 'listed' })
    await until(() => slow.running === 2 && quick.running === 3)
    for (let done = 0; done < 10; done++) {
      await until(() => slow.starts.length > done)
      slow.starts[done]?.finish()
    }
    for (let done = 0; done < 10; done++) {
      await until(() => quick.starts.length > done)
      quick.starts[done]?.finish()
    }
  })
})
