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

/** On a server of its own: what another measurement left to be freed is no part of a record. */
async function onFresh<T>(
  kind: keyof typeof KINDS,
  measure: (url: string, backend: Backend) => Promise<T>,
): Promise<{ readonly measured: T; readonly version: string }> {
  const server = await startServer(kind)
  const backend = KINDS[kind](server.url)
  try {
    return { measured: await measure(server.url, backend), version: server.version }
  } finally {
    await backend.close()
    await server.stop()
  }
}

for (const kind of ['redis', 'valkey'] as const) {
  const { measured: counts, version } = await onFresh(kind, commandCounts)
  const { pending, completed } = (await onFresh(kind, memoryPerRecord)).measured
  console.log(
    `${kind} ${version}\n\n${tableOf(counts)}\n\n${pending} bytes for a pending record, ${completed} for a completed one\n`,
  )
}
