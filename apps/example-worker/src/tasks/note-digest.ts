import { task } from '@millrace/core'
import { z } from 'zod'

/** Notes, some time after the start of an inventory, how far it was by then. */
export const noteDigest = task('digest.note', {
  queue: 'digests',
  // Short, and awaited by somebody: not behind hundreds of inspections.
  priority: 100,
  input: z.strictObject({ inventory: z.uuid() }),
  output: z.object({ inspected: z.int(), total: z.int(), afterMs: z.int() }),
})
