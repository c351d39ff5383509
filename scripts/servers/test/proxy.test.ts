import { randomUUID } from 'node:crypto'
import { connect as connectSocket } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { command, connect, type Connection } from '../connection.mjs'
import { startProxy, type Proxy } from '../proxy.mjs'
import type { Reply } from '../resp.mjs'
import { kinds, urlOf } from './url-of.ts'

const GONE = 'the server ended the connection'

describe.each(kinds)('the proxy before %s', (kind) => {
  const url = urlOf(kind)
  const start = async (): Promise<{
    proxy: Proxy
    key: string
    open: () => Promise<Connection>
    direct: (...words: string[]) => Promise<Reply>
  }> => {
    const proxy = await startProxy(url)
    const key = randomUUID()
    const open = async (): Promise<Connection> => {
      const connection = await connect(proxy.url)
      onTestFinished(() => connection.close())
      return connection
    }
    const direct = (...words: string[]): Promise<Reply> => command(url, ...words)
    onTestFinished(async () => {
      await proxy.close()
      await direct('DEL', key)
    })
    return { proxy, key, open, direct }
  }
  /** What became of each: its reply, or that it never came. */
  const fates = async (replies: readonly Promise<Reply>[]): Promise<readonly unknown[]> =>
    (await Promise.allSettled(replies)).map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))

  it('passes everything on, also what is larger than the network takes at once', async () => {
    const { key, open } = await start()
    const connection = await open()
    const large = 'ü'.repeat(3_000_000)
    expect(await connection.send('SET', key, large)).toBe('OK')
    expect(await connection.send('GET', key)).toBe(large)
    expect(
      await fates([connection.send('HELLO', '3'), connection.send('GETRANGE', key, 0, 1), connection.send('NOSUCH')]),
    ).toEqual([expect.arrayContaining(['proto', 3]), 'ü', expect.stringMatching(/^ERR unknown command/)])
  })

  it('loses the reply of exactly the command that is meant, after it had its effect, and breaks the connection', async () => {
    const { proxy, key, open, direct } = await start()
    const connection = await open()
    const lost = proxy.loseReply(({ name, args }) => name === 'incrby' && args[1] === '10')
    const replies = [1, 10, 100].map((by) => connection.send('INCRBY', key, by))
    expect(await fates(replies)).toEqual([1, GONE, GONE])
    expect(await lost).toEqual({ name: 'incrby', args: [key, '10'], reply: ':11\r\n' })
    expect(await direct('GET', key)).toBe('111')
    expect(proxy.connections()).toBe(0)
    expect(await (await open()).send('INCRBY', key, 10)).toBe(121)
  })

  it('finds the reply inside a transaction', async () => {
    const { proxy, key, open, direct } = await start()
    const connection = await open()
    const lost = proxy.loseReply('exec')
    expect(await fates([['MULTI'], ['INCR', key], ['EXEC']].map((words) => connection.send(...words)))).toEqual([
      'OK',
      'QUEUED',
      GONE,
    ])
    await lost
    expect(await direct('GET', key)).toBe('1')
  })

  it('loses no reply but that of a script that ran', async () => {
    const { proxy, key, open, direct } = await start()
    const connection = await open()
    const lost = proxy.loseReply('evalsha')
    const script = `return redis.call('incr', KEYS[1]) --${key}`
    const unknown = await connection.send('EVALSHA', '0'.repeat(40), 1, key).catch((error: Error) => error.message)
    expect(unknown).toMatch(/^NOSCRIPT/)
    const sha = String(await connection.send('SCRIPT', 'LOAD', script))
    expect(await fates([connection.send('EVALSHA', sha, 1, key)])).toEqual([GONE])
    expect(await lost).toMatchObject({ name: 'evalsha', args: [sha, '1', key] })
    expect(await direct('GET', key)).toBe('1')
  })

  it('tells channels from replies', async () => {
    const { proxy, key, open, direct } = await start()
    for (const protocol of ['2', '3']) {
      const connection = await open()
      await connection.send('HELLO', protocol)
      const heard: unknown[] = []
      const socket = connectSocket(proxy.port, '127.0.0.1')
        .setEncoding('utf8')
        .on('data', (text) => heard.push(text))
      onTestFinished(() => void socket.destroy())
      socket.write(`HELLO ${protocol}\r\nSUBSCRIBE ${key}\r\n`)
      await expect.poll(() => heard.join('')).toContain('subscribe')
      const lost = proxy.loseReply('ping')
      await direct('PUBLISH', key, 'one')
      await expect.poll(() => heard.join('')).toContain('one')
      socket.write('PING\r\n')
      await lost
      await once(socket, 'close')
      expect(heard.join('')).not.toMatch(/pong/i)
    }
  })

  it('drops a request and what follows it before they reach the server, once what came before is answered', async () => {
    const { proxy, key, open, direct } = await start()
    const connection = await open()
    const dropped = proxy.dropRequest(({ args }) => args[1] === '10')
    expect(await fates([1, 10, 100].map((by) => connection.send('INCRBY', key, by)))).toEqual([1, GONE, GONE])
    expect(await dropped).toEqual({ name: 'incrby', args: [key, '10'] })
    expect(await direct('GET', key)).toBe('1')
  })

  it('forgets a trap that was not needed', async () => {
    const { proxy, key, open } = await start()
    const never: unknown[] = []
    void proxy.loseReply().then((exchange) => never.push(exchange))
    void proxy.dropRequest().then((exchange) => never.push(exchange))
    proxy.disarm()
    expect(await (await open()).send('INCR', key)).toBe(1)
    expect(never).toEqual([])
  })

  it.for(['cut', 'reset'] as const)('breaks every connection by %s, and takes new ones', async (how) => {
    const { proxy, open } = await start()
    const connections = await Promise.all([open(), open()])
    const blocked = connections.map((connection) => connection.send('BLPOP', randomUUID(), 0))
    await expect.poll(() => command(url, 'INFO', 'clients')).toMatch(/blocked_clients:[2-9]/)
    proxy[how]()
    for (const fate of await fates(blocked)) expect(fate).toBe(how === 'cut' ? GONE : 'read ECONNRESET')
    expect(await (await open()).send('PING')).toBe('PONG')
  })

  it.for([
    ['both', '0'],
    ['requests', '0'],
    ['replies', '1'],
  ] as const)(
    'holds back %s during a partition; a command under way is run when it heals, even if its client has gone',
    async ([direction, meanwhile]) => {
      const { proxy, key, open, direct } = await start()
      await direct('SET', key, '0')
      const [stays, goes] = await Promise.all([open(), open()])
      await Promise.all([stays.send('PING'), goes.send('PING')])
      proxy.pause(direction)
      const reply = stays.send('GET', key)
      const left = goes.send('INCR', key)
      if (direction === 'replies') await expect.poll(() => direct('GET', key)).toBe('1')
      goes.close()
      expect(await fates([left])).toEqual([GONE])
      expect(await direct('GET', key)).toBe(meanwhile)
      expect(proxy.connections()).toBe(2)
      proxy.heal()
      expect(['0', '1']).toContain(await reply)
      await expect.poll(() => direct('GET', key)).toBe('1')
      await expect.poll(() => proxy.connections()).toBe(1)
    },
  )

  it('lets no new connection through a partition', async () => {
    const { proxy, key, direct } = await start()
    proxy.pause()
    const socket = connectSocket(proxy.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`INCR ${key}\r\n`)
    await expect.poll(() => proxy.connections()).toBe(1)
    socket.destroy()
    expect(await direct('EXISTS', key)).toBe(0)
    const later = command(proxy.url, 'PING')
    await expect.poll(() => proxy.connections()).toBe(2)
    proxy.heal()
    expect(await later).toBe('PONG')
    await expect.poll(() => proxy.connections()).toBe(0)
    expect(await direct('EXISTS', key)).toBe(0)
  })

  it('runs what was under way even if its client broke off', async () => {
    const { proxy, key, direct } = await start()
    const socket = connectSocket(proxy.port, '127.0.0.1')
    socket.write('PING\r\n')
    await once(socket, 'data')
    proxy.pause()
    socket.write(`INCR ${key}\r\n`)
    await direct('PING')
    socket.resetAndDestroy()
    expect(await direct('EXISTS', key)).toBe(0)
    proxy.heal()
    await expect.poll(() => direct('GET', key)).toBe('1')
    await expect.poll(() => proxy.connections()).toBe(0)
  })

  it('turns away who comes while there is no server', async () => {
    const proxy = await startProxy('redis://127.0.0.1:1')
    onTestFinished(() => proxy.close())
    await expect(command(proxy.url, 'PING')).rejects.toThrow(/ended the connection|ECONNRESET/)
    await expect.poll(() => proxy.connections()).toBe(0)
  })

  it('adds a delay to each direction, and keeps the order', async () => {
    const { proxy, key, open } = await start()
    const connection = await open()
    proxy.delay({ requestsMs: 30, repliesMs: 20 })
    const started = performance.now()
    const replies = await Promise.all(Array.from({ length: 50 }, () => connection.send('INCR', key)))
    expect(performance.now() - started).toBeGreaterThanOrEqual(50)
    expect(replies).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
    proxy.delay({})
    expect(await connection.send('INCR', key)).toBe(51)
  })

  it('ends a client’s connection when the server is gone', async () => {
    const { open, direct } = await start()
    const connection = await open()
    const id = await connection.send('CLIENT', 'ID')
    await direct('CLIENT', 'KILL', 'ID', String(id))
    expect(await fates([connection.send('PING')])).toEqual([
      expect.stringMatching(/ended the connection|closed|EPIPE|ECONNRESET/),
    ])
  })
})
