import { STATUS, type SweepRequest } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driven, driveUntil, puppet, until, witness } from './harness.ts'

const DAY = 86_400_000

function sweeps(bench: Bench, what?: SweepRequest['what']): { readonly at: number; readonly request: SweepRequest }[] {
  return bench.tap.calls
    .filter(({ method }) => method === 'sweep')
    .map(({ at, argument }) => ({ at, request: argument as SweepRequest }))
    .filter(({ request }) => what === undefined || request.what === what)
}

describe('duties', () => {
  it('requeue what a silent worker left behind, and tell which', async () => {
    await using bench = new Bench()
    const demo = witness()
    const [id = ''] = await bench.enqueue(demo.task)
    await bench.client.claimTask(id, { workerId: 'silent' })
    await bench.started({ tasks: [demo.task] })
    expect(await driveUntil(bench.clock, () => demo.runs.length === 1)).toBeLessThanOrEqual(26_000)
    expect(demo.runs).toEqual([`${id}#2`])
    expect(await bench.record(id)).toMatchObject({ recoveries: 1, retryCount: 0 })
    expect(bench.told('recovered')).toMatchObject([{ message: expect.stringContaining(id) }])
  })

  it('give up a record that silenced its workers too often', async () => {
    await using bench = new Bench()
    const demo = witness('demo.poison', { maxRecoveries: 0 })
    const [id = ''] = await bench.enqueue(demo.task)
    await bench.client.claimTask(id, { workerId: 'silent' })
    await bench.started({ tasks: [demo.task] })
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.failed)
    expect(bench.told('given-up')).toMatchObject([{ level: 'error', message: expect.stringContaining(id) }])
  })

  it('say which record needs somebody to look at it', async () => {
    await using bench = new Bench()
    const demo = witness('demo.once', { requeueOnStale: false })
    const [id = ''] = await bench.enqueue(demo.task)
    await bench.client.claimTask(id, { workerId: 'silent' })
    await bench.started({ tasks: [demo.task] })
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.failed)
    expect(bench.told('handler-needed')).toMatchObject([{ level: 'error', message: expect.stringContaining(id) }])
    expect(bench.told('given-up')).toEqual([])
  })

  it('recover also records of queues that no worker serves', async () => {
    await using bench = new Bench()
    const other = witness('demo.other', { queue: 'other' })
    const [id = ''] = await bench.enqueue(other.task)
    await bench.client.claimTask(id, { workerId: 'silent' })
    await bench.started({ tasks: [witness().task], queues: ['default'] })
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.pending)
  })

  it('tell nothing while everybody is well (D35)', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.enqueue(demo.task, 3)
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 3)
    await drive(bench.clock, 120_000, 500)
    expect(bench.reports).toEqual([])
    for (const start of demo.starts) start.finish()
  })

  it('expire what was not started in time', async () => {
    await using bench = new Bench()
    const other = witness('demo.other', { queue: 'other' })
    const { id } = await bench.client.enqueue(other.task, { n: 1 }, { expiresIn: '10s' } as object)
    await bench.started({ tasks: [witness().task], queues: ['default'] })
    expect(await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.expired)).toBeLessThanOrEqual(
      26_000,
    )
  })

  it('remove completed records after a day and others after two weeks', async () => {
    await using bench = new Bench()
    const good = witness('demo.good')
    const bad = puppet('demo.bad')
    const [done = ''] = await bench.enqueue(good.task)
    const [failed = ''] = await bench.enqueue(bad.task)
    await bench.started({ tasks: [good.task, bad.task] })
    await until(() => bad.starts.length === 1)
    bad.starts[0]?.fail(new Error('no'))
    await until(async () => (await bench.status(failed)) === STATUS.failed)
    await drive(bench.clock, DAY - 60_000, 600_000)
    expect(await bench.client.get(done)).not.toBeNull()
    await drive(bench.clock, 180_000, 10_000)
    expect(await bench.client.get(done)).toBeNull()
    await drive(bench.clock, 12.9 * DAY, 3_600_000)
    expect(await bench.client.get(failed)).not.toBeNull()
    await drive(bench.clock, 0.2 * DAY, 600_000)
    expect(await bench.client.get(failed)).toBeNull()
  })

  it('remove nothing with retention off', async () => {
    await using bench = new Bench()
    const good = witness('demo.good')
    const [done = ''] = await bench.enqueue(good.task)
    await bench.started({ tasks: [good.task], retention: false })
    await drive(bench.clock, 30 * DAY, DAY / 4)
    expect(await bench.client.get(done)).not.toBeNull()
    expect(sweeps(bench, 'finished')).toEqual([])
    expect(sweeps(bench, 'expired').length).toBeGreaterThan(0)
  })

  it('come at their own pace, and first after a jitter, so that a fleet does not sweep in step', async () => {
    await using bench = new Bench()
    const from = bench.clock.now()
    await bench.started({ tasks: [witness().task], random: () => 0.25 })
    await drive(bench.clock, 120_000, 250)
    const stale = sweeps(bench, 'stale').map(({ at }) => at - from)
    expect(stale[0]).toBe(1_250)
    expect(stale.slice(1).every((at, i) => at - (stale[i] ?? 0) === 5_000)).toBe(true)
    const finished = sweeps(bench, 'finished').map(({ at }) => at - from)
    expect(finished).toEqual([15_000, 15_000, 75_000, 75_000])
    expect(sweeps(bench).every(({ request }) => request.limit === 1_000 && request.queues === undefined)).toBe(true)
  })

  it('go on in bounded steps while there is more, never in a tight loop', async () => {
    await using bench = new Bench()
    const demo = witness()
    const ids = await bench.enqueue(demo.task, 1_000)
    await bench.enqueue(demo.task, 1_000)
    await bench.enqueue(demo.task, 500)
    for (let i = 0; i < 3; i++) await bench.client.claimMany(1_000, { workerId: `silent-${i}` })
    bench.clock.advance(30_000)
    const from = bench.clock.now()
    await bench.started({ tasks: [demo.task], concurrency: 1, random: () => 0 })
    await driveUntil(bench.clock, async () => (await bench.record(ids[999])).recoveries === 1)
    await drive(bench.clock, 500)
    expect(sweeps(bench, 'stale').map(({ at }) => at - from)).toEqual([0, 100, 200])
    await driven(bench.clock, bench.client.cancel({ taskName: demo.task.name }))
  })

  it('are reported when they fail, and tried again', async () => {
    await using bench = new Bench()
    const demo = witness()
    const [id = ''] = await bench.enqueue(demo.task)
    await bench.client.claimTask(id, { workerId: 'silent' })
    bench.tap.always('refuse', 'sweep')
    await bench.started({ tasks: [demo.task] })
    await drive(bench.clock, 60_000, 500)
    expect(bench.told('duty-failed').length).toBeGreaterThan(5)
    expect(bench.told('duty-failed')[0]?.message).toContain('the recovery of stale records failed')
    expect(sweeps(bench, 'stale').length).toBeLessThanOrEqual(13)
    bench.tap.heal()
    await driveUntil(bench.clock, () => demo.runs.length === 1)
  })

  it('are not ended by a call that hangs', async () => {
    await using bench = new Bench()
    const demo = witness()
    const [id = ''] = await bench.enqueue(demo.task)
    await bench.client.claimTask(id, { workerId: 'silent' })
    bench.tap.next('sweep', 'hang')
    await bench.started({ tasks: [demo.task] })
    await driveUntil(bench.clock, () => demo.runs.length === 1)
  })
})
