import { exponential, task } from '@millrace/core'
import { z } from 'zod'

const look = z.strictObject({
  inventory: z.uuid(),
  webhook: z.url().nullable(),
  webhookEvery: z.int().min(1),
  /** 1 for the first look. */
  round: z.int().min(1),
  /** So many inspections at the front of the list have ended for certain. */
  ended: z.int().min(0),
  /** The progress that was last posted. */
  posted: z.int().min(0),
})

export type Look = z.infer<typeof look>

/** Looks how far an inventory is, posts progress, and comes back later until everything is inspected; then the report is built. */
export const checkInventory = task('inventory.check', {
  queue: 'inventories',
  // Short, and awaited by somebody: not behind hundreds of inspections.
  priority: 100,
  retries: 5,
  backoff: exponential('200ms', { max: '5s' }),
  input: look,
  output: z.object({ inspected: z.int(), total: z.int() }),
})
