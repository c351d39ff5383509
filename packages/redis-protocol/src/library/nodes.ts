import { QueueError, systemClock } from '@millrace/core'
import type { LibraryClient, LibraryConnection } from './library.ts'
import { ask, listenTo, send } from './send.ts'
import { SILENCE_MS } from './silence.ts'

/** How long a connection of ours lives. */
export interface Scope {
  readonly signal: AbortSignal
  readonly close: () => void
}

/** A cluster that is not ready after so long is given up; what it was to do was never sent. */
const UNREADY_MS = 2_000

/** What each cluster was asked to see whether it is ready. One for all that wait: a cluster keeps what it cannot send. */
const pings = new WeakMap<object, Promise<unknown>>()

/**
 * Resolves once a cluster knows its nodes. By itself it would try for ever, and say nothing.
 * @throws QueueError `connection`
 */
export async function isReady(client: LibraryClient): Promise<void> {
  if (client.status === 'ready') return
  const ping = pings.get(client) ?? send(client, [['ping']]).finally(() => pings.delete(client))
  pings.set(client, ping)
  await within(ping, UNREADY_MS, () => new QueueError('connection', UNREADY))
}

const UNREADY =
  'the client of the cluster does not get ready: no node answers, or its user lacks cluster|slots, cluster|info or ping'

/** The master that owns `key`: the others only say that it is elsewhere. The client itself if it is no cluster. */
export async function ownerOf(client: LibraryClient, key: string): Promise<LibraryConnection> {
  if (!('nodes' in client)) return client
  await isReady(client)
  const nodes = client.nodes('master')
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
  const { promise: closed, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(new Error('the connection was closed'))
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    const either = Promise.race([promise, closed])
    return await within(either, SILENCE_MS, () => new Error(`the server was silent for ${SILENCE_MS} ms`))
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function within<T>(promise: Promise<T>, ms: number, problem: () => Error): Promise<T> {
  const { promise: never, reject } = Promise.withResolvers<never>()
  const disarm = systemClock.after(ms, () => reject(problem()))
  try {
    return await Promise.race([promise, never])
  } finally {
    disarm()
  }
}
