import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { QueueError, TaskOutcomeError, type Duration } from '@millrace/core'
import { CHAOS_PACE_MS, CHAOS_STALE_AFTER, startChaos } from '../chaos.ts'
import { closingWords } from '../closing-words.ts'
import { crewHere } from '../crew.ts'
import { startFleet } from '../fleet.ts'
import { readableFolder, writableFolder } from '../folder.ts'
import { followInventory } from '../follow-inventory.ts'
import { handlersIn } from '../handlers/all.ts'
import { completed, interruption } from '../interruption.ts'
import { recordsOfInventory } from '../inventory-records.ts'
import { chosenUrl, openClient, reach } from '../open-client.ts'
import { startOwnServer, wantedServer, type OwnServer, type ServerKind } from '../own-server.ts'
import { progressLine } from '../progress-line.ts'
import { startReceiver, startReceiverFor } from '../receiver.ts'
import { messageOf, Refusal } from '../refusal.ts'
import { requestInventory } from '../request-inventory.ts'
import type { Terminal } from '../terminal.ts'
import { prepareWitness, witnessIn } from '../witness.ts'

export interface DemoOptions {
  /** Default: this repository's own node_modules. */
  readonly folder: string | undefined
  readonly out: string
  readonly url: string | undefined
  /** Of each worker. */
  readonly concurrency: number
  /** Of the webhook receiver; 0: any free one. Default: one that belongs to the folder. */
  readonly port: number | undefined
  readonly digestAfter: Duration
  /** Kills a worker and, if it is the demo's own, the server. */
  readonly chaos: boolean
}

const OWN_MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url))
/** The receiver is down for so many posts. */
const RECEIVER_FAILURES = 3
const POST_EVERY = 50
const FLEET_SIZE = 2

/**
 * The whole way: enqueue an inventory, work on it, follow it, and check the result against the witness. On a backend that processes share
 * others work, in processes of their own. Exit code 0, or 1 if something went wrong on the way; 130 if `signal` aborts.
 * @throws Refusal if it cannot begin.
 */
export async function demo(
  options: DemoOptions,
  terminal: Terminal,
  signal: AbortSignal,
  startServer: (kind: ServerKind) => Promise<OwnServer> = startOwnServer,
): Promise<number> {
  const { out, concurrency, port } = options
  const folder = await readableFolder(options.folder ?? OWN_MODULES)
  await writableFolder(out)
  const url = chosenUrl(options.url)
  const kind = wantedServer(url)
  await using server = kind === null ? null : await startServer(kind)
  await using client = openClient(server?.url ?? url)
  const { name, shared } = client.backend.capabilities
  if (options.chaos && !shared)
    throw new Refusal(`--chaos needs a backend that outlives a worker, not ${name}:. Try --url redis: or --url valkey:`)
  await reach(client)
  await using receiver = await (port === undefined
    ? startReceiverFor(folder, RECEIVER_FAILURES)
    : startReceiver({ port, failures: RECEIVER_FAILURES }))
  const witnessFile = join(out, 'witness.ndjson')
  await prepareWitness(witnessFile, client)

  const before = await completed(client)

  const line = progressLine(terminal, client.clock)
  const say = (text: string): void => line.say(text)
  const fleet = shared
    ? startFleet({ size: FLEET_SIZE, url: server?.url ?? url, words: wordsOfWork(options), concurrency, say })
    : null
  const crew =
    fleet ??
    crewHere(client, {
      concurrency,
      tasks: handlersIn({
        client,
        boundary: null,
        witness: witnessIn(witnessFile),
        reportFolder: () => out,
        digestAfter: options.digestAfter,
      }),
      onReport: ({ level, message }) => terminal.writeError(`  worker ${level}: ${message}\n`),
    })
  const place = server === null ? (shared ? '' : ' (in this process)') : ' (a server of its own, gone at the end)'
  terminal.write(`Licence inventory of ${folder}\n`)
  terminal.write(`Backend ${name}${place}, ${crew.words}\n`)

  const stop = AbortSignal.any([signal, crew.broken])
  try {
    await Promise.race([crew.ready, stop.aborted || once(stop, 'abort')])
    stop.throwIfAborted()
    const startedAt = client.clock.now()
    const chaos =
      fleet === null || !options.chaos
        ? null
        : startChaos({ client, fleet, server, handlers: concurrency * FLEET_SIZE, say })
    const { id, outcome } = await requestInventory(client, folder, { url: receiver.url, every: POST_EVERY })
    if (outcome === 'existing') say('An inventory of this folder was under way already; here is how it goes on.')
    const { scan, report } = await followInventory(client, id, {
      signal: stop,
      async onProgress(inspected, total, isReporting) {
        line.show(inspected, total, isReporting ? ', finishing' : '')
        if (!isReporting) await chaos?.at(inspected, total)
      },
    })
    line.end()
    const tookMs = client.clock.now() - startedAt
    await crew.stop()
    const { text, isGood } = await closingWords({
      inventory: id, folder, report, witnessFile, refused: receiver.refused,
      records: await recordsOfInventory(client, id, scan.inspections),
      harm: (await chaos?.harm()) ?? null,
      tookMs,
    }) // prettier-ignore
    terminal.write(text)
    return isGood ? 0 : 1
  } catch (error) {
    line.end()
    await crew.stop()
    if (signal.aborted) terminal.writeError(await interruption(client, before, server !== null))
    else terminal.writeError(`${failure(error, crew.broken)}\n`)
    return signal.aborted ? 130 : 1
  } finally {
    await crew.stop()
  }
}

function wordsOfWork({ out, concurrency, chaos }: DemoOptions): readonly string[] {
  const words = ['--out', out, '--concurrency', String(concurrency)]
  return chaos ? [...words, '--stale-after', String(CHAOS_STALE_AFTER), '--pace', String(CHAOS_PACE_MS)] : words
}

/** As a message; what nobody has foreseen goes on as it is. */
function failure(error: unknown, broken: AbortSignal): string {
  if (broken.aborted) return `Nobody works any more: ${messageOf(broken.reason)}`
  if (error instanceof TaskOutcomeError) return `The inventory failed: ${error.message}`
  if (error instanceof QueueError) return `The backend failed: ${error.message}`
  throw error
}
