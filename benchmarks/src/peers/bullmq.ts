import { Queue, Worker, type ConnectionOptions } from 'bullmq'
import type { Consumer, ConsumerOptions, Counts, Payload, Peer, Place, Producer } from './peer.ts'

const NAME = 'bench'

/** Its defaults: the event stream is written, completed jobs are kept. */
export const peer: Peer = {
  async produce(place): Promise<Producer> {
    const queue = new Queue<Payload>(place.queue, { connection: connectionTo(place) })
    await queue.waitUntilReady()
    const addMany = (payloads: readonly Payload[], delay = 0): Promise<unknown> =>
      queue.addBulk(payloads.map((data) => ({ name: NAME, data, ...(delay === 0 ? {} : { opts: { delay } }) })))
    return {
      add: (payload) => queue.add(NAME, payload),
      addMany: (payloads) => addMany(payloads),
      addLater: addMany,
      async counts(): Promise<Counts> {
        const { waiting, active, completed } = await queue.getJobCounts('waiting', 'active', 'completed')
        return { pending: waiting ?? 0, held: active ?? 0, completed: completed ?? 0 }
      },
      close: () => queue.close(),
    }
  },

  async consume(place, { concurrency, handle }: ConsumerOptions): Promise<Consumer> {
    const worker = new Worker<Payload, null>(
      place.queue,
      async ({ data }) => {
        await handle(data)
        return null
      },
      { concurrency, connection: connectionTo(place) },
    )
    worker.on('error', (error) => console.error(error))
    await worker.waitUntilReady()
    return { stop: () => worker.close() }
  },
}

function connectionTo({ url }: Place): ConnectionOptions {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null }
}
