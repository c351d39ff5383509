import { STATUSES, type Client, type TaskRecord } from '@millrace/core'
import { recordsOf } from './inventory-progress.ts'
import { checkInventory } from './tasks/check-inventory.ts'
import { buildReport } from './tasks/build-report.ts'
import { deliverWebhook } from './tasks/deliver-webhook.ts'
import { noteDigest } from './tasks/note-digest.ts'
import { scanInventory } from './tasks/scan-inventory.ts'
import { inspectPackage } from './tasks/inspect-package.ts'

const QUEUES: readonly string[] = [
  ...new Set(
    [scanInventory, inspectPackage, checkInventory, deliverWebhook, noteDigest, buildReport].map(
      ({ options }) => options.queue,
    ),
  ),
]

/** Whether nothing of this application waits or runs: counted at one instant, so that a retry cannot slip through. */
export async function isIdle(client: Client): Promise<boolean> {
  const { queues } = await client.statistics()
  return queues.every(
    ({ queue, counts }) =>
      !QUEUES.includes(queue) || counts.waiting + counts.pending + counts.scheduled + counts.running === 0,
  )
}

/** Everything that belongs to one inventory: the scan itself, its inspections, and what was enqueued in its name. */
export async function recordsOfInventory(
  client: Client,
  inventory: string,
  inspections: readonly string[],
): Promise<readonly TaskRecord[]> {
  const records = new Map<string, TaskRecord>()
  for (const record of await recordsOf(client, [inventory, ...inspections])) records.set(record.id, record)
  for (const { name } of [checkInventory, deliverWebhook, noteDigest, buildReport])
    for (const view of STATUSES)
      for await (const record of client.each({ view, taskName: name }))
        if (record.metadata['inventory'] === inventory) records.set(record.id, record)
  return [...records.values()]
}
