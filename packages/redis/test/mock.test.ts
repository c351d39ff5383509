import { inspect } from 'node:util'
import { createIdMaker, DEFAULT_LIMITS, encodeBody, systemClock, taskRequest, type Backend } from '@millrace/core'
import { respClientOn } from '@millrace/redis-protocol'
import { redisBackend } from '@millrace/redis'
import { ReplyError } from 'ioredis5'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clientOf } from '../src/options.ts'
import { MockClient } from './mock-client.ts'

vi.mock('ioredis', async () => ({ Redis: (await import('./mock-client.ts')).MockClient }))

describe('the adapter on ioredis-mock', () => {
  beforeEach(() => {
    MockClient.made.length = 0
  })

  it.each([
    ['redis://host', { host: 'host', port: 6379, username: '', password: '', db: 0 }],
    ['redis://ann:p%40ss%2F@host:7000/3', { host: 'host', port: 7000, username: 'ann', password: 'p@ss/', db: 3 }],
    ['redis://:pw@[::1]:7000/', { host: '::1', port: 7000, username: '', password: 'pw', db: 0 }],
    ['rediss://host', { host: 'host', tls: { servername: 'host', ca: 'ca' } }],
    ['rediss://127.0.0.1', { host: '127.0.0.1', tls: { ca: 'ca' } }],
  ])('makes of %s what the library takes', async (url, options) => {
    const tls = url.startsWith('rediss') ? { tls: { ca: 'ca' } } : {}
    const backend = redisBackend({ url, ...tls })
    expect(MockClient.made.map(({ given }) => given)).toEqual([
      expect.objectContaining({ ...options, lazyConnect: true }),
    ])
    await backend.close()
  })

  it('sends one command as it is, and several as a pipeline', async () => {
    const client = respClientOn(clientOf({ url: 'redis://one' }), 'ours')
    expect(await client.call('{t}', [['set', '{t}k', 'v']])).toEqual(['OK'])
    expect(await client.call('{t}', [['get', '{t}k'], ['incr', '{t}n'], ['hget', '{t}h', 'f']])).toEqual(['v', 1, null]) // prettier-ignore
    await client.close()
  })

  it('ends its own connections, and never one that it was given', async () => {
    const user = new MockClient()
    const given = respClientOn(clientOf({ client: user }), 'given')
    await given.subscribe({ onMessage: () => {}, onResubscribed: () => {} }).add('{t}')
    await given.close()
    expect(MockClient.made.map(({ connected }) => connected)).toEqual([true, false])
    expect(await user.call('set', ['k', 'v'])).toBe('OK')

    const own = respClientOn(clientOf({ url: 'redis://one' }), 'ours')
    await own.close()
    await own.close()
    expect(MockClient.made.map(({ connected }) => connected)).toEqual([true, false, false])
  })

  it('hears the messages of its channels, on a connection of its own', async () => {
    const heard: string[] = []
    const client = respClientOn(clientOf({ url: 'redis://one' }), 'ours')
    const subscription = client.subscribe({
      onMessage: (channel, message) => void heard.push(`${channel} ${message}`),
      onResubscribed: () => void heard.push('again'),
    })
    await subscription.add('{t}a')
    await subscription.add('{t}b')
    expect(MockClient.made).toHaveLength(2)
    for (const channel of ['{t}a', '{t}b']) await client.call('{t}', [['publish', channel, 'x']])
    await subscription.remove('{t}a')
    for (const channel of ['{t}a', '{t}b']) await client.call('{t}', [['publish', channel, 'y']])
    await vi.waitFor(() => expect(heard).toEqual(['{t}a x', '{t}b x', '{t}b y']))
    await client.close()
  })

  it('rejects a call that the library refuses without asking the server', async () => {
    const client = respClientOn(clientOf({ url: 'redis://one' }), 'ours')
    await expect(client.call('{t}', [['nonsense']])).rejects.toThrow('the mock has no nonsense')
    await client.close()
  })
})

const SECRET = 's3cret'
const Refused: new (message: string) => Error = ReplyError

/** An error as the library makes it: with the command that it is about, and all that was sent with it. */
function about(error: Error): Error {
  return Object.assign(error, { command: { name: 'evalsha', args: ['a', SECRET] } })
}

const request = taskRequest(
  { id: createIdMaker(systemClock)(), taskName: 'demo.task', body: encodeBody({}, DEFAULT_LIMITS) },
  DEFAULT_LIMITS,
)
const CALLS: Readonly<Record<string, (backend: Backend) => Promise<unknown>>> = {
  'a script': (backend) => backend.enqueue([request]),
  'a command': (backend) => backend.statistics(),
  'several commands': (backend) => backend.open(),
}

describe('the errors of the library', () => {
  afterEach(() => vi.restoreAllMocks())

  /** From now on the library answers whatever it is asked with this error. */
  function failWith(error: Error): void {
    vi.spyOn(MockClient.prototype, 'call').mockRejectedValue(error)
    vi.spyOn(MockClient.prototype, 'pipeline').mockImplementation((commands) => ({
      exec: async () => commands.map(() => [error, undefined]),
    }))
  }

  it('are values where the server replied, and give away nothing of what was sent', async () => {
    failWith(about(new Refused('WRONGTYPE Operation against a key')))
    const client = respClientOn(clientOf({ url: 'redis://one' }), 'ours')
    const replies = [...(await client.call('{t}', [['get', 'a']])), ...(await client.call('{t}', [['get', 'a'], ['get', 'b']]))] // prettier-ignore
    expect(replies).toEqual(Array.from({ length: 3 }, () => expect.objectContaining({ name: 'ReplyError' })))
    for (const reply of replies) expect(reply).not.toHaveProperty('command')
    await client.close()
  })

  describe.each(Object.entries(CALLS))('at %s', (_, call) => {
    it.each([
      ['a reply of a foreign key', new Refused('WRONGTYPE Operation against a key'), 'corrupt_record', false],
      ['a reply of a full server', new Refused("OOM command not allowed when used memory > 'maxmemory'."), 'out_of_memory', false],
      ['no reply', new Error('Connection is closed.'), 'connection', true],
      ['no reply after some tries', Object.assign(new Error('no more tries'), { name: 'MaxRetriesPerRequestError' }), 'connection', true],
    ])('%s is told by its code, and without the command', async (_name, error, code, indeterminate) => {
      failWith(about(error))
      const backend = redisBackend({ url: 'redis://one' })
      const thrown: unknown = await call(backend).catch((reason: unknown) => reason)
      expect(thrown).toMatchObject({ name: 'QueueError', code, indeterminate })
      expect(inspect(thrown, { depth: 10, showHidden: true })).not.toContain(SECRET)
      expect(error).not.toHaveProperty('command')
      await backend.close()
    }) // prettier-ignore
  })
})
