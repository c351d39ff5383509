import { isTerminal, STATUS, TaskOutcomeError, type Client, type Runnable } from '@millrace/core'
import { enqueueOnce } from '../enqueue-once.ts'
import { progressOf } from '../inventory-progress.ts'
import { buildReport, reportKey } from '../tasks/build-report.ts'
import { checkInventory, type Look } from '../tasks/check-inventory.ts'
import { deliverWebhook } from '../tasks/deliver-webhook.ts'
import { scanInventory } from '../tasks/scan-inventory.ts'
import type { Workplace } from './workplace.ts'

/** Each look is a record of its own that enqueues the next one for later: nobody waits in between, and a look that runs twice does no harm. */
export function handleCheckInventory({ client }: Workplace): Runnable {
  return checkInventory.handle(async (look) => {
    const { inventory, webhook, webhookEvery } = look
    const scan = await client.get(inventory)
    if (scan === null) throw new TaskOutcomeError(inventory, null)
    if (!isTerminal(scan.status)) {
      await enqueueCheck(client, { ...look, round: look.round + 1 })
      return { inspected: 0, total: 0 }
    }
    if (scan.status !== STATUS.completed) throw new TaskOutcomeError(inventory, scan)

    const { inspections } = await scanInventory.readOutput(scan.result)
    const total = inspections.length
    const { ended, inspected } = await progressOf(client, inspections, look.ended)
    const metadata = { inventory }
    if (ended === total) {
      await enqueueOnce(client, buildReport, { inventory, webhook }, { key: reportKey(inventory), metadata })
      return { inspected, total }
    }
    const posted = Math.max(look.posted, inspected - (inspected % webhookEvery))
    if (webhook !== null && posted > look.posted) {
      const body = { event: 'inventory.progress', inventory, inspected, total } as const
      await enqueueOnce(client, deliverWebhook, { url: webhook, body }, { key: `${inventory}:${posted}`, metadata })
    }
    await enqueueCheck(client, { ...look, round: look.round + 1, ended, posted })
    return { inspected, total }
  })
}

const FIRST_CHECK_MS = 150
const LAST_CHECK_MS = 5_000

/** Soon at first, and less often the longer the inventory takes. */
export async function enqueueCheck(client: Client, look: Look): Promise<void> {
  const { inventory, round } = look
  await enqueueOnce(client, checkInventory, look, {
    key: `${inventory}:${round}`,
    metadata: { inventory },
    delay: Math.min(LAST_CHECK_MS, FIRST_CHECK_MS * 1.15 ** (round - 1)),
  })
}
