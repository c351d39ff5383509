import { setTimeout as pause } from 'node:timers/promises'
import { isTerminal, QueueError, STATUS, TaskOutcomeError, type Client, type TaskRecord } from '@millrace/core'
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

/** The next look waits for what it does. */
export type OnProgress = (inspected: number, total: number, isReporting: boolean) => void | Promise<void>

const LOOK_EVERY_MS = 100

/**
 * Looks ten times a second until everything is over, also if the backend is away for a while.
 * @throws TaskOutcomeError if the scan fails; the signal's reason if it aborts.
 */
export async function followInventory(
  client: Client,
  inventory: string,
  { onProgress, signal }: { readonly onProgress: OnProgress; readonly signal: AbortSignal },
): Promise<FollowedInventory> {
  const scan = await looking(signal, () => scanned(client, inventory))
  const total = scan.inspections.length
  let ended = 0
  await looking(signal, async () => {
    if (ended === total) return true
    const progress = await progressOf(client, scan.inspections, ended)
    ended = progress.ended
    await onProgress(progress.inspected, total, false)
    return ended === total || null
  })
  await onProgress(total, total, true)
  await looking(signal, async () => (await isIdle(client)) || null)
  const { report } = await looking(signal, async () => ({
    report: await client.getByKey(reportKey(inventory), buildReport),
  }))
  return { scan, report }
}

/** Until there is something to be seen. */
async function looking<Seen>(signal: AbortSignal, look: () => Promise<Seen | null>): Promise<Seen> {
  for (;;) {
    signal.throwIfAborted()
    const seen = await look().catch(unlessItPasses)
    if (seen !== null) return seen
    await pause(LOOK_EVERY_MS, undefined, { signal })
  }
}

function unlessItPasses(error: unknown): null {
  if (error instanceof QueueError && error.retryable) return null
  throw error
}

async function scanned(client: Client, inventory: string): Promise<ScanResult | null> {
  const record = await client.get(inventory)
  if (record?.status === STATUS.completed) return await scanInventory.readOutput(record.result)
  if (record === null || isTerminal(record.status)) throw new TaskOutcomeError(inventory, record)
  return null
}
