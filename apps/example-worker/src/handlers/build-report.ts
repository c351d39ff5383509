import { STATUS, TaskOutcomeError, type Runnable } from '@millrace/core'
import { enqueueOnce } from '../enqueue-once.ts'
import { recordsOf } from '../inventory-progress.ts'
import { reportOf } from '../report.ts'
import { buildReport } from '../tasks/build-report.ts'
import { deliverWebhook } from '../tasks/deliver-webhook.ts'
import { scanInventory } from '../tasks/scan-inventory.ts'
import { writeReport } from '../write-report.ts'
import type { Workplace } from './workplace.ts'

export function handleBuildReport({ client, reportFolder }: Workplace): Runnable {
  return buildReport.handle(async ({ inventory, webhook }) => {
    const scan = await client.get(inventory)
    if (scan?.status !== STATUS.completed) throw new TaskOutcomeError(inventory, scan)
    const { inspections, problems } = await scanInventory.readOutput(scan.result)
    const report = await reportOf({
      inventory,
      folder: String(scan.kwargs['folder']),
      startedAt: scan.createdAt,
      builtAt: client.clock.now(),
      expected: inspections.length,
      records: await recordsOf(client, inspections),
      problems,
    })
    const { html, json } = await writeReport(report, reportFolder(inventory))
    if (webhook !== null) {
      const { length: total } = inspections
      const body = { event: 'inventory.reported', inventory, inspected: total, total } as const
      const options = { key: `${inventory}:reported`, metadata: { inventory } }
      await enqueueOnce(client, deliverWebhook, { url: webhook, body }, options)
    }
    const { totals, licences } = report
    return {
      html,
      json,
      packages: totals.packages,
      licences: licences.length,
      flagged: totals.flagged,
      problems: totals.problems,
    }
  })
}
