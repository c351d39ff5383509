import { Redis } from 'ioredis'
import type { Consumer, ConsumerOptions, Counts, Payload, Peer, Producer } from './peer.ts'

const BLOCK_SECONDS = 5

/**
 * The floor: a list, JSON, and a handler. No record, no settle, no status; what a worker popped is gone with it. What any queue on such a
 * server costs more than this, it costs for what it promises.
 */
export const peer: Peer = {
  async produce({ url, queue }): Promise<Producer> {
    const redis = await connect(url)
    const push = (...payloads: readonly Payload[]): Promise<unknown> =>
      redis.lpush(queue, ...payloads.map((payload) => JSON.stringify(payload)))
    return {
      add: push,
      addMany: (payloads) => push(...payloads),
      addLater: null,
      async counts(): Promise<Counts> {
        return { pending: await redis.llen(queue), held: null, completed: null }
      },
      close: async () => void (await redis.quit()),
    }
  },

  async consume({ url, queue }, { concurrency, handle }: ConsumerOptions): Promise<Consumer> {
    const redis = await connect(url)
    const stopping = new AbortController()
    const { signal } = stopping
    const run = async (): Promise<void> => {
      while (!signal.aborted) {
        const popped =
          (await redis.rpop(queue, concurrency)) ?? (await redis.brpop(queue, BLOCK_SECONDS))?.slice(1) ?? []
        await Promise.all(popped.map((text) => handle(JSON.parse(text))))
      }
    }
    const running = run().catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
    return {
      async stop() {
        stopping.abort()
        redis.disconnect()
        await running
      },
    }
  },
}

async function connect(url: string): Promise<Redis> {
  const redis = new Redis(url, { lazyConnect: true })
  await redis.connect()
  return redis
}
