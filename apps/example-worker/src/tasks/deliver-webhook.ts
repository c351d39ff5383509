import { exponential, task } from '@millrace/core'
import { z } from 'zod'

const webhookBody = z.object({
  event: z.enum(['inventory.progress', 'inventory.reported']),
  inventory: z.uuid(),
  inspected: z.int().min(0),
  total: z.int().min(0),
})

/** Posts JSON to an address, again and again until it answers with success. */
export const deliverWebhook = task('webhook.deliver', {
  queue: 'webhooks',
  // Short, and awaited by somebody: not behind hundreds of inspections.
  priority: 100,
  retries: 10,
  backoff: exponential('100ms', { max: '30s' }),
  timeout: '5s',
  input: z.strictObject({ url: z.url({ protocol: /^https?$/ }), body: webhookBody }),
  output: z.object({ status: z.int() }),
})
