import { setTimeout as pause } from 'node:timers/promises'
import type { Subscription, SubscriptionListener } from '../resp-client.ts'
import { backoffMs } from './backoff.ts'
import type { LibraryClient, LibraryConnection } from './library.ts'
import { beside, ownerOf, soon, type Scope } from './nodes.ts'
import { ask } from './send.ts'

/**
 * A lost connection is replaced by a new one with the same channels. The libraries would do so too, but they do not say when it is
 * done, and a refused one of theirs is an unhandled rejection.
 */
export function subscriptionOn(
  client: LibraryClient,
  { onMessage, onResubscribed }: SubscriptionListener,
  { signal, close }: Scope,
): Subscription {
  /** How often each was asked for and not refused. */
  const channels = new Map<string, number>()
  let connection: Promise<LibraryConnection> | null = null
  let isLost = false

  async function open(): Promise<LibraryConnection> {
    const [first = ''] = channels.keys()
    const own = beside(await ownerOf(client, first), signal)
    own.on('message', onMessage)
    try {
      await ask(own, ['subscribe', ...channels.keys()])
    } catch (error) {
      own.disconnect()
      throw error
    }
    own.on('end', () => void restore())
    if (isLost) onResubscribed()
    isLost = false
    return own
  }

  function connected(): Promise<LibraryConnection> {
    connection ??= open().catch((error: unknown) => {
      connection = null
      throw error
    })
    return connection
  }

  async function restore(): Promise<void> {
    connection = null
    isLost = true
    for (let tries = 1; ; tries++) {
      await pause(backoffMs(tries), undefined, { ref: false })
      if (signal.aborted || channels.size === 0) return
      if (await connected().then(Boolean, () => false)) return
    }
  }

  /** Others that asked for it keep it. */
  function forget(channel: string): void {
    const others = (channels.get(channel) ?? 0) - 1
    if (others > 0) channels.set(channel, others)
    else channels.delete(channel)
  }

  return {
    async add(channel) {
      channels.set(channel, (channels.get(channel) ?? 0) + 1)
      try {
        await soon(
          connected().then((own) => ask(own, ['subscribe', channel])),
          signal,
        )
      } catch (error) {
        forget(channel)
        throw error
      }
    },
    async remove(channel) {
      channels.delete(channel)
      const own = (await connection?.catch(() => null)) ?? null
      if (own === null || channels.has(channel)) return
      await ask(own, ['unsubscribe', channel]).catch(ignoreAbsence)
    },
    close,
  }
}

/** Valkey refuses to end what is not there. */
function ignoreAbsence(error: unknown): void {
  if (error instanceof Error && error.message.startsWith('NOPERM')) throw error
}
