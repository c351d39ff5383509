import { join } from 'node:path'
import { createClient, type Client } from '@millrace/core'
import { memoryBackend, memoryStore, type MemoryStore } from '@millrace/memory'
import { createWorker, type Worker } from '@millrace/worker'
import { expect, test } from 'vitest'
import { followInventory } from '../src/follow-inventory.ts'
import { handlersIn } from '../src/handlers/all.ts'
import { recordsOfInventory } from '../src/inventory-records.ts'
import { requestInventory } from '../src/request-inventory.ts'
import { inspectPackage } from '../src/tasks/inspect-package.ts'
import { hear, prepareWitness, witnessIn } from '../src/witness.ts'
import { manifest, tree } from './tree.ts'

/** As a process of its own would have it: a connection, a client and handlers that no other one shares. */
function member(store: MemoryStore, out: string): { client: Client; worker: Worker } {
  const client = createClient({ backend: memoryBackend({ store }) })
  const tasks = handlersIn({
    client,
    boundary: null,
    witness: witnessIn(join(out, 'witness.ndjson')),
    reportFolder: () => out,
    digestAfter: 0,
  })
  return { client, worker: createWorker({ client, tasks, concurrency: 2 }) }
}

test(
  'producer and workers share nothing but the backend and a folder; a stop in between changes nothing',
  { timeout: 30_000 },
  async () => {
    const store = memoryStore()
    const out = tree()
    const folder = tree(
      Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`node_modules/p${i}/package.json`, manifest(`p${i}`)])),
    )
    await using producer = createClient({ backend: memoryBackend({ store }) })
    const witnessFile = join(out, 'witness.ndjson')
    await prepareWitness(witnessFile, producer)
    const [first, second, third] = [member(store, out), member(store, out), member(store, out)]
    await Promise.all([first.worker.start(), second.worker.start()])
    const { id } = await requestInventory(producer, folder, null)

    let stopping: Promise<void> | undefined
    const { scan, report } = await followInventory(producer, id, {
      signal: new AbortController().signal,
      onProgress() {
        stopping ??= first.worker.stop({ grace: 0 }).then(() => third.worker.start())
      },
    })
    await stopping
    expect(report).toMatchObject({ status: 'completed', result: { packages: 60 } })
    const records = await recordsOfInventory(producer, id, scan.inspections)
    const inspections = records.filter(({ taskName }) => taskName === inspectPackage.name)
    expect(new Set(inspections.map(({ status }) => status))).toEqual(new Set(['completed']))
    expect(hear(witnessFile, inspections)).toMatchObject({ records: 60, contradictions: [] })
    await Promise.all(
      [first, second, third].map(async ({ worker, client }) => {
        await worker.stop({ grace: '1s' })
        await client.close()
      }),
    )
  },
)
