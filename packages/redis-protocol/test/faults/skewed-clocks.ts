import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createClient, task } from '@millrace/core'
import { expect, it, onTestFinished } from 'vitest'
import { monitor, type Line } from '../../../../scripts/servers/monitor.mjs'
import { startServer } from '../../../../scripts/servers/start-server.mjs'
import { sweep } from '../../src/scripts.generated.ts'
import type { FaultLane } from './fault-lane.ts'

const HOUR_MS = 3_600_000
const SWEEPS = ['stale', 'expired', 'finished']
const sources = new URL('../../../worker/test/fixture/sources.mjs', import.meta.url)
const program = fileURLToPath(new URL('skewed-worker.ts', import.meta.url))

const quick = task('demo.quick', { retries: 1 })
const endless = task('demo.endless', { retries: 0 })

/** Two worker processes, one an hour behind, one an hour ahead. */
export function describeSkewedClocks(lane: FaultLane): void {
  it(`clocks of workers two hours apart change nothing on ${lane.kind}`, async () => {
    const server = await startServer(lane.kind)
    onTestFinished(() => server.stop())
    const client = createClient({ backend: lane.open(server.url) })
    onTestFinished(() => client.close())

    const url = server.url.replace('redis', lane.kind)
    for (const ms of [-HOUR_MS, HOUR_MS]) {
      const skew = `data:text/javascript,const { now } = Date; Date.now = () => now() + ${ms}`
      const child = spawn(process.execPath, ['--import', skew, '--import', sources.href, program, url], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      onTestFinished(() => void child.kill('SIGKILL'))
    }
    await expect.poll(async () => (await client.statistics()).workers, { timeout: 20_000 }).toHaveLength(2)
    const running = await client.enqueueMany(endless, [{ input: {} }, { input: {} }, { input: {} }, { input: {} }])
    const done = await client.enqueueMany(
      quick,
      Array.from({ length: 40 }, () => ({ input: {} })),
    )
    await expect
      .poll(() => client.statistics(), { timeout: 20_000 })
      .toMatchObject({ counts: { completed: 40, running: 4 } })

    // Due in half an hour, too late in half an hour, finished just now, and held by somebody who beat just now.
    const later = await client.enqueue(quick, {}, { delay: '30m' })
    const patient = await client.enqueue(quick, {}, { queue: 'nobody', expiresIn: '30m' })
    const held = await client.enqueue(quick, {}, { queue: 'nobody', priority: 1 })
    await client.claimTask(held.id, { workerId: 'test' })

    const watch = await monitor(server.url)
    onTestFinished(() => watch.close())
    await expect
      .poll(async () => sweepsBySender(await watch.lines()), { timeout: 20_000, interval: 100 })
      .toEqual([true, true])

    const statusOf = async (id: string): Promise<unknown> => {
      const record = await client.get(id)
      return record && `${record.status} ${record.attempt} ${record.recoveries}`
    }
    expect(await statusOf(later.id)).toBe('scheduled 0 0')
    expect(await statusOf(patient.id)).toBe('pending 0 0')
    expect(await statusOf(held.id)).toBe('running 1 0')
    for (const { id } of running) expect(await statusOf(id)).toBe('running 1 0')
    for (const { id } of done) expect(await statusOf(id)).toBe('completed 2 0')
    const records = await client.backend.get(done.map(({ id }) => id))
    for (const record of records) expect(Math.abs((record?.completedAt ?? 0) - Date.now())).toBeLessThan(60_000)
  }, 60_000)
}

/** Per sender of sweeps whether it has done each of them twice. */
function sweepsBySender(lines: readonly Line[]): readonly boolean[] {
  const scripts = new Set<string>([sweep.sha1, sweep.source])
  const sweeps = lines.filter(({ lua, args }) => !lua && scripts.has(args[0] ?? ''))
  const bySender = Map.groupBy(sweeps, ({ client }) => client)
  return [...bySender.values()].map((some) =>
    SWEEPS.every((what) => some.filter(({ args }) => args.includes(what)).length >= 2),
  )
}
