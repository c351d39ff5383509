import { once } from 'node:events'
import { createServer, type Server as NetServer } from 'node:net'
import { inspect } from 'node:util'
import { respClientOn, type LibraryClient } from '@millrace/redis-protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { connectTo, reply, type Lane } from './lane.ts'

const SECRET = 'p@ss/w:rd%é'
const LOGIN = `ann:${encodeURIComponent(SECRET)}@`

export function describeAccess(lane: Lane): void {
  describe(`a guarded server on ${lane.name}`, () => {
    let server: Server

    beforeAll(async () => {
      const user = `ann on >${SECRET} ~* &* +@all`
      server = await startServer(lane.kind, { password: SECRET, settings: { user } })
    })
    afterAll(() => server.stop())

    it.each([
      ['a user and a password', LOGIN, 'ann'],
      ['a password', `:${encodeURIComponent(SECRET)}@`, 'default'],
    ])('lets in with %s', async (_, login, name) => {
      const client = connectTo(lane, server.port, login)
      expect(await reply(client, 'acl', 'whoami')).toBe(name)
      expect(await client.block('{t}').wait(['{t}'], 1)).toBeNull()
      await client.subscribe({ onMessage: () => {}, onResubscribed: () => {} }).add('{t}')
      await client.close()
    })

    it('gives the database asked for to all connections', async () => {
      const client = respClientOn(
        lane.clientOf({ url: `${lane.schemes[0]}://${LOGIN}127.0.0.1:${server.port}/7` }),
        'ours',
      )
      await client.block('{t}').wait(['{t}'], 1)
      expect(String(await reply(client, 'client', 'list')).match(/ db=7 /g)).toHaveLength(2)
      await client.close()
    })

    it('refuses a database that the server does not have, and takes no other for it', async () => {
      const url = `${lane.schemes[0]}://${LOGIN}127.0.0.1:${server.port}`
      const lost = respClientOn(lane.clientOf({ url: `${url}/99` }), 'ours')
      for (const commands of [
        [['set', '{t}lost', 'v']],
        [
          ['set', '{t}lost', 'v'],
          ['get', '{t}lost'],
        ],
      ] as const)
        await expect(lost.call('{t}', commands)).rejects.toThrow('DB index is out of range')
      await lost.close()
      const client = respClientOn(lane.clientOf({ url }), 'ours')
      expect(await reply(client, 'exists', '{t}lost')).toBe(0)
      await client.close()
    })

    it.each([
      ['a wrong password', 'ann:nope-secret@', 'WRONGPASS'],
      ['an unknown user', 'eve:nope-secret@', 'WRONGPASS'],
      ['none', '', 'NOAUTH'],
    ])('refuses with %s, again and again, and shows nothing', async (_, login, code) => {
      const client = connectTo(lane, server.port, login)
      const answers = [
        await client.call('{t}', [['get', '{t}']]).catch((error: unknown) => [error]),
        await client.call('{t}', [['get', '{t}'], ['get', '{t}']]).catch((error: unknown) => [error]),
        [await client.block('{t}').wait(['{t}'], 1_000).catch((error: unknown) => error)],
        [await client.subscribe({ onMessage: () => {}, onResubscribed: () => {} }).add('{t}').catch((error: unknown) => error)],
      ] // prettier-ignore
      for (const [answer] of answers.slice(0, 2)) expect(String(answer)).toContain(code)
      // Those may hear what was asked behind the login, not what became of the login.
      for (const [answer] of answers.slice(2)) expect(String(answer)).toMatch(/WRONGPASS|NOAUTH/)
      expect(inspect([client, answers], { depth: 10, showHidden: true })).not.toContain('nope-secret')
      await client.close()
    })

    it('is not told the secret by anything that is handed out', async () => {
      const client = connectTo(lane, server.port, LOGIN)
      const waiting = client.block('{t}')
      const subscription = client.subscribe({ onMessage: () => {}, onResubscribed: () => {} })
      await Promise.all([waiting.wait(['{t}'], 1), subscription.add('{t}')])
      expect(inspect([client, waiting, subscription], { depth: 10, showHidden: true })).not.toContain('p@ss')
      await client.close()
    })
  })

  describe(`a server that knows no login, on ${lane.name}`, () => {
    let server: Server

    beforeAll(async () => {
      server = await startServer(lane.kind, { settings: { 'rename-command': ['AUTH ""', 'HELLO ""'] } })
    })
    afterAll(() => server.stop())

    /** It quotes what it was sent, the password with it. */
    async function errorsOf(client: LibraryClient, owner: 'ours' | 'given'): Promise<readonly unknown[]> {
      const seam = respClientOn(client, owner)
      const backend = lane.backend({ client })
      const calls = [
        () => seam.call('{t}', [['get', '{t}']]),
        () => seam.call('{t}', [['get', '{t}'], ['get', '{t}']]),
        () => seam.block('{t}').wait(['{t}'], 1_000),
        () => seam.subscribe({ onMessage: () => {}, onResubscribed: () => {} }).add('{t}'),
        () => backend.open(),
        () => backend.watch({ ids: [] }),
      ] // prettier-ignore
      const answers: unknown[] = []
      for (const call of calls) answers.push(await call().catch((error: unknown) => error))
      await backend.close()
      await seam.close()
      return answers
    }

    it.each([[LOGIN], [`:${encodeURIComponent(SECRET)}@`]])('is quoted without the password in %s', async (login) => {
      const client = lane.clientOf({ url: `${lane.schemes[0]}://${login}127.0.0.1:${server.port}` })
      const answers = await errorsOf(client, 'ours')
      expect(inspect(answers, { depth: 10, showHidden: true })).not.toContain('p@ss')
      for (const answer of answers.slice(-2)) expect(String(answer)).toMatch(/^QueueError: .*unknown command 'auth'$/)
    })

    it.each([2, 3])('is quoted without the password of a client that was given, with RESP%d', async (protocol) => {
      const user = new lane.Redis(server.port, { username: 'ann', password: SECRET, protocol, lazyConnect: true })
      user.on('error', () => {})
      const answers = await errorsOf(user, 'given')
      expect(inspect(answers, { depth: 10, showHidden: true })).not.toContain('p@ss')
      for (const answer of answers.slice(-2)) expect(String(answer)).toMatch(/^QueueError: .*unknown command 'auth'$/)
      user.disconnect()
    })
  })

  it(`a server of another protocol is none of ours, on ${lane.name}`, async () => {
    const server = createServer((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'))
      socket.on('error', () => {})
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const backend = lane.backend({ url: `${lane.schemes[0]}://127.0.0.1:${portOf(server)}` })
    const problem = { code: 'unsupported_server', retryable: false, indeterminate: false }
    await expect(backend.open()).rejects.toMatchObject(problem)
    await expect(backend.statistics()).rejects.toMatchObject(problem)
    await backend.close()
    server.close()
  })

  describe(`TLS on ${lane.name}`, () => {
    let server: Server

    beforeAll(async () => {
      server = await startServer(lane.kind, { tls: true })
    })
    afterAll(() => server.stop())

    it.each(['localhost', '127.0.0.1'])('reaches %s, with every connection', async (host) => {
      const url = `${lane.schemes[1]}://${host}:${server.port}`
      const client = respClientOn(lane.clientOf({ url, tls: { ca: server.ca } }), 'ours')
      expect(await reply(client, 'ping')).toBe('PONG')
      expect(await client.block('{t}').wait(['{t}'], 1)).toBeNull()
      await client.subscribe({ onMessage: () => {}, onResubscribed: () => {} }).add('{t}')
      await client.close()
    })

    it('refuses a server that nobody vouches for, and says so', async () => {
      const client = respClientOn(lane.clientOf({ url: `${lane.schemes[1]}://localhost:${server.port}` }), 'ours')
      await expect(reply(client, 'ping')).rejects.toThrow('self-signed certificate')
      await client.close()
    })
  })
}

function portOf(server: NetServer): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
