// A worker program whose handler does not return before its standard input ends, whatever it is told. It has no other reason to live, and
// never calls process.exit().
import { once } from 'node:events'
import { createClient, task } from '@millrace/core'
import { createWorker } from '@millrace/worker'

const [url = ''] = process.argv.slice(2)
const backend = url.startsWith('valkey')
  ? (await import('@millrace/valkey')).valkeyBackend({ url })
  : (await import('@millrace/redis')).redisBackend({ url })
const say = (what: string): void => void process.stdout.write(`${what}\n`)

const patient = task('demo.patient', {
  timeout: '1h',
  run: async (_, { progress }) => {
    say('running')
    process.stdin.resume()
    await once(process.stdin, 'end')
    progress('late')
  },
})

async function work(): Promise<number> {
  await using client = createClient({ backend })
  const worker = createWorker({ client, tasks: [patient], heartbeat: 100, poll: { max: 100 } })
  const { abandoned, unsettled } = await worker.run({ handleSignals: true, grace: 100, moment: 100 })
  say(JSON.stringify({ abandoned: abandoned.length, unsettled }))
  return unsettled > 0 ? 1 : 0
}

process.exitCode = await work()
say('closed')
