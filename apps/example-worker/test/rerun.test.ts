import { join } from 'node:path'
import { createTestbed } from '@millrace/testing'
import { expect, test } from 'vitest'
import { handlersIn } from '../src/handlers/all.ts'
import { requestInventory } from '../src/request-inventory.ts'
import { buildReport } from '../src/tasks/build-report.ts'
import { inspectPackage } from '../src/tasks/inspect-package.ts'
import { witnessIn } from '../src/witness.ts'
import { manifest, tree } from './tree.ts'

test('a scan that runs a second time enqueues nothing a second time', { timeout: 30_000 }, async () => {
  const folder = tree({ 'node_modules/a/package.json': manifest('a'), 'node_modules/b/package.json': manifest('b') })
  const out = tree()
  await using bed = await createTestbed({
    patience: '20s',
    onFailure: 'throw',
    tasks: (client) =>
      handlersIn({
        client,
        boundary: folder,
        witness: witnessIn(join(out, 'witness.ndjson')),
        reportFolder: () => out,
        digestAfter: 0,
      }),
  })
  const { id } = await requestInventory(bed.client, folder, null)
  await bed.runAll({ scheduled: true })
  const inspected = await bed.assertEnqueued(inspectPackage, { status: 'completed', count: 2 })
  const reported = await bed.assertEnqueued(buildReport, { status: 'completed', count: 1 })

  expect(await bed.client.backend.replay([{ id, attempt: 1 }])).toMatchObject([{ outcome: 'ok' }])
  await bed.runAll({ scheduled: true })
  expect(await bed.client.get(id)).toMatchObject({ status: 'completed', attempt: 2 })
  expect(await bed.enqueued(inspectPackage)).toEqual(inspected)
  expect(await bed.enqueued(buildReport)).toEqual(reported)
})
