import { QueueError } from '@millrace/core'
import { expect, it } from 'vitest'
import { redisProtocolBackend, type EngineOptions } from '../src/index.ts'
import type { Command, Reply } from '../src/resp-client.ts'
import { fakeClient } from './fake-client.ts'

interface Server {
  readonly info?: Reply
  readonly meta?: Reply
  readonly policy?: Reply
  readonly probe?: Reply
  readonly id?: Reply
  readonly lines?: Reply
}

/** What a healthy server answers, but for these replies. */
function answers(server: Server) {
  const {
    info = 'redis_version:7.0.15\r\n',
    meta = [null, null],
    policy,
    probe = '\u001d',
    id = 1,
    lines = [],
  } = server
  return ([name]: Command): Reply => {
    if (name === 'info') return info
    if (name === 'hmget') return meta
    if (name === 'config') return policy ?? ['maxmemory-policy', 'noeviction']
    if (name === 'client') return id
    return name === 'smembers' ? lines : name === 'zadd' || name === 'bzpopmin' ? 1 : probe
  }
}

async function opening(server: Server, options: EngineOptions = {}): Promise<QueueError | null> {
  const backend = redisProtocolBackend('redis', fakeClient(answers(server)), options)
  try {
    await backend.open()
    return null
  } catch (error) {
    if (error instanceof QueueError) return error
    throw error
  }
}

it.for(['redis_version:7.0.0\r\n', 'redis_version:8.2.1\r\n', 'redis_version:7.2.4\r\nvalkey_version:8.0.1\r\n'])(
  'opens on %j',
  async (info) => {
    expect(await opening({ info })).toBeNull()
  },
)

it.for([
  ['an old Redis', { info: 'redis_version:6.2.9\r\n' }, 'unsupported_server', 'Redis 6.2.9; 7.0 or newer'],
  [
    'an old Valkey',
    { info: 'redis_version:7.0\r\nvalkey_version:7.1.0\r\n' },
    'unsupported_server',
    'Valkey 7.1.0; 7.2 or newer',
  ],
  ['another server', { info: 'hello' }, 'unsupported_server', 'does not say'],
  ['no password', { info: new Error('NOAUTH Authentication required.') }, 'auth', 'password'],
  ['a later schema', { meta: ['2.0', '1'] }, 'version_mismatch', 'schema 2.0'],
  ['other partitions', { meta: ['1.0', '4'] }, 'version_mismatch', '4 partitions'],
  ['a meta key of another type', { meta: new Error('WRONGTYPE Operation') }, 'corrupt_record', 'WRONGTYPE'],
  [
    'a missing permission',
    { probe: 'HSET NOPERM no\nZADD NOPERM no\u001d' },
    'permission',
    'HSET NOPERM no; ZADD NOPERM no',
  ],
  ['a server that still loads', { meta: new Error('LOADING Redis is loading') }, 'busy', 'LOADING'],
  ['no list of lines', { lines: new Error('LOADING Redis is loading') }, 'busy', 'LOADING'],
  ['a number for its name', { info: 7 }, 'unsupported_server', 'does not say'],
  [
    'foreign values where the lines are listed',
    { lines: new Error('WRONGTYPE Operation'), probe: '\u001d{millrace:0}:queues string' },
    'corrupt_record',
    '{millrace:0}:queues (a string)',
  ],
  ['no permission for client', { id: new Error('NOPERM client|id') }, 'permission', 'client|id'],
  ['no permission for scripts', { probe: new Error('NOPERM evalsha') }, 'permission', 'evalsha'],
  [
    'a foreign key',
    { probe: '\u001d{millrace:0}:records string' },
    'corrupt_record',
    '{millrace:0}:records (a string)',
  ],
] as const)('refuses to open on %s', async ([, server, code, words]) => {
  const error = await opening(server)
  expect(error?.code).toBe(code)
  expect(error?.message).toContain(words)
})

it('opens where INFO or CONFIG is not allowed', async () => {
  const denied = new Error("NOPERM User x has no permissions to run the 'info' command")
  expect(await opening({ info: denied, policy: denied })).toBeNull()
})

it('warns of an eviction policy that may drop records, or refuses to open on request', async () => {
  const policy = ['maxmemory-policy', 'allkeys-lru']
  const reports: string[] = []
  expect(await opening({ policy }, { onReport: ({ message }) => reports.push(message) })).toBeNull()
  expect(reports).toEqual([expect.stringContaining('allkeys-lru')])
  expect((await opening({ policy }, { eviction: 'refuse' }))?.code).toBe('unsupported_server')
})

it('knows no other number of partitions than 1', async () => {
  expect(await opening({}, { partitions: 2 })).toMatchObject({ code: 'invalid_argument', parameter: 'partitions' })
  expect(await opening({ meta: ['1.0', '1'] }, { partitions: 2 })).toMatchObject({
    code: 'version_mismatch',
    parameter: 'partitions',
  })
})
