import type { RespClient, Subscription } from '@millrace/redis-protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { connectTo, reply, type Lane } from './lane.ts'

const AGAIN = 'subscribed again'

export function describeMessages(lane: Lane): void {
  describe(`messages on ${lane.name}`, () => {
    let server: Server
    let client: RespClient
    let subscription: Subscription
    let heard: string[]

    beforeAll(async () => {
      server = await startServer(lane.kind)
      client = connectTo(lane, server.port)
    })
    beforeEach(() => {
      heard = []
      subscription = listen(client)
    })
    afterEach(() => subscription.close())
    afterAll(async () => {
      await client.close()
      await server.stop()
    })

    function listen(client: RespClient): Subscription {
      return client.subscribe({
        onMessage: (channel, message) => void heard.push(`${channel} ${message}`),
        onResubscribed: () => void heard.push(AGAIN),
      })
    }

    async function until(...messages: string[]): Promise<void> {
      await vi.waitFor(() => expect(heard).toEqual(messages), { interval: 5, timeout: 5_000 })
    }

    it('are heard from the moment a channel is confirmed', async () => {
      await subscription.add('{t}a')
      expect(await reply(client, 'publish', '{t}a', 'one')).toBe(1)
      await subscription.add('{t}b')
      await reply(client, 'publish', '{t}b', 'é\r\n')
      await reply(client, 'publish', '{t}c', 'unheard')
      await reply(client, 'publish', '{t}a', 'two')
      await until('{t}a one', '{t}b é\r\n', '{t}a two')
    })

    it('of several channels added at once are heard, each once', async () => {
      await Promise.all(['{t}a', '{t}b', '{t}a'].map((channel) => subscription.add(channel)))
      for (const channel of ['{t}a', '{t}b']) await reply(client, 'publish', channel, 'x')
      await until('{t}a x', '{t}b x')
    })

    it('of a removed channel are not', async () => {
      await subscription.add('{t}a')
      await subscription.remove('{t}a')
      await subscription.remove('{t}never')
      expect(await reply(client, 'publish', '{t}a', 'one')).toBe(0)
      await subscription.add('{t}a')
      await reply(client, 'publish', '{t}a', 'two')
      await until('{t}a two')
    })

    it('come again after a lost connection, which is told, but not from removed channels', async () => {
      for (const channel of ['{t}a', '{t}b', '{t}c']) await subscription.add(channel)
      await subscription.remove('{t}b')
      for (const round of [1, 2]) {
        await reply(client, 'client', 'kill', 'type', 'pubsub')
        await vi.waitFor(() => expect(heard.filter((one) => one === AGAIN)).toHaveLength(round), {
          interval: 5,
          timeout: 5_000,
        })
      }
      for (const channel of ['{t}a', '{t}b', '{t}c']) await reply(client, 'publish', channel, 'x')
      await until(AGAIN, AGAIN, '{t}a x', '{t}c x')
    })

    it('are waited for until the server is back', async () => {
      await subscription.add('{t}a')
      await server.kill()
      await expect(subscription.add('{t}b')).rejects.toThrow()
      await server.restart()
      await until(AGAIN)
      expect(await reply(client, 'publish', '{t}b', 'was refused')).toBe(0)
      await reply(client, 'publish', '{t}a', 'x')
      await until(AGAIN, '{t}a x')
    })

    it('of a channel that is asked for once more while the server is away come again', async () => {
      await subscription.add('{t}a')
      await server.kill()
      await expect(Promise.all([subscription.add('{t}a'), subscription.add('{t}a')])).rejects.toThrow()
      await server.restart()
      await until(AGAIN)
      await reply(client, 'publish', '{t}a', 'x')
      await until(AGAIN, '{t}a x')
    })

    it('of a channel that is removed and added at once are heard', async () => {
      await subscription.add('{t}a')
      for (const message of ['one', 'two', 'three']) {
        await Promise.all([subscription.remove('{t}a'), subscription.add('{t}a')])
        await reply(client, 'publish', '{t}a', message)
      }
      await until('{t}a one', '{t}a two', '{t}a three')
    })

    it('of a channel that the server refuses are not heard, and the others are', async () => {
      await reply(client, 'acl', 'setuser', 'shy', 'on', '>pw', '~*', '&{t}mine', '+@all')
      const shy = connectTo(lane, server.port, 'shy:pw@')
      const own = listen(shy)
      await expect(own.add('{t}other')).rejects.toThrow('NOPERM')
      await own.add('{t}mine')
      await expect(own.add('{t}other')).rejects.toThrow('NOPERM')
      await reply(client, 'publish', '{t}mine', 'x')
      await until('{t}mine x')
      await shy.close()
    })

    it('go on where the server does not let a channel go, and that is said', async () => {
      await reply(client, 'acl', 'setuser', 'stuck', 'on', '>pw', '~*', '&*', '+@all', '-unsubscribe')
      const stuck = connectTo(lane, server.port, 'stuck:pw@')
      const own = listen(stuck)
      await own.add('{t}a')
      await expect(own.remove('{t}a')).rejects.toThrow('NOPERM')
      await reply(client, 'publish', '{t}a', 'x')
      await until('{t}a x')
      await stuck.close()
    })

    it('end when closed, and nothing is left behind', async () => {
      await subscription.add('{t}a')
      subscription.close()
      subscription.close()
      await vi.waitFor(async () => expect(await reply(client, 'pubsub', 'numsub', '{t}a')).toEqual(['{t}a', 0]))
      await expect(subscription.add('{t}b')).rejects.toThrow('closed')
      await subscription.remove('{t}a')
      expect(await reply(client, 'client', 'list', 'type', 'pubsub')).toBe('')
      expect(heard).toEqual([])
    })
  })
}
