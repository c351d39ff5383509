import type { RespClient } from '@millrace/redis-protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { connectTo, reply, type Lane } from './lane.ts'

export function describeOutages(lane: Lane): void {
  describe(`a server that goes away, on ${lane.name}`, () => {
    let server: Server
    let client: RespClient

    beforeAll(async () => {
      server = await startServer(lane.kind)
      for (const kind of ['error', 'warn', 'log'] as const) vi.spyOn(console, kind)
    })
    beforeEach(() => {
      client = connectTo(lane, server.port)
    })
    afterEach(() => client.close())
    afterAll(async () => {
      await server.stop()
      for (const kind of ['error', 'warn', 'log'] as const) expect(console[kind]).not.toHaveBeenCalled()
      vi.restoreAllMocks()
    })

    /** How long it takes to be refused, in ms. */
    async function refused(): Promise<number> {
      const since = performance.now()
      await expect(reply(client, 'get', '{t}')).rejects.toThrow('ECONNREFUSED')
      return performance.now() - since
    }

    it('is told within about two seconds, each time, and never held against it', async () => {
      expect(await reply(client, 'set', '{t}', 'v')).toBe('OK')
      await server.kill()
      for (let tries = 0; tries < 3; tries++) expect(await refused()).toBeLessThan(3_000)
      await Promise.all([refused(), refused(), expect(client.call('{t}', [['get', '{t}'], ['get', '{t}']])).rejects.toThrow('ECONNREFUSED')]) // prettier-ignore
      await server.restart()
      await vi.waitFor(async () => expect(await reply(client, 'get', '{t}')).toBeNull(), { timeout: 5_000 })
    }, 30_000)

    it('is told to the first call, too', async () => {
      await server.kill()
      expect(await refused()).toBeLessThan(3_000)
      await server.restart()
    })

    it('is asked again for a reply that was lost, but not for some of several', async () => {
      const admin = connectTo(lane, server.port)
      const blocked = (): Promise<void> =>
        vi.waitFor(async () => expect(await reply(admin, 'info', 'clients')).toContain('blocked_clients:1\r'))
      const call = reply(client, 'blpop', '{t}list', 0)
      await blocked()
      await reply(admin, 'client', 'kill', 'type', 'normal', 'skipme', 'yes')
      await blocked()
      await reply(admin, 'rpush', '{t}list', 'm')
      expect(await call).toEqual(['{t}list', 'm'])

      const aborted = expect(client.call('{t}', [['echo', 'x'], ['blpop', '{t}list', 0]])).rejects.toThrow('aborted') // prettier-ignore
      await blocked()
      await reply(admin, 'client', 'kill', 'type', 'normal', 'skipme', 'yes')
      await aborted
      await admin.close()
    })

    it('is not believed when it refuses the second of two tries, of which the first may have had an effect', async () => {
      const admin = connectTo(lane, server.port)
      const call = expect(reply(client, 'blpop', '{t}list', 0)).rejects.toThrow('WRONGTYPE')
      await vi.waitFor(async () => expect(await reply(admin, 'info', 'clients')).toContain('blocked_clients:1\r'))
      await admin.call('{t}', [['set', '{t}list', 'a text'], ['client', 'kill', 'type', 'normal', 'skipme', 'yes']]) // prettier-ignore
      await call
      expect(String(await reply(client, 'blpop', '{t}list', 0))).toContain('WRONGTYPE')
      await reply(admin, 'flushall')
      await admin.close()
    })

    it('is asked for anew when it has become a replica', async () => {
      const id = await reply(client, 'client', 'id')
      await reply(client, 'replicaof', '127.0.0.1', '1')
      expect(String(await reply(client, 'set', '{t}', 'v'))).toContain('READONLY')
      await vi.waitFor(async () => expect(await reply(client, 'client', 'id')).toBeGreaterThan(Number(id)))
      await reply(client, 'replicaof', 'no', 'one')
      expect(await reply(client, 'set', '{t}', 'v')).toBe('OK')
    })

    it('does not keep its calls, waits or a close hanging', async () => {
      await reply(client, 'ping')
      const wait = expect(client.block('{t}').wait(['{t}'], 60_000)).rejects.toThrow()
      await server.kill()
      const calls = Promise.all([refused(), refused()])
      await client.close()
      await client.close()
      await Promise.all([wait, calls])
      await server.restart()
    })

    it('needs no connection to be closed', async () => {
      const idle = connectTo(lane, 1)
      await idle.close()
      await expect(reply(idle, 'ping')).rejects.toThrow('closed')
      await expect(idle.block('{t}').wait(['{t}'], 1_000)).rejects.toThrow('closed')
      const listener = { onMessage: () => {}, onResubscribed: () => {} }
      await expect(idle.subscribe(listener).add('{t}')).rejects.toThrow('closed')
    })
  })
}
