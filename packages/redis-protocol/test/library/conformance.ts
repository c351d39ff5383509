import { afterEach } from 'vitest'
import { describeBackend, type Opened, type OpenOptions } from '@millrace/conformance'
import type { Backend } from '@millrace/core'
import { command } from '../../../../scripts/servers/connection.mjs'
import { startProxy, type Proxy } from '../../../../scripts/servers/proxy.mjs'
import { keysOf, LINE_KEYS } from '../../src/keys.ts'
import { shortId } from '../../src/short-id.ts'
import { loseNextReply } from './lose-next-reply.ts'

/** Runs the whole suite on a server, each client behind a network of its own that can be broken. */
export function describeConformance(
  name: string,
  url: string,
  open: (options: OpenOptions & { url: string }) => Backend,
): void {
  const proxies: Proxy[] = []
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.close()
  })

  describeBackend(name, async (options): Promise<Opened> => {
    const { shared, ofLine } = keysOf(options.namespace, 0)
    const proxy = await startProxy(url)
    proxies.push(proxy)
    return {
      backend: open({ ...options, url: proxied(url, proxy) }),
      second: open({ ...options, url }),
      break: {
        async dropConnections() {
          proxy.cut()
        },
        async forgetIndex(id) {
          for (const line of await members(url, shared.queues)) {
            for (const [i, key] of ofLine(line).entries())
              if (LINE_KEYS[i] !== 'wake') await command(url, 'ZREM', key, shortId(id))
          }
        },
        async forgetRecord(id) {
          await command(url, 'HDEL', shared.records, shortId(id))
        },
        async writeGarbage(id) {
          await command(url, 'HSET', shared.records, shortId(id), `{"id":"${id}","taskN`)
        },
        swallowNextReply: async () => loseNextReply(proxy),
      },
    }
  })
}

/** The same server, user and database, through the proxy. */
function proxied(url: string, { port }: Proxy): string {
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String(port)
  return through.href
}

async function members(url: string, key: string): Promise<readonly string[]> {
  const reply: unknown = await command(url, 'SMEMBERS', key)
  return (Array.isArray(reply) ? reply : []).map(String)
}
