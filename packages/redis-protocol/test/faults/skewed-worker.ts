// A worker of a process whose clock is wrong.
import { createClient, fixed, task } from '@millrace/core'
import { createWorker } from '@millrace/worker'

const [url = ''] = process.argv.slice(2)
const { redisBackend } = await import('@millrace/redis')
const { valkeyBackend } = await import('@millrace/valkey')
const backend = url.startsWith('valkey') ? valkeyBackend({ url }) : redisBackend({ url })

/** The first attempt fails, the second does not. */
const quick = task('demo.quick', {
  retries: 1,
  backoff: fixed('20ms'),
  run: (_, { record }) => {
    if (record.retryCount === 0) throw new Error('not yet')
    return null
  },
})
const endless = task('demo.endless', { run: () => new Promise<null>(() => undefined) })

const worker = createWorker({
  client: createClient({ backend }),
  tasks: [quick, endless],
  concurrency: 3,
  heartbeat: '100ms',
  sweepEvery: '50ms',
  poll: { max: '100ms' },
  retention: { completed: '10m', others: '10m' },
})
await worker.run()
