import { systemClock } from '@millrace/core'
import type { LibraryClient, LibraryConnection } from './library.ts'
import { ask, listenTo, send } from './send.ts'

/** A server that owes an answer and is silent for so long is given up. Nothing here asks a server to wait as long. */
const SILENCE_MS = 10_000

/** How long a connection of ours lives. */
export interface Scope {
  readonly signal: AbortSignal
  readonly close: () => void
}

/** Every master; the client itself if it is no cluster. */
export async function masters(client: LibraryClient): Promise<readonly LibraryConnection[]> {
  if (!('nodes' in client)) return [client]
  // A cluster knows its nodes once one of them has answered.
  await send(client, [['ping']])
  return client.nodes('master')
}

/** The master that owns `key`: the others only say that it is elsewhere. The client itself if it is no cluster. */
export async function ownerOf(client: LibraryClient, key: string): Promise<LibraryConnection> {
  if (!('nodes' in client)) return client
  const nodes = await masters(client)
  const answers = await Promise.allSettled(nodes.map((node) => ask(node, ['zcard', key])))
  const refusals = answers.map((answer) => (answer.status === 'rejected' ? String(answer.reason) : null))
  const owner = nodes.find((_, at) => refusals[at] === null || refusals[at]?.includes('WRONGTYPE'))
  if (owner === undefined) throw new Error(`no master of the cluster answers for ${key}: ${refusals.join(', ')}`)
  return owner
}

/** A connection of ours to the server of `node`, which itself stays as it is. It ends when it is lost, or when `signal` aborts. */
export function beside(node: LibraryConnection, signal: AbortSignal): LibraryConnection {
  signal.throwIfAborted()
  const connection = listenTo(
    node.duplicate({
      lazyConnect: true,
      enableOfflineQueue: true,
      enableReadyCheck: false,
      enableAutoPipelining: false,
      autoResubscribe: false,
      readOnly: false,
      retryStrategy: () => null,
      reconnectOnError: () => false,
      keepAlive: SILENCE_MS,
      socketTimeout: SILENCE_MS,
      commandTimeout: undefined,
    }),
  )
  const hangUp = (): void => connection.disconnect()
  signal.addEventListener('abort', hangUp)
  connection.on('end', () => signal.removeEventListener('abort', hangUp))
  return connection
}

/**
 * The same, or a rejection once `signal` aborts or a server has been silent for too long. The libraries forget some calls to a server
 * that takes connections and says nothing.
 */
export async function soon<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: never, reject } = Promise.withResolvers<never>()
  const disarm = systemClock.after(SILENCE_MS, () => reject(new Error(`the server was silent for ${SILENCE_MS} ms`)))
  const onAbort = (): void => reject(new Error('the connection was closed'))
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([promise, never])
  } finally {
    disarm()
    signal.removeEventListener('abort', onAbort)
  }
}
