import type { Adapter, Backend } from '@millrace/core'
import { redisProtocolBackend, respClientOn } from '@millrace/redis-protocol'
import { clientOf, type RedisOptions } from './options.ts'

export type { RedisOptions } from './options.ts'

/**
 * A backend on a Redis server or cluster. It connects at its first call; while the server is away a call is refused within about two
 * seconds (on a client that was handed in: within what its settings and `timeoutMs` say), and it connects again by itself.
 * @throws QueueError `invalid_argument` for an unknown or wrong option.
 */
export function redisBackend(options: RedisOptions): Backend {
  const client = respClientOn(clientOf(options), options.client === undefined ? 'ours' : 'given')
  const { url: _url, tls: _tls, client: _client, ...engine } = options
  return redisProtocolBackend('redis', client, engine)
}

/** For `connect`: the server behind a `redis:` URL, or over TLS behind a `rediss:` one. */
export const redis: Adapter = {
  schemes: ['redis', 'rediss'],
  connect: (url, options) => redisBackend({ ...options, url }),
}
