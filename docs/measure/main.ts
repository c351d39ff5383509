/*
 * What the pages of the server backends say about costs: `node docs/measure/main.ts` (on Node 24) starts a server of each kind and prints it.
 */
import type { Backend } from '@millrace/core'
import { redisBackend } from '@millrace/redis'
import { valkeyBackend } from '@millrace/valkey'
import { startServer } from '../../scripts/servers/start-server.mjs'
import { commandCounts, tableOf } from './command-counts.ts'
import { memoryPerRecord } from './memory-per-record.ts'

const KINDS = {
  redis: (url: string): Backend => redisBackend({ url, resendWindowMs: 0 }),
  valkey: (url: string): Backend => valkeyBackend({ url: url.replace(/^redis/, 'valkey'), resendWindowMs: 0 }),
} as const

for (const kind of ['redis', 'valkey'] as const) {
  const server = await startServer(kind)
  const backend = KINDS[kind](server.url)
  try {
    const table = tableOf(await commandCounts(server.url, backend))
    await backend.destroy()
    const { pending, completed } = await memoryPerRecord(server.url, backend)
    console.log(
      `${kind} ${server.version}\n\n${table}\n\n${pending} bytes for a pending record, ${completed} for a completed one\n`,
    )
  } finally {
    await backend.close()
    await server.stop()
  }
}
