import { manualClock, QueueError } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { redisProtocolBackend, type EngineOptions } from '../src/index.ts'
import type { Command, Reply, RespClient } from '../src/resp-client.ts'
import { fakeClient } from './fake-client.ts'

interface Server {
  readonly info?: Reply
  readonly meta?: Reply
  readonly memory?: Reply
  readonly probe?: Reply
  readonly id?: Reply
  readonly lines?: Reply
  readonly unblock?: Reply
  readonly time?: Reply
  readonly scan?: Reply
  /** How the channel that is tried is refused, if it is. */
  readonly channel?: Error
}

/** What a healthy server answers, but for these replies. */
function answers(server: Server) {
  const {
    info = 'redis_version:7.0.15\r\n',
    meta = [null, null],
    memory,
    probe = '\u001d',
    id = 1,
    lines = [],
    unblock = 0,
    time = ['1', '1'],
    scan = ['0', []],
  } = server
  return ([name, word]: Command): Reply => {
    if (name === 'info') return word === 'memory' ? (memory ?? 'maxmemory_policy:noeviction\r\n') : info
    if (name === 'hmget') return meta
    if (name === 'client') return word === 'unblock' ? unblock : id
    if (name === 'hscan') return scan
    if (name === 'time') return time
    return name === 'smembers' ? lines : name === 'zadd' || name === 'bzpopmin' ? 1 : probe
  }
}

function denied(name: string): Error {
  return new Error(`NOPERM User x has no permissions to run the '${name}' command`)
}

async function opening(server: Server, options: EngineOptions = {}): Promise<QueueError | null> {
  const client = fakeClient(answers(server))
  const add = (): Promise<void> => (server.channel === undefined ? Promise.resolve() : Promise.reject(server.channel))
  const subscribe: RespClient['subscribe'] = (listener) => ({ ...client.subscribe(listener), add })
  const backend = redisProtocolBackend('redis', { ...client, subscribe }, options)
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
  ['no permission to subscribe', { channel: denied('subscribe') }, 'permission', 'subscribe NOPERM'],
  ['no channel', { channel: new Error('connect ECONNREFUSED') }, 'connection', 'ECONNREFUSED'],
  ['no answer of its scripts', { probe: 7 }, 'corrupt_record', 'no answer'],
  ['scripts that cannot run now', { probe: new Error('BUSY Redis is busy') }, 'busy', 'BUSY'],
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

it('names all that is missing at once', async () => {
  const error = await opening({
    meta: denied('hmget'),
    lines: denied('smembers'),
    scan: denied('hscan'),
    id: denied('client|id'),
    unblock: denied('client|unblock'),
    probe: denied('eval or evalsha'),
    channel: denied('subscribe'),
  })
  expect(error?.code).toBe('permission')
  const names = error?.message.match(/\b[a-z]+(?: [a-z]+)?(?= NOPERM)/g)
  expect(names).toEqual(['smembers', 'hmget', 'hscan', 'client id', 'evalsha', 'eval', 'subscribe', 'client unblock'])
})

it('opens where waits cannot be ended, and says so; without waits it does not ask', async () => {
  const [reports, server]: [string[], Server] = [[], { unblock: denied('client|unblock') }]
  const onReport: EngineOptions['onReport'] = ({ message }) => void reports.push(message)
  expect(await opening(server, { onReport })).toBeNull()
  expect(reports).toEqual([expect.stringContaining("'client|unblock'")])
  expect(await opening({ ...server, id: denied('client|id') }, { wakeups: false, onReport })).toBeNull()
  expect(reports).toHaveLength(1)
})

it('looks at the keys of many lines, in whichever way scripts may be run', async () => {
  const lines = Array.from({ length: 300 }, (_, i) => `q${i}|local`)
  for (const [way, other] of [
    ['evalsha', 'eval'],
    ['eval', 'evalsha'],
  ]) {
    // prettier-ignore
    const client = fakeClient(([name, ...args]) =>
      name === other ? denied(name) : name === way ? '\u001d' : answers({ lines })([name, ...args]),
    )
    await expect(redisProtocolBackend('redis', client).open()).rejects.toThrow(`${other} NOPERM`)
    expect(client.sent.map(([name]) => name).filter((name) => name.startsWith('eval'))).toEqual(['evalsha', 'eval', way, way]) // prettier-ignore
  }
})

it('opens where INFO is not allowed, unless it has to know that nothing is evicted', async () => {
  const info = denied('info')
  expect(await opening({ info, memory: info })).toBeNull()
  expect(await opening({ info, memory: info }, { eviction: 'refuse' })).toMatchObject({
    code: 'unsupported_server',
    message: expect.stringContaining('does not say'),
  })
})

it('warns of an eviction policy that may drop records, or refuses to open on request', async () => {
  const memory = 'used_memory:1\r\nmaxmemory_policy:allkeys-lru\r\n'
  const reports: string[] = []
  expect(await opening({ memory }, { onReport: ({ message }) => reports.push(message) })).toBeNull()
  expect(reports).toEqual([expect.stringContaining('allkeys-lru')])
  expect((await opening({ memory }, { eviction: 'refuse' }))?.code).toBe('unsupported_server')
})

describe('a mark ahead of the clock', () => {
  const NOW = 1_800_000_000_000
  async function reportsOf(mark: Reply, options: EngineOptions & Server = {}): Promise<readonly string[]> {
    const { time = [`${NOW / 1_000}`, '999'], ...rest } = options
    const reports: string[] = []
    const onReport: EngineOptions['onReport'] = ({ message }) => void reports.push(message)
    expect(await opening({ meta: ['1.0', '1', mark], time }, { ...rest, onReport })).toBeNull()
    return reports
  }

  it('is told if it is given up, and by how much', async () => {
    const [report, ...others] = await reportsOf(`${NOW + 3_600_000}`)
    expect(report).toContain("the server's clock is 3600 s behind")
    expect(others).toEqual([])
    expect(await reportsOf(`${NOW + 10_001}`)).toHaveLength(1)
  })

  it.for([`${NOW + 10_000}`, `${NOW}`, '0', 'garbage', null])('is not told at %j', async (mark) => {
    expect(await reportsOf(mark)).toEqual([])
  })

  it('is not told where the server does not say the time, or is not asked for it', async () => {
    const mark = `${NOW + 3_600_000}`
    expect(await reportsOf(mark, { time: denied('time') })).toEqual([])
    expect(await reportsOf(mark, { clock: manualClock(NOW) })).toEqual([])
  })
})

it('knows no other number of partitions than 1', async () => {
  expect(await opening({}, { partitions: 2 })).toMatchObject({ code: 'invalid_argument', parameter: 'partitions' })
  expect(await opening({ meta: ['1.0', '1'] }, { partitions: 2 })).toMatchObject({
    code: 'version_mismatch',
    parameter: 'partitions',
  })
})
