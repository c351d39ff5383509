import type { RespClient } from '@millrace/redis-protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { connectTo, reply, type Lane } from './lane.ts'

export function describeCommands(lane: Lane): void {
  describe(`commands on ${lane.name}`, () => {
    let server: Server
    let client: RespClient

    beforeAll(async () => {
      server = await startServer(lane.kind)
      client = connectTo(lane, server.port)
    })
    afterAll(async () => {
      await client.close()
      await server.stop()
    })

    it('are answered one by one, in order', async () => {
      expect(await client.call('{t}', [['set', '{t}a', 'v'], ['get', '{t}a'], ['strlen', '{t}a']])).toEqual(['OK', 'v', 1]) // prettier-ignore
      expect(await client.call('{t}', [['get', '{t}none']])).toEqual([null])
      expect(await client.call('{t}', [])).toEqual([])
    })

    it('answer with an error in its place, beside the replies of the others', async () => {
      await reply(client, 'set', '{t}text', 'v')
      const replies = await client.call('{t}', [
        ['get', '{t}text'],
        ['hget', '{t}text', 'f'],
        ['exists', '{t}text'],
      ])
      expect(replies).toEqual(['v', expect.any(Error), 1])
      expect(String(replies[1])).toContain('WRONGTYPE')
      expect(String(await reply(client, 'nonsense'))).toContain('unknown command')
      expect(String(await reply(client, 'evalsha', '0'.repeat(40), 1, '{t}a'))).toContain('NOSCRIPT')
    })

    it('answer with what a script returns, whatever its shape', async () => {
      const script = "return { 1, 'two', { 3, {} }, false, '' }"
      expect(await reply(client, 'eval', script, 1, '{t}')).toEqual([1, 'two', [3, []], null, ''])
      const error = await reply(client, 'eval', "return redis.error_reply('MINE oops')", 1, '{t}')
      expect(error).toBeInstanceOf(Error)
      expect(error).toHaveProperty('message', 'MINE oops')
    })

    it('carry any text, and a megabyte of it', async () => {
      const text = `"\r\n\0é☃😀'${'x'.repeat(1_048_576)}`
      await reply(client, 'set', '{t}big', text)
      expect(await reply(client, 'get', '{t}big')).toBe(text)
    })

    it('sent at once have their own replies each', async () => {
      const echoes = Array.from({ length: 200 }, (_, i) => client.call('{t}', i % 2 === 0 ? [['echo', i]] : [['echo', i], ['echo', -i]])) // prettier-ignore
      expect(await Promise.all(echoes)).toEqual(
        Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? [`${i}`] : [`${i}`, `-${i}`])),
      )
    })

    it('keep what they carried out of the errors they come back with', async () => {
      const [failed] = await client.call('{t}', [['hset', '{t}', 'f', 'secret payload', 'odd']])
      const [first, second] = await client.call('{t}', [['hset', '{t}', 'f', 'secret payload', 'odd'], ['nonsense', 'secret payload']]) // prettier-ignore
      for (const error of [failed, first, second]) {
        expect(error).toBeInstanceOf(Error)
        expect(Object.values(error ?? {})).not.toContainEqual(expect.anything())
      }
    })
  })
}
