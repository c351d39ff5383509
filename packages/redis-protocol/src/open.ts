import { invalidArgument, otherAging, QueueError } from '@millrace/core'
import type { Caller } from './caller.ts'
import type { EngineReport } from './options.ts'
import { isForeign, isNoPermission, tryCommands, type Findings } from './permissions.ts'
import type { Reply, RespClient } from './resp-client.ts'
import { SCHEMA } from './schema.ts'
import { replyError } from './server-error.ts'

export interface Probe {
  readonly partitions: number
  readonly agingMs: number | null
  readonly eviction: 'warn' | 'refuse'
  readonly wakeups: boolean
  readonly onReport: (report: EngineReport) => void
}

const OLDEST_REDIS = '7.0'
const OLDEST_VALKEY = '7.2'

/** As in `lua/lib/clock.lua`. */
const FURTHEST_MARK_MS = 10_000

/**
 * Looks at the server before the first real call and says what is missing: too old, no such server, a wrong password, each missing
 * permission, keys of ours that hold something else, another version's namespace, an eviction policy that may drop records, a clock
 * that is behind what was written.
 */
export async function openServer(caller: Caller, client: RespClient, options: Probe): Promise<void> {
  const [info = null, stored = null, memory = null, time = null] = await caller.send([
    ['info', 'server'],
    ['hmget', caller.keys.shared.meta, 'schema', 'partitions', 'mark', 'aging'],
    ['info', 'memory'],
    ['time'],
  ])
  checkVersion(info)
  // What these say of it is said by the trials, and more.
  if (!isForeign(stored) && !isNoPermission(stored)) checkNamespace(stored, options)
  checkFindings(await tryCommands(caller, client, options), options)
  if (stored instanceof Error) throw replyError(stored)
  checkEviction(memory, options)
  if (caller.now === '') checkMark(stored, time, options)
}

function checkVersion(info: Reply): void {
  if (isNoPermission(info)) return
  if (info instanceof Error) throw replyError(info)
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

function checkNamespace(stored: Reply, { partitions, agingMs }: Probe): void {
  if (stored instanceof Error) throw replyError(stored)
  const [schema = null, known = null, , aging = null] = Array.isArray(stored) ? stored : []
  if (typeof schema === 'string' && !schema.startsWith(SCHEMA.slice(0, SCHEMA.indexOf('.') + 1)))
    throw new QueueError('version_mismatch', `the namespace has schema ${schema}, this program knows ${SCHEMA}`)
  if (typeof known === 'string' && Number(known) !== partitions) {
    throw new QueueError('version_mismatch', `the namespace has ${known} partitions for its life, not ${partitions}`, {
      parameter: 'partitions',
    })
  }
  if (typeof schema === 'string' && agingMs !== null && aging !== String(agingMs))
    throw otherAging(aging === null ? null : Number(aging), agingMs)
  if (partitions !== 1) throw invalidArgument('partitions', 'must be 1: this version knows no others')
}

function checkFindings({ missing, missed, foreign }: Findings, { onReport }: Probe): void {
  if (missing.length > 0) {
    const all = [...missing, ...missed].join('; ')
    throw new QueueError('permission', `the server does not let this user do all that is needed: ${all}`)
  }
  if (foreign.length > 0) {
    const list = [...new Set(foreign)].map((one) => one.replace(/ (\S+)$/, ' (a $1)'))
    throw new QueueError('corrupt_record', `keys of the namespace hold something else: ${list.join(', ')}`)
  }
  if (missed.length > 0) {
    const message = `the server does not let this user end a wait, which then takes up to a second: ${missed.join('; ')}`
    onReport({ level: 'warn', message })
  }
}

/** INFO says it also where a managed service lets nobody use CONFIG. */
function checkEviction(memory: Reply, { eviction, onReport }: Probe): void {
  const name = /^maxmemory_policy:(\S+)/m.exec(typeof memory === 'string' ? memory : '')?.[1]
  if (name === 'noeviction') return
  if (name === undefined) {
    if (eviction === 'warn') return
    throw new QueueError('unsupported_server', 'the server does not say whether it may evict keys when it is full')
  }
  const message = `the server may evict keys when it is full (maxmemory-policy ${name}), and with them records; noeviction is needed`
  if (eviction === 'refuse') throw new QueueError('unsupported_server', message)
  onReport({ level: 'warn', message })
}

/** Scripts give such a mark up, and have nobody to tell. What is no number is not ahead. */
function checkMark(stored: Reply, time: Reply, { onReport }: Probe): void {
  if (!isList(stored) || !isList(time)) return
  const [seconds, microseconds] = time.map(Number)
  const aheadMs = Number(stored[2] ?? 0) - (seconds ?? 0) * 1_000 - Math.floor((microseconds ?? 0) / 1_000)
  if (!(aheadMs > FURTHEST_MARK_MS)) return
  const message = `the server's clock is ${Math.round(aheadMs / 1_000)} s behind the latest instant written to the namespace: it was ahead then, or is behind now; records get the time that it shows`
  onReport({ level: 'warn', message })
}

function isList(reply: Reply): reply is readonly Reply[] {
  return Array.isArray(reply)
}
