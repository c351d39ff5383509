import BeeQueue from 'bee-queue'
import type { Consumer, ConsumerOptions, Counts, Payload, Peer, Place, Producer } from './peer.ts'

/** At its fastest: no events, no table of jobs in the process. Succeeded jobs are kept. */
const SETTINGS = { getEvents: false, sendEvents: false, storeJobs: false }
const STOP_MS = 10_000

export const peer: Peer = {
  async produce(place): Promise<Producer> {
    const queue = await open(place, { isWorker: false })
    const addMany = async (payloads: readonly Payload[], delayMs = 0): Promise<void> => {
      const jobs = payloads.map((payload) => queue.createJob(payload))
      if (delayMs > 0)
        for (const job of jobs) job.delayUntil(Math.round(performance.timeOrigin + performance.now()) + delayMs)
      const [failure] = (await queue.saveAll(jobs)).values()
      if (failure !== undefined) throw failure
    }
    return {
      add: (payload) => queue.createJob(payload).save(),
      addMany: (payloads) => addMany(payloads),
      addLater: addMany,
      async counts(): Promise<Counts> {
        const { waiting, active, succeeded } = await queue.checkHealth()
        return { pending: waiting, held: active, completed: succeeded }
      },
      close: () => queue.close(STOP_MS),
    }
  },

  async consume(place, { concurrency, handle }: ConsumerOptions): Promise<Consumer> {
    const queue = await open(place, { isWorker: true })
    queue.process(concurrency, async ({ data }) => {
      await handle(data)
      return null
    })
    return { stop: () => queue.close(STOP_MS) }
  },
}

async function open({ url, queue }: Place, { isWorker }: { readonly isWorker: boolean }): Promise<BeeQueue<Payload>> {
  const opened = new BeeQueue<Payload>(queue, { ...SETTINGS, redis: { url }, isWorker, activateDelayedJobs: isWorker })
  opened.on('error', (error) => console.error(error))
  return await opened.ready()
}
