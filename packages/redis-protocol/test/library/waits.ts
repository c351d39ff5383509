import type { BlockingConnection, RespClient } from '@millrace/redis-protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { connectTo, reply, type Lane } from './lane.ts'

const LONG_MS = 60_000
const KEYS = ['{t}first', '{t}second']

export function describeWaits(lane: Lane): void {
  describe(`waits on ${lane.name}`, () => {
    let server: Server
    let client: RespClient
    let waiting: BlockingConnection

    beforeAll(async () => {
      server = await startServer(lane.kind)
      client = connectTo(lane, server.port)
    })
    beforeEach(async () => {
      await reply(client, 'flushall')
      waiting = client.block('{t}')
    })
    afterEach(() => waiting.close())
    afterAll(async () => {
      await client.close()
      await server.stop()
    })

    /** Until the server holds so many waiting connections. */
    async function blocked(count: number): Promise<void> {
      await vi.waitFor(
        async () => expect(await reply(client, 'info', 'clients')).toContain(`blocked_clients:${count}\r`),
        {
          interval: 2,
        },
      )
    }

    it('end with the first key that has a member, and take it', async () => {
      await client.call('{t}', [['zadd', '{t}second', 1, 'm'], ['zadd', '{t}first', 1, 'm']]) // prettier-ignore
      expect(await waiting.wait(KEYS, LONG_MS)).toBe('{t}first')
      expect(await waiting.wait(KEYS, LONG_MS)).toBe('{t}second')
      expect(await reply(client, 'exists', ...KEYS)).toBe(0)
    })

    it('end when a member comes', async () => {
      const wait = waiting.wait(KEYS, LONG_MS)
      await blocked(1)
      await reply(client, 'zadd', '{t}second', 1, 'm')
      expect(await wait).toBe('{t}second')
    })

    it('end without one after their time', async () => {
      expect(await waiting.wait(KEYS, 30)).toBeNull()
      expect(await waiting.wait(KEYS, 0.2)).toBeNull()
      expect(await waiting.wait(KEYS, 0)).toBeNull()
    })

    it('end when they are interrupted, before or after they have reached the server', async () => {
      const early = waiting.wait(KEYS, LONG_MS)
      waiting.interrupt()
      expect(await early).toBeNull()
      const late = waiting.wait(KEYS, LONG_MS)
      await blocked(1)
      waiting.interrupt()
      waiting.interrupt()
      expect(await late).toBeNull()
    })

    it('do not hear an interrupt of the time before', async () => {
      waiting.interrupt()
      const wait = waiting.wait(KEYS, LONG_MS)
      await blocked(1)
      await reply(client, 'zadd', '{t}first', 1, 'm')
      expect(await wait).toBe('{t}first')
    })

    it('never lose a member to an interrupt', async () => {
      const other = connectTo(lane, server.port)
      let taken = 0
      for (let round = 0; round < 200; round++) {
        const wait = waiting.wait(KEYS, LONG_MS)
        if (round % 4 !== 0) await blocked(1)
        const added = reply(round % 2 === 0 ? client : other, 'zadd', '{t}first', round, `m${round}`)
        if (round % 3 === 0) await reply(client, 'ping')
        waiting.interrupt()
        const key = await wait
        await added
        const left = await reply(client, 'del', '{t}first')
        expect({ round, key, left }).toEqual({ round, key, left: key === null ? 1 : 0 })
        if (key !== null) taken++
      }
      await other.close()
      expect(taken).toBeGreaterThan(0)
      expect(taken).toBeLessThan(200)
    })

    it('reject when their connection is lost, and the next one has another', async () => {
      const wait = waiting.wait(KEYS, LONG_MS)
      await blocked(1)
      const lost = expect(wait).rejects.toThrow()
      await reply(client, 'client', 'kill', 'type', 'normal', 'skipme', 'yes')
      await lost
      await reply(client, 'zadd', '{t}first', 1, 'm')
      expect(await waiting.wait(KEYS, LONG_MS)).toBe('{t}first')
    })

    it('reject with what the server says', async () => {
      await reply(client, 'set', '{t}first', 'a text')
      await expect(waiting.wait(KEYS, LONG_MS)).rejects.toThrow('WRONGTYPE')
      await reply(client, 'del', '{t}first')
      expect(await waiting.wait(KEYS, 20)).toBeNull()
    })

    it('reject when they are closed, and so do later ones', async () => {
      const wait = waiting.wait(KEYS, LONG_MS)
      await blocked(1)
      const closed = expect(wait).rejects.toThrow('closed')
      waiting.close()
      waiting.close()
      await closed
      await expect(waiting.wait(KEYS, LONG_MS)).rejects.toThrow('closed')
      waiting.interrupt()
      await blocked(0)
    })

    it.each([['client|unblock'], ['client']])('end soon after an interrupt also without %s', async (command) => {
      await reply(client, 'acl', 'setuser', 'deaf', 'on', '>pw', '~*', '&*', '+@all', `-${command}`)
      const deaf = connectTo(lane, server.port, 'deaf:pw@')
      const wait = deaf.block('{t}').wait(KEYS, LONG_MS)
      await blocked(1)
      const second = deaf.block('{t}')
      const interrupted = second.wait(['{t}other'], LONG_MS)
      await blocked(2)
      second.interrupt()
      expect(await interrupted).toBeNull()
      await reply(client, 'zadd', '{t}second', 1, 'm')
      expect(await wait).toBe('{t}second')
      await deaf.close()
    })
  })
}
