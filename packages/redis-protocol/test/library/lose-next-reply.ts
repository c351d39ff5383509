import type { Proxy } from '../../../../scripts/servers/proxy.mjs'
import { hasActed } from './has-acted.ts'

/**
 * The reply is lost of the next script that acts. Answers with what tells whether that has happened: it is known before the client can
 * notice the loss, so whoever has the answer to a repeated call need not wait.
 */
export function loseNextReply(proxy: Proxy): () => Promise<boolean> {
  let isLost = false
  void proxy.loseReply(hasActed).then(() => (isLost = true))
  return async () => isLost
}
