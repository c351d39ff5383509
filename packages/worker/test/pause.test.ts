import { STATUS } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driven, driveUntil, puppet, until, witness } from './harness.ts'
import { warmWorker } from './slow.ts'

const PAUSES = [
  ['its queue is', 'default'],
  ['the namespace is', null],
] as const

describe('a worker', () => {
  it.each(PAUSES)('idles quietly while %s paused, however much waits, falls due and comes', async (_, queue) => {
    await using bench = new Bench()
    const demo = witness()
    await bench.enqueue(demo.task, 20)
    await bench.client.enqueue(demo.task, {}, { delay: '15s' })
    await bench.store.controls.pause(queue === null ? null : [queue])
    await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 10_000)
    const before = bench.tap.turns.length
    for (let i = 0; i < 100; i++) {
      await bench.enqueue(demo.task)
      await drive(bench.clock, 200)
    }
    // As many as one without any work makes in that time: a look each five seconds, and what it says of itself.
    expect(bench.tap.turns.length - before).toBeLessThanOrEqual(6)
    expect(demo.runs).toEqual([])
    expect(await bench.count(STATUS.running)).toBe(0)
  })

  it.each(PAUSES)('goes on at once when what was paused is resumed, where %s', async (_, queue) => {
    await using bench = new Bench()
    const demo = witness()
    const queues = queue === null ? null : [queue]
    await bench.store.controls.pause(queues)
    await bench.started({ tasks: [demo.task] })
    await bench.enqueue(demo.task, 30)
    await drive(bench.clock, 20_000)
    expect(demo.runs).toEqual([])
    await bench.store.controls.resume(queues)
    // The clock stands still: nothing but a hint can have told it.
    await until(() => demo.runs.length === 30)
  })

  it('finds what was resumed by looking, where no hint comes', async () => {
    await using bench = new Bench()
    bench.tap.always('hang', 'watch')
    const demo = witness()
    await bench.store.controls.pause(null)
    await bench.started({ tasks: [demo.task] })
    await bench.enqueue(demo.task)
    await drive(bench.clock, 20_000)
    await bench.store.controls.resume(null)
    expect(await driveUntil(bench.clock, () => demo.runs.length === 1)).toBeLessThanOrEqual(5_000)
  })

  it('serves its other queues as ever', async () => {
    await using bench = new Bench()
    const held = witness('demo.held', { queue: 'mail' })
    const demo = witness()
    await bench.store.controls.pause(['mail'])
    await bench.enqueue(held.task, 20)
    await bench.started({ tasks: [held.task, demo.task] })
    await drive(bench.clock, 1_000)
    for (let i = 1; i <= 10; i++) {
      await bench.enqueue(demo.task)
      await until(() => demo.runs.length === i)
    }
    expect(held.runs).toEqual([])
  })

  it('runs on with what it runs, settles it, and starts nothing beyond what it had fetched', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const { worker } = await warmWorker(bench, { tasks: [demo.task], concurrency: 2, prefetch: 4 })
    await bench.enqueue(demo.task, 12)
    await driveUntil(bench.clock, () => demo.running === 2 && worker.health().prefetched === 4, 500, 1)
    await bench.store.controls.pause(['default'])
    for (let done = 0; done < demo.starts.length; done++) {
      demo.starts[done]?.finish()
      await drive(bench.clock, 20, 1)
    }
    expect(demo.starts.length).toBe(6)
    await drive(bench.clock, 5_000)
    expect(demo.starts.length).toBe(6)
    expect(await bench.count(STATUS.running)).toBe(0)
    await driven(bench.clock, worker.stop())
  })
})
