import { manualClock } from '@millrace/core'
import { redisProtocolBackend, type RespClient } from '@millrace/redis-protocol'
import { callsIn } from '../../../../scripts/servers/command-stats.mjs'
import type { Connection } from '../../../../scripts/servers/connection.mjs'
import { countingClient } from './counting-client.ts'
import { OPERATIONS, Scene, type Cost } from './operations.ts'

/** What each operation costs beside a backlog of so many, as the client and the server count it. Nobody else uses the server meanwhile. */
export async function costsBeside(
  backlog: number,
  client: RespClient,
  own: Connection,
): Promise<ReadonlyMap<string, Cost>> {
  const counting = countingClient(client)
  const clock = manualClock()
  // With a clock of its own it is the same each time: nothing is written once a second.
  const backend = redisProtocolBackend('redis', counting, { clock, namespace: `beside-${backlog}`, resendWindowMs: 0 })
  const scene = new Scene(backend, clock)
  await scene.fill(backlog)
  const costs = new Map<string, Cost>()
  for (const { name, prepare, run } of OPERATIONS) {
    // The second time: at first a server does not know the script.
    for (const _ of [1, 2]) {
      await prepare?.(scene)
      const [before, inside] = [{ ...counting.traffic }, await issued(own)]
      await run(scene)
      const { roundTrips, sent, received } = counting.traffic
      costs.set(name, {
        roundTrips: roundTrips - before.roundTrips,
        sent: sent - before.sent,
        inside: (await issued(own)) - inside - (sent - before.sent),
        received: received - before.received,
      })
      clock.advance(1)
    }
  }
  await backend.close()
  return costs
}

/** Commands that the server ran so far, but for our question. */
async function issued(own: Connection): Promise<number> {
  const calls = callsIn(String(await own.send('INFO', 'commandstats')))
  return [...calls].reduce((sum, [name, count]) => (name === 'info' ? sum : sum + count), 0)
}
