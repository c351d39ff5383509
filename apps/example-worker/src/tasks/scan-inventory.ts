import { exponential, task } from '@millrace/core'
import { z } from 'zod'

const scanResult = z.object({
  /** Of the inspections, in the order in which they were enqueued. */
  inspections: z.array(z.string()),
  problems: z.array(z.string()),
})

export type ScanResult = z.infer<typeof scanResult>

/** Finds the packages below a folder and enqueues an inspection of each. Its record's id is the id of the inventory. */
export const scanInventory = task('inventory.scan', {
  queue: 'inventories',
  retries: 2,
  backoff: exponential('200ms', { max: '5s' }),
  timeout: '5m',
  input: z.strictObject({
    folder: z.string().min(1),
    /** Where progress is posted, and after how many packages each; null: nowhere. */
    webhook: z.url({ protocol: /^https?$/ }).nullable(),
    webhookEvery: z.int().min(1),
  }),
  output: scanResult,
})
