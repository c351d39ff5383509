import { redisBackend } from '@millrace/redis'
import { valkeyBackend } from '@millrace/valkey'
import type { OpenBackend } from '@millrace/testing'

/** What a URL names; nothing: the memory backend. */
export function backendAt(url: string | undefined): OpenBackend | undefined {
  if (!url) return undefined
  return url.startsWith('valkey')
    ? (given) => valkeyBackend({ url, ...given })
    : (given) => redisBackend({ url, ...given })
}
