import type { Backend } from '@millrace/core'
import type { Place } from './peer.ts'

/** Each server with the client that its adapter is made for; the other one is not loaded. */
export async function backendAt({ kind, url }: Place): Promise<Backend> {
  if (kind === 'redis') return (await import('@millrace/redis')).redisBackend({ url })
  return (await import('@millrace/valkey')).valkeyBackend({ url: `valkey://${new URL(url).host}` })
}
