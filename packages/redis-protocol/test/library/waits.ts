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

    it('run the commands that they carry when they end, however they do, and not before', async () => {
      const carried = [
        ['incr', '{t}n'],
        ['get', '{t}n'],
      ] as const
      expect(await waiting.waitThen(KEYS, 30, carried)).toEqual({ taken: null, replies: [1, '1'] })
      await reply(client, 'zadd', '{t}second', 1, 'm')
      expect(await waiting.waitThen(KEYS, LONG_MS, carried)).toEqual({ taken: '{t}second', replies: [2, '2'] })
      const wait = waiting.waitThen(KEYS, LONG_MS, carried)
      await blocked(1)
      expect(await reply(client, 'get', '{t}n')).toBe('2')
      waiting.interrupt()
      expect(await wait).toEqual({ taken: null, replies: [3, '3'] })
      const early = waiting.waitThen(KEYS, LONG_MS, carried)
      waiting.interrupt()
      expect(await early).toEqual({ taken: null, replies: [4, '4'] })
    })

    it('tell of a refusal beside the replies of what they carry, and the next one connects anew', async () => {
      await reply(client, 'set', '{t}first', 'a text')
      const { taken, replies } = await waiting.waitThen(KEYS, LONG_MS, [['incr', '{t}n'], ['nonsense']])
      expect(taken).toMatchObject({ message: expect.stringContaining('WRONGTYPE') })
      expect(replies).toMatchObject([1, { message: expect.stringContaining('unknown command') }])
      await reply(client, 'del', '{t}first')
      expect(await waiting.waitThen(KEYS, 20, [['incr', '{t}n']])).toEqual({ taken: null, replies: [2] })
    })

    it('reject with what they carry when their connection is lost, and the server forgets it', async () => {
      const lost = expect(waiting.waitThen(KEYS, LONG_MS, [['incr', '{t}n']])).rejects.toThrow()
      await blocked(1)
      await reply(client, 'client', 'kill', 'type', 'normal', 'skipme', 'yes')
      await lost
      await reply(client, 'zadd', '{t}first', 1, 'm')
      expect(await reply(client, 'exists', '{t}n')).toBe(0)
      expect(await waiting.waitThen(KEYS, LONG_MS, [['incr', '{t}n']])).toEqual({ taken: '{t}first', replies: [1] })
    })

    it('know nothing of a connection that was lost while nobody waited', async () => {
      expect(await waiting.waitThen(KEYS, 20, [['incr', '{t}n']])).toEqual({ taken: null, replies: [1] })
      await reply(client, 'client', 'kill', 'type', 'normal', 'skipme', 'yes')
      await vi.waitFor(async () => expect(await reply(client, 'client', 'list')).not.toContain('cmd=incr'), {
        interval: 2,
      })
      await reply(client, 'zadd', '{t}first', 1, 'm')
      expect(await waiting.waitThen(KEYS, LONG_MS, [['incr', '{t}n']])).toEqual({ taken: '{t}first', replies: [2] })
    })

    it('say whether an interrupt ends them at once', async () => {
      expect(await waiting.isInterruptible()).toBe(true)
      await reply(client, 'acl', 'setuser', 'bound', 'on', '>pw', '~*', '&*', '+@all', '-client|unblock')
      const bound = connectTo(lane, server.port, 'bound:pw@')
      expect(await bound.block('{t}').isInterruptible()).toBe(false)
      await bound.close()
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
