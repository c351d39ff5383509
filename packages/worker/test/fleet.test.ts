import { fixed, STATUS, task, type Backend, type Clock, type TaskContext } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driveUntil, puppet, until, witness } from './harness.ts'
import { tap, type Tap } from './tap.ts'

/** A worker's view of the world that can end in an instant, as with kill -9: no timer fires, no call goes out or comes back. */
function mortal(bench: Bench): { readonly clock: Clock; readonly tap: Tap; kill(): void } {
  let isDead = false
  const never = new Promise<never>(() => undefined)
  const disarm = new Set<() => void>()
  const clock: Clock = {
    now: () => bench.clock.now(),
    after(ms, callback) {
      if (isDead) return () => undefined
      const stop = bench.clock.after(ms, callback)
      disarm.add(stop)
      return () => {
        disarm.delete(stop)
        stop()
      }
    },
  }
  const backend = new Proxy(bench.store, {
    get(target, name: keyof Backend) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...parameters: unknown[]) => {
        if (isDead) return await never
        const answer: unknown = await Reflect.apply(member, target, parameters)
        return isDead ? await never : answer
      }
    },
  })
  return {
    clock,
    tap: tap(backend, clock),
    kill() {
      isDead = true
      for (const stop of disarm) stop()
    },
  }
}

describe('a fleet', () => {
  it('shares the work of one store, each record to one worker', async () => {
    await using bench = new Bench()
    const demo = witness()
    const ids = await bench.enqueue(demo.task, 300)
    await Promise.all([1, 2, 3].map(() => bench.started({ tasks: [demo.task], concurrency: 7 })))
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 300)
    expect(demo.runs.toSorted()).toEqual(ids.map((id) => `${id}#1`).toSorted())
    expect(bench.reports).toEqual([])
  })

  it('recovers within 30 s what a killed worker held, and nothing twice', async () => {
    await using bench = new Bench()
    const demo = puppet('demo.killed', { retries: 0 })
    const ids = await bench.enqueue(demo.task, 5)
    const first = mortal(bench)
    const victim = bench.worker({ tasks: [demo.task] }, first)
    await victim.start()
    await until(() => demo.starts.length === 5)
    await drive(bench.clock, 12_000)
    first.kill()
    const from = bench.clock.now()
    await bench.started({ tasks: [demo.task] })
    await driveUntil(bench.clock, () => demo.starts.length === 10)
    expect(bench.clock.now() - from).toBeLessThanOrEqual(30_000)
    for (const start of demo.starts) start.finish()
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 5)
    for (const id of ids) expect(await bench.record(id)).toMatchObject({ attempt: 2, recoveries: 1, retryCount: 0 })
    expect((await bench.client.statistics()).workers).toHaveLength(1)
    // What is left of the dead cannot stop by itself.
    bench.forget(victim)
  })

  it('recovers a claim whose worker died before it heard of it', async () => {
    await using bench = new Bench()
    const demo = witness()
    const [id] = await bench.enqueue(demo.task)
    const first = mortal(bench)
    const victim = bench.worker({ tasks: [demo.task] }, first)
    first.tap.next('turn', 'mute')
    void victim.start()
    await until(async () => (await bench.status(id)) === STATUS.running)
    first.kill()
    await bench.started({ tasks: [demo.task] })
    await driveUntil(bench.clock, () => demo.runs.length === 1)
    expect(demo.runs).toEqual([`${id}#2`])
    bench.forget(victim)
  })

  it('hands over at a rolling restart without losing or repeating anything', async () => {
    await using bench = new Bench()
    const runs: string[] = []
    const pause = (ms: number): Promise<void> => new Promise((resolve) => void bench.clock.after(ms, resolve))
    const demo = task('demo.rolling', {
      run: async (_: { n?: number }, { id, attempt }: TaskContext) => {
        runs.push(`${id}#${attempt}`)
        await pause(200)
        return null
      },
    })
    const ids = await bench.enqueue(demo, 100)
    let old = await bench.started({ tasks: [demo], concurrency: 4 })
    for (let i = 0; i < 5; i++) {
      const next = await bench.started({ tasks: [demo], concurrency: 4 })
      await drive(bench.clock, 500)
      const stopped = old.stop()
      await drive(bench.clock, 500)
      await stopped
      old = next
    }
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 100)
    expect(runs.toSorted()).toEqual(ids.map((id) => `${id}#1`).toSorted())
  })

  it('starts a handler exactly once per attempt, in 500 records with random failures', async () => {
    await using bench = new Bench()
    let seed = 20_261_124
    const random = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return seed / 2 ** 31
    }
    const starts: string[] = []
    const demo = task('demo.random', {
      retries: 3,
      backoff: fixed('500ms'),
      timeout: '5s',
      run: async (_: { n?: number }, { id, attempt, signal }: TaskContext) => {
        starts.push(`${id}#${attempt}`)
        const kind = random()
        if (kind < 0.2) throw new Error('random')
        if (kind < 0.25)
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
        if (kind < 0.6) await new Promise<void>((resolve) => void bench.clock.after(Math.floor(kind * 1_000), resolve))
        return null
      },
    })
    const ids = await bench.enqueue(demo, 500)
    const faulty = tap(bench.store, bench.clock)
    const faults = Array.from(
      { length: 200 },
      () => (['lose', 'drop', 'pass'] as const)[Math.floor(random() * 3)] ?? 'pass',
    )
    await bench.started({ tasks: [demo], concurrency: 20 }, { tap: faulty })
    await bench.started({ tasks: [demo], concurrency: 20 })
    faulty.next('turn', ...faults)
    const isOver = async (): Promise<boolean> => {
      const { counts } = await bench.client.statistics()
      return counts.completed + counts.failed === 500
    }
    await driveUntil(bench.clock, isOver, 600_000)
    const records = await Promise.all(ids.map((id) => bench.record(id)))
    expect(starts).toHaveLength(records.reduce((sum, { attempt }) => sum + attempt, 0))
    expect(new Set(starts).size).toBe(starts.length)
    for (const { status, retryCount, attempt, recoveries } of records) {
      expect(attempt).toBe(retryCount + recoveries + 1)
      expect([STATUS.completed, STATUS.failed]).toContain(status)
    }
    expect(records.some(({ retryCount }) => retryCount > 0)).toBe(true)
  })
})
