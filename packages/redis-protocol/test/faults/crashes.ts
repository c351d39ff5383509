import { inspect } from 'node:util'
import { createClient, QueueError, task, type Backend } from '@millrace/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connect, type Connection } from '../../../../scripts/servers/connection.mjs'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import type { FaultLane } from './fault-lane.ts'
import { length } from './length.ts'
import { crowded, refusalCodes, startTraffic, type Traffic } from './traffic.ts'

const SECRET = 's3cret-p@ss'

/** What happens to servers and connections every day, in the middle of everybody's work. */
export function describeCrashes(lane: FaultLane): void {
  describe(`work goes on on ${lane.kind}`, () => {
    let server: Server
    let own: Connection
    let traffic: Traffic
    const handedOut: unknown[] = []

    beforeEach(async () => {
      server = await startServer(lane.kind, { appendOnly: true, password: SECRET })
      own = await connect(server.url)
      traffic = startTraffic(() => {
        const backend = lane.open(server.url)
        handedOut.push(backend)
        return backend
      })
      await traffic.more(20)
    }, 60_000)
    afterEach(async () => {
      await traffic.close()
      own.close()
      await server.stop()
    })

    /** Nobody has to restart anything, and nobody is told a password. */
    async function expectAllWell(): Promise<void> {
      expect(await traffic.finish()).toEqual([])
      // One worker may have done all that was left while the other one still waits for its next try.
      for (const worker of traffic.workers)
        await expect
          .poll(() => worker.health(), { timeout: 5_000 })
          .toMatchObject({ status: 'running', consecutiveErrors: 0 })
      expect(crowded(traffic)).toEqual([])
      const all = inspect([handedOut, traffic.refusals, traffic.reports], { depth: 12, showHidden: true })
      expect(all).not.toMatch(/s3cret|p%40ss/)
    }

    it('through a server that is killed and started again, over and over', { timeout: length(60_000) }, async () => {
      for (let round = 0; round < length(3); round++) {
        await traffic.more(30)
        const refused = traffic.refusals.length
        await server.kill()
        await traffic.until(() => traffic.refusals.length >= refused + 4)
        await server.restart()
        await traffic.more(30)
      }
      await expectAllWell()
      expect(['connection', 'busy', 'timeout']).toEqual(expect.arrayContaining([...refusalCodes(traffic)]))
      // A producer's client asks twice, and each time is told within about two seconds.
      expect(Math.max(...traffic.refusals.map(({ tookMs }) => tookMs))).toBeLessThan(5_000)
      expect(traffic.reports.flat().map(({ report }) => report.what)).toContain('turn-works-again')
    })

    it('through the loss of every connection, again and again', { timeout: length(60_000) }, async () => {
      const killed: Record<'normal' | 'pubsub', number[]> = { normal: [], pubsub: [] }
      for (let round = 0; round < length(10); round++) {
        killed.normal.push(Number(await own.send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')))
        killed.pubsub.push(Number(await own.send('CLIENT', 'KILL', 'TYPE', 'pubsub')))
        await traffic.more(10)
      }
      await expectAllWell()
      for (const count of killed.normal) expect(count).toBeGreaterThan(0)
      // A subscription that was lost is had again a little later: not each round finds one.
      expect(Math.max(...killed.pubsub)).toBeGreaterThan(0)
    })

    it('through a server that forgets its scripts all the time', { timeout: length(60_000) }, async () => {
      for (let round = 0; round < length(100); round++) {
        await own.send('SCRIPT', 'FLUSH')
        await traffic.more(5)
      }
      await expectAllWell()
      expect(traffic.refusals).toEqual([])
      expect(traffic.reports.flat()).toEqual([])
    })
  })

  describe(`a producer on ${lane.kind}`, () => {
    it('is told within about two seconds that the server is away, and by which error', async () => {
      const server = await startServer(lane.kind)
      const backend: Backend = lane.open(server.url)
      await using client = createClient({ backend })
      const greet = task('greet', { run: () => 'hello' })
      await client.enqueue(greet, {})
      await server.kill()
      const since = performance.now()
      const error: unknown = await client.enqueue(greet, {}).catch((thrown: unknown) => thrown)
      expect(performance.now() - since).toBeLessThan(3_000)
      expect(error).toBeInstanceOf(QueueError)
      expect(error).toMatchObject({ code: 'connection', retryable: true, indeterminate: true })
      await server.restart()
      await expect.poll(() => client.enqueue(greet, {}).then(({ outcome }) => outcome, String)).toBe('created')
      await server.stop()
    })
  })
}
