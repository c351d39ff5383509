import type { Kind } from '../../scripts/servers/kinds.mjs'
import { startServer } from '../../scripts/servers/start-server.mjs'
import { crewOf, startAgents, type Agents, type Crew } from './crew.ts'
import type { PeerName } from './peers/all-peers.ts'
import type { Row } from './rows/row.ts'
import type { Plan } from './plan.ts'
import { workOff } from './processing.ts'
import type { Sample, Values } from './sample.ts'
import { meterOf } from './server-meter.ts'

const WARM_UP_BYTES = 100

export interface BenchOptions {
  readonly kind: Kind
  readonly plan: Plan
  readonly peers: readonly PeerName[]
  readonly rows: readonly Row[]
  readonly onSample: (sample: Sample) => void
}

/**
 * Measures these rows on one fresh server. The peers of one case and round come one right after the other, so that they meet the same
 * machine, and another one comes first each time. Whatever happens, what was started is ended.
 * @returns the server's version
 */
export async function bench({
  kind,
  plan,
  peers,
  rows,
  onSample,
}: BenchOptions): Promise<{ readonly version: string }> {
  const isAppendOnly = rows.some(({ appendOnly }) => appendOnly === true)
  const server = await startServer(kind, { appendOnly: isAppendOnly })
  const { url } = server
  const meter = await meterOf(url)
  const teams = new Map<PeerName, Agents>()

  async function attempt(peer: PeerName, measure: (crew: Crew) => Promise<Values>): Promise<Values | string> {
    let agents = teams.get(peer)
    try {
      if (agents === undefined) {
        agents = await startAgents(peer)
        teams.set(peer, agents)
        await meter.reset()
        await warmUp(crewOf(agents, { peer, kind, url, meter }), plan.warmUp)
      }
      await meter.reset()
      return await measure(crewOf(agents, { peer, kind, url, meter }))
    } catch (error) {
      // Nobody knows what its processes still do.
      teams.delete(peer)
      if (agents !== undefined) await endAgents(agents)
      const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
      return reason
    }
  }

  try {
    for (const row of rows) {
      for (let round = 0; round < (row.rounds?.(plan) ?? plan.rounds); round++) {
        for (const { label, without, measure } of row.cases(plan)) {
          for (const peer of rotated(peers, round).filter((name) => without?.includes(name) !== true)) {
            onSample({ server: kind, row: row.name, label, peer, round, values: await attempt(peer, measure) })
          }
        }
      }
    }
    return { version: server.version }
  } finally {
    meter.close()
    await Promise.all([...teams.values()].map(endAgents))
    await server.stop()
  }
}

/**
 * So that no peer is measured by the speed of code that its process has not yet translated: each way to enqueue, and records worked off one by
 * one and many at a time.
 */
async function warmUp(crew: Crew, count: number): Promise<void> {
  await crew.open()
  await crew.enqueueOneByOne({ count, bytes: WARM_UP_BYTES })
  await workOff(crew, { count, concurrency: 1 })
  await crew.enqueueTogether({ from: count, count, bytes: WARM_UP_BYTES })
  await crew.enqueueMany({ from: 2 * count, count, bytes: WARM_UP_BYTES })
  await workOff(crew, { from: count, count: 2 * count, concurrency: 50 })
  await crew.close()
}

async function endAgents({ producer, worker }: Agents): Promise<void> {
  await Promise.all([producer.end(), worker.end()])
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
