import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TaskOutcomeError, type Client, type Duration } from '@millrace/core'
import { createWorker } from '@millrace/worker'
import { readableFolder, writableFolder } from '../folder.ts'
import { followInventory } from '../follow-inventory.ts'
import { handlersIn } from '../handlers/all.ts'
import { recordsOfInventory } from '../inventory-records.ts'
import { openClient } from '../open-client.ts'
import { progressLine } from '../progress-line.ts'
import { startReceiver } from '../receiver.ts'
import { requestInventory } from '../request-inventory.ts'
import type { Terminal } from '../terminal.ts'
import { prepareWitness, witnessIn } from '../witness.ts'
import { closingWords } from '../closing-words.ts'

export interface DemoOptions {
  /** Default: this repository's own node_modules. */
  readonly folder: string | undefined
  readonly out: string
  readonly url: string | undefined
  readonly concurrency: number
  /** Of the webhook receiver; 0: any free one. */
  readonly port: number
  readonly digestAfter: Duration
}

const OWN_MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url))
/** The receiver is down for so many posts. */
const RECEIVER_FAILURES = 3
const POST_EVERY = 50
const GRACE = '2s'

/**
 * The whole way in one process: enqueue an inventory, work on it, follow it, and check the result against the witness. Exit code 0, or 1 if
 * something went wrong on the way; 130 if `signal` aborts.
 * @throws Refusal if it cannot begin.
 */
export async function demo(options: DemoOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { out } = options
  const folder = await readableFolder(options.folder ?? OWN_MODULES)
  await writableFolder(out)
  await using client = openClient(options.url)
  await using receiver = await startReceiver({ port: options.port, failures: RECEIVER_FAILURES })
  const witnessFile = join(out, 'witness.ndjson')
  await prepareWitness(witnessFile, client)

  const worker = createWorker({
    client,
    concurrency: options.concurrency,
    tasks: handlersIn({
      client,
      boundary: null,
      witness: witnessIn(witnessFile),
      reportFolder: () => out,
      digestAfter: options.digestAfter,
    }),
    onReport: ({ level, message }) => terminal.writeError(`  worker ${level}: ${message}\n`),
  })
  const { name, durable } = client.backend.capabilities
  terminal.write(`Licence inventory of ${folder}\n`)
  terminal.write(`Backend ${name}${durable ? '' : ' (in this process)'}, ${options.concurrency} handlers at once\n`)

  const over = new AbortController()
  const broken = new AbortController()
  const working = worker.run({ signal: AbortSignal.any([signal, over.signal]), grace: GRACE })
  working.catch((error: unknown) => broken.abort(error))
  const line = progressLine(terminal, client.clock)
  try {
    const startedAt = client.clock.now()
    const { id, outcome } = await requestInventory(client, folder, { url: receiver.url, every: POST_EVERY })
    if (outcome === 'existing')
      terminal.write('An inventory of this folder was under way already; here is how it goes on.\n')
    const { scan, report } = await followInventory(client, id, {
      signal: AbortSignal.any([signal, broken.signal]),
      onProgress: (inspected, total, isReporting) => line.show(inspected, total, isReporting ? ', finishing' : ''),
    })
    line.end()
    const records = await recordsOfInventory(client, id, scan.inspections)
    const { text, isGood } = await closingWords({
      inventory: id, folder, records, report, witnessFile, refused: receiver.refused, tookMs: client.clock.now() - startedAt,
    }) // prettier-ignore
    terminal.write(text)
    return isGood ? 0 : 1
  } catch (error) {
    line.end()
    if (signal.aborted) return await interrupted(client, terminal)
    if (!(error instanceof TaskOutcomeError)) throw error
    terminal.writeError(`The inventory failed: ${error.message}\n`)
    return 1
  } finally {
    over.abort()
    await working
  }
}

async function interrupted(client: Client, terminal: Terminal): Promise<number> {
  const { counts } = await client.statistics()
  const done = `${counts.completed} tasks were completed`
  terminal.writeError(
    client.backend.capabilities.durable
      ? `Interrupted: ${done}; the others wait for the next worker.\n`
      : `Interrupted: ${done}; the others were in memory and are gone with this process.\n`,
  )
  return 130
}
