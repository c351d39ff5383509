import { setTimeout as pause } from 'node:timers/promises'
import { isTerminal, STATUS, TaskOutcomeError, type Client, type TaskRecord } from '@millrace/core'
import { isIdle } from './inventory-records.ts'
import { progressOf } from './inventory-progress.ts'
import { buildReport, reportKey } from './tasks/build-report.ts'
import { scanInventory, type ScanResult } from './tasks/scan-inventory.ts'

/** How an inventory went, once nothing of it waits or runs any more. */
export interface FollowedInventory {
  readonly scan: ScanResult
  /** null: it was never enqueued. */
  readonly report: TaskRecord | null
}

export type OnProgress = (inspected: number, total: number, isReporting: boolean) => void

const LOOK_EVERY_MS = 100

/**
 * Looks ten times a second until everything is over.
 * @throws TaskOutcomeError if the scan fails; the signal's reason if it aborts.
 */
export async function followInventory(
  client: Client,
  inventory: string,
  { onProgress, signal }: { readonly onProgress: OnProgress; readonly signal: AbortSignal },
): Promise<FollowedInventory> {
  const scan = await scanned(client, inventory, signal)
  const total = scan.inspections.length
  for (let ended = 0; ended < total;) {
    const progress = await progressOf(client, scan.inspections, ended)
    ended = progress.ended
    onProgress(progress.inspected, total, false)
    if (ended < total) await pause(LOOK_EVERY_MS, undefined, { signal })
  }
  onProgress(total, total, true)
  while (!(await isIdle(client))) await pause(LOOK_EVERY_MS, undefined, { signal })
  return { scan, report: await client.getByKey(reportKey(inventory), buildReport) }
}

async function scanned(client: Client, inventory: string, signal: AbortSignal): Promise<ScanResult> {
  for (;;) {
    const record = await client.get(inventory)
    if (record?.status === STATUS.completed) return await scanInventory.readOutput(record.result)
    if (record === null || isTerminal(record.status)) throw new TaskOutcomeError(inventory, record)
    await pause(LOOK_EVERY_MS, undefined, { signal })
  }
}
