import { createClient, STATUS, task } from '@millrace/core'
import { createWorker, type WorkerOptions } from '@millrace/worker'
import { backendAt } from './millrace-backend.ts'
import { offersPrefetch } from './prefetch.ts'
import type { Consumer, ConsumerOptions, Counts, Payload, Peer, Place, Producer } from './peer.ts'

const NAME = 'bench'

/** Never holds more than the concurrency, as the other peers. */
export const strict: Peer = {
  produce,
  consume: (place, options) => consume(place, options, offersPrefetch() ? { prefetch: 0 } : {}),
}

/** As it comes: with adaptive prefetch. */
export const byDefault: Peer = { produce, consume: (place, options) => consume(place, options, {}) }

async function produce(place: Place): Promise<Producer> {
  const client = createClient({ backend: await backendAt(place) })
  await client.backend.open()
  const { queue } = place
  const bench = task<Payload, null>(NAME, { queue, run: () => null })
  const addMany = (payloads: readonly Payload[], delay = 0): Promise<unknown> => {
    const options = delay === 0 ? {} : { options: { delay } }
    return client.enqueueMany(
      bench,
      payloads.map((input) => ({ input, ...options })),
    )
  }
  return {
    add: (payload) => client.enqueue(bench, payload),
    addMany: (payloads) => addMany(payloads),
    addLater: addMany,
    async counts(): Promise<Counts> {
      const { counts } = await client.statistics({ queue })
      return { pending: counts[STATUS.pending], held: counts[STATUS.running], completed: counts[STATUS.completed] }
    },
    close: () => client.close(),
  }
}

async function consume(
  place: Place,
  { concurrency, handle }: ConsumerOptions,
  further: { readonly prefetch?: number },
): Promise<Consumer> {
  const client = createClient({ backend: await backendAt(place) })
  const run = async (payload: Payload): Promise<null> => {
    await handle(payload)
    return null
  }
  const options: WorkerOptions = { client, tasks: [task(NAME, { run })], concurrency, queues: [place.queue] }
  const worker = createWorker({ ...options, ...further })
  await worker.start()
  return {
    async stop() {
      await worker.stop()
      await client.close()
    },
  }
}
