import { setTimeout as pause } from 'node:timers/promises'
import type { Command, Reply, RespClient } from '../resp-client.ts'
import { Blocking } from './blocking.ts'
import type { LibraryClient } from './library.ts'
import { countLosses } from './losses.ts'
import { isReady, ownerOf, type Scope } from './nodes.ts'
import { listenTo, send } from './send.ts'
import { monotonicClock, Silence, SILENCE_MS } from './silence.ts'
import { subscriptionOn } from './subscription.ts'

/** The seam of the engine on a client of ioredis or iovalkey. One that is `ours` ends with it, one that was `given` stays open. */
export function respClientOn(client: LibraryClient, owner: 'ours' | 'given'): RespClient {
  const ending = new AbortController()
  const silence = owner === 'ours' ? silenceOf(client) : null
  if (owner === 'ours') listenTo(client, silence)
  const stopCounting = owner === 'given' ? countLosses(client) : () => {}

  function scope(): Scope {
    const closing = new AbortController()
    const signal = AbortSignal.any([ending.signal, closing.signal])
    return { signal, close: () => closing.abort(CLOSED) }
  }

  return {
    call: (key, commands) => (client.isCluster ? sendInside(client, key, commands) : send(client, commands)),
    block: (key) => new Blocking(client, key, scope()),
    subscribe: (listener) => subscriptionOn(client, listener, scope()),
    async close() {
      ending.abort(CLOSED)
      stopCounting()
      silence?.end()
      if (owner === 'ours') await end(client)
    },
  }
}

/** null for a cluster: none is ours. */
function silenceOf(client: LibraryClient): Silence | null {
  if (!('duplicate' in client)) return null
  return new Silence(monotonicClock, {
    get connection() {
      return client.stream
    },
    get bytes() {
      return client.stream?.bytesRead ?? 0
    },
    get isConnecting() {
      return ['connecting', 'connect', 'reconnecting'].includes(client.status)
    },
    hangUp: () => void client.stream?.destroy(new Error(`the server was silent for ${SILENCE_MS} ms`)),
  })
}

/** Longer than the client takes to refuse what it cannot send. */
const LONGEST_QUIT_MS = 3_000
const CLOSED = new Error('the connection was closed')

/** To a cluster. */
async function sendInside(client: LibraryClient, key: string, commands: readonly Command[]): Promise<readonly Reply[]> {
  await isReady(client)
  return await send(isRouted(key, commands) ? client : await ownerOf(client, key), commands)
}

/** A cluster finds the node by the keys in a command; one without keys could go anywhere. */
function isRouted(key: string, commands: readonly Command[]): boolean {
  const tag = key.slice(0, key.indexOf('}') + 1)
  return commands.some((command) => command.some((word) => `${word}`.startsWith(tag)))
}

/** What is under way is answered, or refused, first: a client that disconnects between two tries never settles it. */
async function end(client: LibraryClient): Promise<void> {
  if (client.status !== 'wait')
    await Promise.race([client.quit().catch(() => {}), pause(LONGEST_QUIT_MS, null, { ref: false })])
  client.disconnect()
}
