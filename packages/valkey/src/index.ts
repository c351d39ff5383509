import type { Adapter, Backend } from '@millrace/core'
import { redisProtocolBackend, respClientOn } from '@millrace/redis-protocol'
import { clientOf, type ValkeyOptions } from './options.ts'

export type { ValkeyOptions } from './options.ts'

/**
 * A backend on a Valkey server or cluster. It connects at its first call; while the server is away a call is refused within about two
 * seconds (on a client that was handed in: within what its settings and `timeoutMs` say), and it connects again by itself.
 * @throws QueueError `invalid_argument` for an unknown or wrong option.
 */
export function valkeyBackend(options: ValkeyOptions): Backend {
  const client = respClientOn(clientOf(options), options.client === undefined ? 'ours' : 'given')
  const { url: _url, tls: _tls, client: _client, ...engine } = options
  return redisProtocolBackend('valkey', client, engine)
}

/** For `connect`: the server behind a `valkey:` URL, or over TLS behind a `valkeys:` one. */
export const valkey: Adapter = {
  schemes: ['valkey', 'valkeys'],
  connect: (url, options) => valkeyBackend({ ...options, url }),
}
