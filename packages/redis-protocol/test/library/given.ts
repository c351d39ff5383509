import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { connectTo, connectWith, reply, type Lane } from './lane.ts'

const EVENTS = ['error', 'ready', 'end', 'close', 'message', 'connect']

export function describeGiven(lane: Lane): void {
  describe(`a client that was given, on ${lane.name}`, () => {
    let server: Server

    beforeAll(async () => {
      server = await startServer(lane.kind)
    })
    afterAll(() => server.stop())

    it('is used as it is, and stays as it was and open', async () => {
      const user = new lane.Redis(server.port, { db: 2 })
      await user.call('ping', [])
      const before = { options: { ...user.options }, listeners: EVENTS.map((event) => user.listenerCount(event)) }
      const client = connectWith(lane, user)
      expect(await reply(client, 'set', '{t}', 'v')).toBe('OK')
      const subscription = client.subscribe({ onMessage: () => {}, onResubscribed: () => {} })
      await subscription.add('{t}')
      expect(await client.block('{t}').wait(['{t}q'], 10)).toBeNull()
      expect(String(await reply(client, 'client', 'list')).match(/ db=2 /g)).toHaveLength(3)

      await client.close()
      await vi.waitFor(async () => expect(String(await reply(client, 'client', 'list')).match(/ db=/g)).toHaveLength(1))
      expect(await user.call('get', ['{t}'])).toBe('v')
      expect({ options: user.options, listeners: EVENTS.map((event) => user.listenerCount(event)) }).toEqual(before)
      await user.quit()
    })

    it('is not believed when a server refuses the second of two tries, of which the first may have had an effect', async () => {
      const user = new lane.Redis(server.port, { host: '127.0.0.1' })
      const [client, other] = [connectWith(lane, user), connectWith(lane, user)]
      const admin = connectTo(lane, server.port)
      await other.close()
      const call = expect(reply(client, 'blpop', '{t}list', 0)).rejects.toThrow('WRONGTYPE')
      await vi.waitFor(async () => expect(await reply(admin, 'info', 'clients')).toContain('blocked_clients:1\r'))
      await admin.call('{t}', [['set', '{t}list', 'a text'], ['client', 'kill', 'type', 'normal', 'skipme', 'yes']]) // prettier-ignore
      await call
      expect(String(await reply(client, 'blpop', '{t}list', 0))).toContain('WRONGTYPE')
      await client.close()
      expect(user.listenerCount('close')).toBe(0)
      await reply(admin, 'flushall')
      await admin.close()
      await user.quit()
    })

    it('lends its connection what it needs, whatever it was made for', async () => {
      const user = new lane.Redis(server.port, {
        commandTimeout: 100, enableAutoPipelining: true, enableOfflineQueue: false, autoResubscribe: true, stringNumbers: true,
        maxRetriesPerRequest: null, connectionName: 'mine', retryStrategy: () => 1,
      }) // prettier-ignore
      await vi.waitFor(() => expect(user.status).toBe('ready'))
      const client = connectWith(lane, user)
      const waiting = client.block('{t}')
      expect(await waiting.wait(['{t}q'], 300)).toBeNull()
      const wait = waiting.wait(['{t}q'], 60_000)
      await vi.waitFor(async () => expect(await reply(client, 'info', 'clients')).toContain('blocked_clients:1\r'))
      waiting.interrupt()
      expect(await wait).toBeNull()
      const replies = await Promise.all([client.call('{t}', [['echo', 'a'], ['echo', 'b']]), client.call('{t}', [['echo', 'c']])]) // prettier-ignore
      expect(replies).toEqual([['a', 'b'], ['c']])
      await client.close()
      await user.quit()
    })

    it.each([
      ['a keyPrefix', { keyPrefix: 'app:' }, 'must have no keyPrefix'],
      ['replies in the form of RESP3', { replyMapping: 'resp3' }, "must have replyMapping 'legacy'"],
    ])('is refused with %s', (_, options, message) => {
      const user = new lane.Redis(1, { lazyConnect: true, protocol: 3, ...options })
      expect(() => lane.clientOf({ client: user })).toThrow(message)
      const nodes = [{ host: '127.0.0.1', port: 1 }]
      const cluster = new lane.Cluster(nodes, { lazyConnect: true, redisOptions: { protocol: 3, ...options } })
      expect(() => lane.clientOf({ client: cluster })).toThrow(message)
    })

    it('is refused with certificates, of which it has its own', async () => {
      const user = new lane.Redis(1, { lazyConnect: true })
      expect(() => lane.clientOf({ client: user, tls: {} })).toThrow('tls goes with url')
      expect(lane.clientOf({ client: user })).toBe(user)
    })

    it('is refused if it reads from replicas', () => {
      const cluster = new lane.Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true, scaleReads: 'slave' })
      expect(() => lane.clientOf({ client: cluster })).toThrow("must have scaleReads 'master'")
    })
  })
}
