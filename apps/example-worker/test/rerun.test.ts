import { join } from 'node:path'
import { createClient, type Client } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { createWorker } from '@millrace/worker'
import { expect, test } from 'vitest'
import { handlersIn } from '../src/handlers/all.ts'
import { isIdle } from '../src/inventory-records.ts'
import { requestInventory } from '../src/request-inventory.ts'
import { buildReport } from '../src/tasks/build-report.ts'
import { inspectPackage } from '../src/tasks/inspect-package.ts'
import { witnessIn } from '../src/witness.ts'
import { manifest, tree } from './tree.ts'

test('a scan that runs a second time enqueues nothing a second time', { timeout: 30_000 }, async () => {
  const folder = tree({ 'node_modules/a/package.json': manifest('a'), 'node_modules/b/package.json': manifest('b') })
  const out = tree()
  await using client = createClient({ backend: memoryBackend() })
  const tasks = handlersIn({
    client,
    boundary: folder,
    witness: witnessIn(join(out, 'witness.ndjson')),
    reportFolder: () => out,
    digestAfter: 0,
  })
  await using worker = createWorker({ client, tasks })
  await worker.start()
  const { id } = await requestInventory(client, folder, null)
  await idle(client)
  const before = await Promise.all([inspectPackage.name, buildReport.name].map((name) => idsOf(client, name)))
  expect(before.map(({ length }) => length)).toEqual([2, 1])

  expect(await client.backend.replay([{ id, attempt: 1 }])).toMatchObject([{ outcome: 'ok' }])
  await idle(client)
  expect(await client.get(id)).toMatchObject({ status: 'completed', attempt: 2 })
  const after = await Promise.all([inspectPackage.name, buildReport.name].map((name) => idsOf(client, name)))
  expect(after).toEqual(before)
})

async function idle(client: Client): Promise<void> {
  await expect.poll(() => isIdle(client), { timeout: 20_000 }).toBe(true)
}

async function idsOf(client: Client, taskName: string): Promise<string[]> {
  const ids: string[] = []
  for await (const record of client.each({ view: 'completed', taskName, order: 'asc' })) ids.push(record.id)
  return ids.toSorted()
}
