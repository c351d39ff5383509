import { manualClock, type Backend } from '@millrace/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import type { FaultLane } from './fault-lane.ts'
import { length } from './length.ts'
import { LOSSES, request, turnOf, type Calm } from './losses.ts'
import { lossyClient, type LossyClient } from './lossy-client.ts'

/** A hundred losses of each call: so many clients at once, so many rounds. */
const CLIENTS = 50
const ROUNDS = 2

export function describeLostReplies(lane: FaultLane): void {
  describe(`a lost reply on ${lane.kind} loses nothing and does nothing twice`, () => {
    const clock = manualClock()
    let server: Server
    let backend: Backend
    let calm: Calm
    let clients: readonly LossyClient[]

    beforeAll(async () => {
      server = await startServer(lane.kind)
      backend = lane.open(server.url, { namespace: 'shared', clock, resendWindowMs: 0 })
      calm = { backend, url: server.url, clock }
      clients = await Promise.all(
        Array.from({ length: CLIENTS }, (_, i) => lossyClient(lane, server.url, { name: `c${i}`, clock })),
      )
    }, 60_000)
    afterAll(async () => {
      await Promise.all(clients.map((client) => client.close()))
      await backend.close()
      await server.stop()
    })

    async function everyClient(act: (client: LossyClient) => Promise<void>): Promise<void> {
      const rounds = length(ROUNDS)
      await Promise.all(
        clients.map(async (client) => {
          for (let round = 0; round < rounds; round++) await act(client)
        }),
      )
    }

    it.each(Object.entries(LOSSES))('%s', { timeout: length(20_000) }, async (_, loss) => {
      await everyClient((client) => loss(client, calm))
      expect((await backend.audit()).violations).toEqual([])
    })

    it('claim', { timeout: length(20_000) }, async () => {
      const [line, each] = [{ queue: 'claims', executionBackend: 'local' }, 3]
      const count = CLIENTS * length(ROUNDS) * each
      for (let left = count; left > 0; left -= 1_000)
        await backend.enqueue(Array.from({ length: Math.min(left, 1_000) }, () => request(calm, { queue: 'claims' })))
      const taken: string[] = []
      await everyClient(async (client) => {
        const turn = turnOf(client.name, { claim: { lines: [line], limit: each } })
        const { records } = await client.losing(() => client.backend.turn(turn))
        taken.push(...records.map(({ id, attempt, workerId }) => `${id} ${attempt} ${workerId === client.name}`))
      })
      expect(taken).toHaveLength(count)
      expect(new Set(taken).size).toBe(count)
      expect(taken.filter((one) => !one.endsWith(' 1 true'))).toEqual([])
      expect((await backend.statistics({ queue: 'claims' })).counts).toMatchObject({ running: count, pending: 0 })
    })
  })
}
