import { runCase, suite, type Case, type OpenBackend } from '@millrace/conformance'
import type { Connection } from '../../../../scripts/servers/connection.mjs'
import { startProxy } from '../../../../scripts/servers/proxy.mjs'
import { loseNextReply } from '../library/lose-next-reply.ts'
import type { FaultLane } from '../faults/fault-lane.ts'
import { keysOf, LINE_KEYS } from '../../src/keys.ts'
import { shortId } from '../../src/short-id.ts'

const AT_ONCE = 8

/** Cuts a connection or loses a reply, which a case can have only behind a proxy. */
class NeedsProxy extends Error {}

/** Runs every case of the suite on a server, several at once; answers those that failed, and why. `own` makes the faults. */
export async function runSuite(lane: FaultLane, url: string, own: Connection): Promise<readonly string[]> {
  const cases = suite.flatMap((group) => group.cases)[Symbol.iterator]()
  const failures: string[] = []
  const run = async (): Promise<void> => {
    for (const one of cases) {
      const failure = await outcomeOf(one, lane, { url, own })
      if (failure !== null) failures.push(`${one.name}: ${failure}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, run))
  return failures
}

interface Place {
  readonly url: string
  readonly own: Connection
}

async function outcomeOf(one: Case, lane: FaultLane, place: Place): Promise<string | null> {
  try {
    return await runCase(one, opening(lane, place)).then(() => null)
  } catch (error) {
    if (!(error instanceof NeedsProxy)) return String(error)
  }
  const proxies: (() => Promise<void>)[] = []
  const open: OpenBackend = async (options) => {
    const proxy = await startProxy(place.url)
    proxies.push(() => proxy.close())
    const { second, break: faults } = await opening(lane, place)(options)
    return {
      backend: lane.open(proxy.url, options),
      second,
      break: {
        ...faults,
        dropConnections: async () => proxy.cut(),
        swallowNextReply: async () => loseNextReply(proxy),
      },
    }
  }
  try {
    return await runCase(one, open).then(() => null, String)
  } finally {
    for (const close of proxies) await close()
  }
}

/** Backends that are connected straight to the server. */
function opening(lane: FaultLane, { url, own }: Place): OpenBackend {
  return async (options) => {
    const { shared, ofLine } = keysOf(options.namespace, 0)
    return {
      backend: lane.open(url, options),
      second: lane.open(url, options),
      break: {
        dropConnections: () => Promise.reject(new NeedsProxy()),
        swallowNextReply: () => Promise.reject(new NeedsProxy()),
        async forgetIndex(id) {
          const lines = await own.send('SMEMBERS', shared.queues)
          for (const line of Array.isArray(lines) ? lines.map(String) : []) {
            for (const [i, key] of ofLine(line).entries())
              if (LINE_KEYS[i] !== 'wake') await own.send('ZREM', key, shortId(id))
          }
        },
        async forgetRecord(id) {
          await own.send('HDEL', shared.records, shortId(id))
        },
        async writeGarbage(id) {
          await own.send('HSET', shared.records, shortId(id), `{"id":"${id}","taskN`)
        },
      },
    }
  }
}
