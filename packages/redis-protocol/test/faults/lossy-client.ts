import { QueueError, type Backend, type ManualClock } from '@millrace/core'
import { startProxy } from '../../../../scripts/servers/proxy.mjs'
import { hasActed } from '../library/has-acted.ts'
import type { FaultLane } from './fault-lane.ts'

/** A client behind a network that swallows replies. */
export interface LossyClient {
  /** What no two clients have in common. */
  readonly name: string
  /** Of the namespace that all clients share. */
  readonly backend: Backend
  /** Of a namespace of its own. */
  readonly alone: Backend
  /**
   * Does the call with the reply lost of its first script that acts, and what a careful caller does then: the same call again, if the
   * client itself has not repeated it already. Resolves once the reply was really lost.
   */
  losing<T>(call: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

export async function lossyClient(
  lane: FaultLane,
  url: string,
  { name, clock }: { readonly name: string; readonly clock: ManualClock },
): Promise<LossyClient> {
  const proxy = await startProxy(url)
  const options = { clock, resendWindowMs: 0 }
  const backend = lane.open(proxy.url, { ...options, namespace: 'shared' })
  const alone = lane.open(proxy.url, { ...options, namespace: name })
  await Promise.all([backend.open(), alone.open()])
  return {
    name,
    backend,
    alone,
    async losing(call) {
      const lost = proxy.loseReply(hasActed)
      const answer = await call().catch((error: unknown) => {
        if (error instanceof QueueError && error.indeterminate) return call()
        throw error
      })
      await lost
      return answer
    },
    async close() {
      await Promise.all([backend.close(), alone.close()])
      await proxy.close()
    },
  }
}
