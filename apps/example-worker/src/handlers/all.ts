import type { Runnable } from '@millrace/core'
import { handleBuildReport } from './build-report.ts'
import { handleCheckInventory } from './check-inventory.ts'
import { handleDeliverWebhook } from './deliver-webhook.ts'
import { handleInspectPackage } from './inspect-package.ts'
import { handleNoteDigest } from './note-digest.ts'
import { handleScanInventory } from './scan-inventory.ts'
import type { Workplace } from './workplace.ts'

/** What a worker of this application is given. */
export function handlersIn(workplace: Workplace): readonly Runnable[] {
  return [
    handleScanInventory(workplace),
    handleInspectPackage(workplace),
    handleCheckInventory(workplace),
    handleDeliverWebhook(),
    handleNoteDigest(workplace),
    handleBuildReport(workplace),
  ]
}
