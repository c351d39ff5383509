import { join } from 'node:path'
import { createWorker, type Worker } from '@millrace/worker'
import { farewell } from '../farewell.ts'
import { writableFolder } from '../folder.ts'
import { handlersIn } from '../handlers/all.ts'
import { chosenUrl, openClient, refused } from '../open-client.ts'
import { queuesOf } from '../queues.ts'
import { Refusal } from '../refusal.ts'
import type { Terminal } from '../terminal.ts'
import { witnessIn } from '../witness.ts'

export interface WorkOptions {
  readonly out: string
  readonly url: string | undefined
  readonly concurrency: number
  /** In seconds, equal for all workers on one backend. */
  readonly staleAfter: number
  /** So many ms longer than it takes, so that somebody can look on. */
  readonly pace: number
}

const GRACE = '2s'

/**
 * A worker and nothing else, until `signal` aborts. `onWorking` is told its id once it works. Exit code 0, or 1 if it had to leave something behind.
 * @throws Refusal if it cannot begin. A backend that is merely away is waited for.
 */
export async function work(
  { out, url, concurrency, staleAfter, pace }: WorkOptions,
  terminal: Terminal,
  signal: AbortSignal,
  onWorking: (workerId: string) => void,
): Promise<number> {
  await writableFolder(out)
  await using client = openClient(chosenUrl(url))
  const { name, shared } = client.backend.capabilities
  if (!shared)
    throw new Refusal(
      `Nobody else can enqueue in ${name}:, so there is nothing to work on. Give a --url that processes share.`,
    )
  const sign = staleAfter * 250
  const tasks = handlersIn({
    client,
    boundary: null,
    witness: witnessIn(join(out, 'witness.ndjson')),
    reportFolder: () => out,
    digestAfter: '1s',
    paceMs: pace,
  })
  const worker = createWorker({
    client,
    concurrency,
    staleAfter: staleAfter * 1_000,
    heartbeat: sign,
    sweepEvery: sign,
    tasks,
    queues: queuesOf(tasks),
    onReport: ({ level, message }) => terminal.writeError(`${level}: ${shortened(message)}\n`),
  })
  async function announce(): Promise<void> {
    if (!(await hasStarted(worker))) return
    terminal.write(`Works on ${name} in process ${process.pid}, ${concurrency} handlers at once.\n`)
    onWorking(worker.id)
  }
  const [report] = await Promise.all([worker.run({ signal, grace: GRACE }), announce()]).catch(refused)
  const { words, code } = farewell(report)
  terminal.write(`Stopped.${words}\n`)
  return code
}

/** false: it was stopped before, or never will; `run` says the same with its reason. */
async function hasStarted(worker: Worker): Promise<boolean> {
  return await worker.start().then(
    () => true,
    () => false,
  )
}

const IDS = /[0-9a-f]{8}(?:-[0-9a-f]{4,12}){4}/g

/** Of many records the first one is enough to look for, and how many more there are. */
function shortened(message: string): string {
  const ids = message.match(IDS) ?? []
  const more = Number(/ and (\d+) more$/.exec(message)?.[1] ?? 0) + ids.length - 1
  return more < 1 ? message : `${message.slice(0, message.indexOf(ids[0] ?? ''))}${ids[0] ?? ''} and ${more} more`
}
