import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../../scripts/servers/connection.mjs'

/** The server's own figures at one moment. */
export interface Reading {
  readonly cpuUs: number
  /** Every command that ran, those inside scripts as well. */
  readonly commands: number
  /** EVAL, EVALSHA and FCALL. */
  readonly scripts: number
  /** How often something arrived on a connection: commands that were sent together arrive together. */
  readonly arrivals: number
  readonly usedMemory: number
  readonly appendOnlyBytes: number
  /** What one in a thousand scripts takes at least, since the last reset of the counts; where no script ran, of any command. */
  readonly scriptP999Us: number
}

export interface ServerMeter {
  read(): Promise<Reading>
  /** The same, once nobody but the bench is connected: what a server keeps for connections is no part of a record. */
  readAlone(): Promise<Reading>
  /** Removes all data and starts the counts anew; what the server has learnt (scripts) stays. */
  reset(): Promise<void>
  resetCounts(): Promise<void>
  close(): void
}

const MOST_TRIES = 200
const PAUSE_MS = 10

export async function meterOf(url: string): Promise<ServerMeter> {
  const connection = await connect(url)
  /** Its own commands are none of anybody's: so many were read since the reset. */
  let own = 0
  const info = async (section: string): Promise<Info> => {
    const text = String(await connection.send('INFO', section))
    own++
    return parseInfo(text)
  }
  const resetCounts = async (): Promise<void> => {
    await connection.send('CONFIG', 'RESETSTAT')
    own = 0
  }
  const read = async (): Promise<Reading> => readingOf(await info('everything'), own)
  return {
    read,
    async readAlone() {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        if ((await info('clients')).get('connected_clients') === '1') return await read()
        await sleep(PAUSE_MS)
      }
      throw new Error('connections were left open')
    },
    async reset() {
      await connection.send('FLUSHALL', 'SYNC')
      await resetCounts()
    },
    resetCounts,
    close: () => connection.close(),
  }
}

/** What happened between two readings. */
export function between(before: Reading, after: Reading): Reading {
  return {
    cpuUs: after.cpuUs - before.cpuUs,
    commands: after.commands - before.commands,
    scripts: after.scripts - before.scripts,
    arrivals: after.arrivals - before.arrivals,
    usedMemory: after.usedMemory - before.usedMemory,
    appendOnlyBytes: after.appendOnlyBytes - before.appendOnlyBytes,
    scriptP999Us: after.scriptP999Us,
  }
}

type Info = ReadonlyMap<string, string>

function readingOf(info: Info, own: number): Reading {
  const numberOf = (name: string): number => Number(info.get(name) ?? 0)
  const calls = [...info].filter(([name]) => name.startsWith('cmdstat_'))
  const callsOf = (wanted: RegExp): number =>
    calls.filter(([name]) => wanted.test(name)).reduce((sum, [, text]) => sum + fieldOf(text, 'calls'), 0)
  return {
    cpuUs: (numberOf('used_cpu_user') + numberOf('used_cpu_sys')) * 1e6,
    commands: callsOf(/^cmdstat_(?!info$|config\||flushall$)/),
    scripts: callsOf(/^cmdstat_(?:eval|evalsha|fcall)$/),
    // This reading's own request was counted when it arrived, too.
    arrivals: numberOf('total_reads_processed') - own,
    usedMemory: numberOf('used_memory'),
    appendOnlyBytes: numberOf('aof_current_size'),
    scriptP999Us: p999Of(info, /_evalsha$/) ?? p999Of(info, /_(?!info|config|client|flushall)/) ?? 0,
  }
}

function p999Of(info: Info, wanted: RegExp): number | undefined {
  const found = [...info].filter(([name]) => name.startsWith('latency_percentiles') && wanted.test(name.slice(24)))
  return found.length === 0 ? undefined : Math.max(...found.map(([, text]) => fieldOf(text, 'p99.9')))
}

/** `name:value` on each line. */
function parseInfo(text: string): Info {
  const lines = text.split('\r\n').filter((line) => line.includes(':'))
  return new Map(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  )
}

/** Of `calls=3,usec=12`. */
function fieldOf(text: string, name: string): number {
  const field = text.split(',').find((part) => part.startsWith(`${name}=`))
  return Number(field?.slice(name.length + 1) ?? 0)
}
