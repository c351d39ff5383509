import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { startServer } from '../../../../scripts/servers/start-server.mjs'
import type { FaultLane } from './fault-lane.ts'
import { plainRequest } from './untold-hint.ts'

const LINE = { queue: 'default', executionBackend: 'local' }

/** What an operator said lies where the records lie. */
export function describeKeptPauses(lane: FaultLane): void {
  describe(`what is paused on ${lane.kind}`, () => {
    it('is paused still after the server was killed and started again, and is resumed as ever', async () => {
      const server = await startServer(lane.kind, { appendOnly: true })
      const namespace = randomUUID()
      const before = lane.open(server.url, { namespace, aging: '10m' })
      await before.enqueue([plainRequest()])
      await before.controls.pause(['default', 'nobody'])
      await server.kill()
      await before.close()
      await server.restart()

      const backend = lane.open(server.url, { namespace })
      const claim = async (nonce: string): Promise<number> => {
        const turn = { workerId: 'w', slot: 0, nonce, claim: { lines: [LINE], limit: 1 } }
        return (await backend.turn(turn)).records.length
      }
      await expect.poll(() => claim(randomUUID()).catch(String)).toBe(0)
      expect(await backend.controls.paused()).toEqual({ namespace: false, queues: ['default', 'nobody'] })
      const watch = await backend.watch({ lines: [LINE] })
      expect(await watch.next()).toEqual({ kind: 'work' })
      const hint = watch.next()
      await backend.controls.resume(['default'])
      expect(await hint).toEqual({ kind: 'work' })
      expect(await claim('last')).toBe(1)
      await expect(lane.open(server.url, { namespace, aging: '5m' }).open()).rejects.toMatchObject({
        parameter: 'aging',
      })
      expect((await backend.audit()).violations).toEqual([])
      await backend.close()
      await server.stop()
    }, 30_000)
  })
}
