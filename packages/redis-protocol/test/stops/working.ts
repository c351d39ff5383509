// A worker program under load: it writes down what its handlers do, and ends as the guide says. Its words: the server, the file to write
// to, `staleAfter` in ms, and a bug or none.
import { openSync, writeSync } from 'node:fs'
import { createClient, systemClock, task, type TaskContext } from '@millrace/core'
import { createWorker } from '@millrace/worker'
import { buggy } from './bugs.ts'
import { GRACE_MS, MOMENT_MS, type StopEvent } from './events.ts'

export type Manner = 'instant' | 'obedient' | 'deaf'

const [url = '', history = '', staleAfter = '', bug = ''] = process.argv.slice(2)
const file = openSync(history, 'a')

// Whoever started it is gone, and nobody will tell it to stop.
process.stdin.on('end', () => process.exit(2)).resume()
process.stdin.unref()

type Told<E> = E extends unknown ? Omit<E, 'pid' | 'at'> : never

function write(event: Told<StopEvent>): void {
  writeSync(file, `${JSON.stringify({ pid: process.pid, at: Date.now(), ...event })}\n`)
}

/** Waits so long. Who is obedient ends at once when he is told to; who is deaf goes on. */
function wait(ms: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const disarm = systemClock.after(ms, resolve)
    signal?.addEventListener('abort', () => {
      disarm()
      reject(new Error('told to stop'))
    })
  })
}

async function run(input: { manner: Manner; ms: number }, { id, attempt, signal }: TaskContext): Promise<number> {
  let abortedAt: number | null = null
  signal.addEventListener('abort', () => (abortedAt = Date.now()))
  write({ what: 'began', id, attempt })
  if (input.ms > 0) await wait(input.ms, input.manner === 'deaf' ? null : signal)
  write({ what: 'finished', id, attempt, late: abortedAt === null ? null : Date.now() - abortedAt })
  process.stdout.write('finished\n')
  return attempt
}

const backend = url.startsWith('valkey')
  ? (await import('@millrace/valkey')).valkeyBackend({ url })
  : (await import('@millrace/redis')).redisBackend({ url })
const client = createClient({ backend: bug === '' ? backend : buggy(backend, bug) })
const worker = createWorker({
  client,
  tasks: [task('demo.work', { run })],
  concurrency: 10,
  staleAfter: Number(staleAfter),
  heartbeat: Number(staleAfter) / 5,
  sweepEvery: Number(staleAfter) / 5,
  onReport: ({ what, message }) => write({ what: 'reported', kind: what, message }),
})
const running = worker.run({ handleSignals: true, grace: GRACE_MS, moment: MOMENT_MS })
process.stdout.write('ready\n')
const { abandoned, unsettled } = await running
write({ what: 'stopped', abandoned, unsettled })
await client.close()
// What is left of them would keep the process.
if (bug !== 'careless' && abandoned.length + unsettled > 0) process.exit(1)
if (bug === 'careless') process.exit(0)
