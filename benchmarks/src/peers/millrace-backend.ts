import type { Backend } from '@millrace/core'
import {
  redisProtocolBackend,
  type BlockingConnection,
  type Command,
  type Reply,
  type RespClient,
  type Subscription,
  type SubscriptionListener,
} from '@millrace/redis-protocol'
import { Redis } from 'ioredis'
import type { Place } from './peer.ts'

/** A client of the bench's own, until there are adapters to measure. */
export function backendAt({ kind, url }: Place): Backend {
  return redisProtocolBackend(kind, respClient(url))
}

function respClient(url: string): RespClient {
  const made: Redis[] = []
  let isClosed = false
  const connect = (): Redis => {
    if (isClosed) throw new Error('the client is closed')
    const redis = new Redis(url)
    redis.on('error', () => undefined)
    made.push(redis)
    return redis
  }
  const main = connect()
  const send = async ([name, ...args]: Command): Promise<Reply> => replyOf(await main.call(name, ...args))
  return {
    call: async (_key, commands) =>
      await Promise.all(commands.map(async (command) => await send(command).catch(errorReply))),
    each: async (command) => [await send(command).catch(errorReply)],
    block: () => blocking(connect, main),
    subscribe: (listener) => subscription(connect(), listener),
    close: async () => {
      isClosed = true
      for (const redis of made) redis.disconnect()
    },
  }
}

function blocking(connect: () => Redis, main: Redis): BlockingConnection {
  let redis: Redis | undefined
  let id = 0
  /** The wait under way: another one must not be interrupted in its place. */
  let current: object | undefined
  return {
    async wait(keys, timeoutMs) {
      current = {}
      try {
        redis ??= connect()
        if (id === 0) id = await redis.client('ID')
        const popped = await redis.bzpopmin(...keys, timeoutMs / 1_000)
        return popped?.[0] ?? null
      } finally {
        current = undefined
      }
    },
    interrupt() {
      const meant = current
      // It may not have reached the server yet.
      const again = (): void => {
        if (current === undefined || current !== meant) return
        const unblocked = id === 0 ? Promise.resolve(0) : main.client('UNBLOCK', id)
        void unblocked.then(
          () => setTimeout(again, 2),
          () => undefined,
        )
      }
      again()
    },
    close: () => redis?.disconnect(),
  }
}

function subscription(redis: Redis, listener: SubscriptionListener): Subscription {
  redis.on('message', listener.onMessage)
  return {
    add: async (channel) => void (await redis.subscribe(channel)),
    remove: async (channel) => void (await redis.unsubscribe(channel)),
    close: () => redis.disconnect(),
  }
}

function errorReply(error: unknown): Error {
  if (error instanceof Error && error.name === 'ReplyError') return error
  throw error
}

function replyOf(value: unknown): Reply {
  if (value === null || typeof value === 'string' || typeof value === 'number' || value instanceof Error) return value
  if (Array.isArray(value)) return value.map(replyOf)
  throw new Error(`no reply of this protocol: ${String(value)}`)
}
