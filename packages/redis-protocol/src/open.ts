import { invalidArgument, QueueError } from '@millrace/core'
import type { Caller } from './caller.ts'
import { linesMatching } from './known-lines.ts'
import type { EngineReport } from './options.ts'
import type { Command, Reply } from './resp-client.ts'
import { SCHEMA } from './schema.ts'
import { probe } from './scripts.generated.ts'
import { replyError } from './server-error.ts'

export interface Probe {
  readonly partitions: number
  readonly eviction: 'warn' | 'refuse'
  readonly wakeups: boolean
  readonly onReport: (report: EngineReport) => void
}

/** Lines of which one script looks at the keys. */
const LINES_AT_ONCE = 128

const OLDEST_REDIS = '7.0'
const OLDEST_VALKEY = '7.2'

/** What a wait for work needs. A member is there, so that trying it takes no time. */
const WAITS = (key: string): readonly Command[] => [
  ['zadd', key, 0, 'a'],
  ['bzpopmin', key, '0.001'],
  ['client', 'id'],
]

/**
 * Looks at the server before the first real call and says what is missing: too old, no such server, a wrong password, each missing
 * permission, keys of ours that hold something else, another version's namespace, an eviction policy that may drop records.
 */
export async function openServer(caller: Caller, options: Probe): Promise<void> {
  const { meta, probe: key } = caller.keys.shared
  const [info = null, stored = null, policy = null, ...waits] = await caller.send([
    ['info', 'server'],
    ['hmget', meta, 'schema', 'partitions'],
    ['config', 'get', 'maxmemory-policy'],
    ...(options.wakeups ? WAITS(key) : []),
  ])
  checkVersion(info)
  // A key that holds something else is named by the probe.
  if (!isForeign(stored)) checkNamespace(stored, options.partitions)
  const refused = [...waits].filter((reply) => reply instanceof Error && isNoPermission(reply))
  await checkScripts(caller, refused.map(String))
  if (stored instanceof Error) throw replyError(stored)
  checkEviction(policy, options)
}

function checkVersion(info: Reply): void {
  if (info instanceof Error && !isNoPermission(info)) throw replyError(info)
  if (info instanceof Error) return
  const text = typeof info === 'string' ? info : ''
  const valkey = /^valkey_version:(\S+)/m.exec(text)?.[1]
  const redis = /^redis_version:(\S+)/m.exec(text)?.[1]
  const version = valkey ?? redis
  if (version === undefined)
    throw new QueueError('unsupported_server', 'the server does not say that it is Redis or Valkey')
  const oldest = valkey === undefined ? OLDEST_REDIS : OLDEST_VALKEY
  if (isOlder(version, oldest)) {
    const name = valkey === undefined ? 'Redis' : 'Valkey'
    throw new QueueError('unsupported_server', `the server is ${name} ${version}; ${oldest} or newer is needed`)
  }
}

function isOlder(version: string, oldest: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [least = 0, leastMinor = 0] = oldest.split('.').map(Number)
  return major < least || (major === least && minor < leastMinor)
}

function checkNamespace(stored: Reply, partitions: number): void {
  if (stored instanceof Error) throw replyError(stored)
  const [schema = null, known = null] = Array.isArray(stored) ? stored : []
  if (typeof schema === 'string' && !schema.startsWith(SCHEMA.slice(0, SCHEMA.indexOf('.') + 1)))
    throw new QueueError('version_mismatch', `the namespace has schema ${schema}, this program knows ${SCHEMA}`)
  if (typeof known === 'string' && Number(known) !== partitions) {
    throw new QueueError('version_mismatch', `the namespace has ${known} partitions for its life, not ${partitions}`, {
      parameter: 'partitions',
    })
  }
  if (partitions !== 1) throw invalidArgument('partitions', 'must be 1: this version knows no others')
}

async function checkScripts(caller: Caller, refusedBefore: readonly string[]): Promise<void> {
  const lines = await linesOf(caller)
  const [refusals, foreign]: [Set<string>, string[]] = [new Set(refusedBefore), []]
  for (let from = 0; from === 0 || from < lines.length; from += LINES_AT_ONCE) {
    const { main } = await caller.run(probe, {
      args: { channel: caller.keys.doneChannel('probe') },
      lines: lines.slice(from, from + LINES_AT_ONCE),
    })
    const [refused = '', held = ''] = main.split('\u001d')
    for (const one of refused.split('\n')) if (one !== '') refusals.add(one)
    foreign.push(...held.split('\n').filter((one) => one !== ''))
  }
  if (refusals.size > 0) {
    throw new QueueError(
      'permission',
      `the server does not let this user do all that is needed: ${[...refusals].join('; ')}`,
    )
  }
  if (foreign.length > 0) {
    const list = [...new Set(foreign)].map((one) => one.replace(/ (\S+)$/, ' (a $1)'))
    throw new QueueError('corrupt_record', `keys of the namespace hold something else: ${list.join(', ')}`)
  }
}

/** None if the key that lists them holds something else. */
async function linesOf(caller: Caller): Promise<readonly string[]> {
  try {
    return await linesMatching(caller)
  } catch (error) {
    if (error instanceof QueueError && error.code === 'corrupt_record') return []
    throw error
  }
}

function checkEviction(policy: Reply, { eviction, onReport }: Probe): void {
  const [, name = null] = Array.isArray(policy) ? policy : []
  if (typeof name !== 'string' || name === 'noeviction') return
  const message = `the server may evict keys when it is full (maxmemory-policy ${name}), and with them records; noeviction is needed`
  if (eviction === 'refuse') throw new QueueError('unsupported_server', message)
  onReport({ level: 'warn', message })
}

function isForeign(reply: Reply): boolean {
  return reply instanceof Error && /\bWRONGTYPE\b/.test(reply.message)
}

function isNoPermission({ message }: Error): boolean {
  return /\bNOPERM\b|permissions/.test(message)
}
