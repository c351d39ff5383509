import type { Runnable } from '@millrace/core'
import type { QueueSettings } from '@millrace/worker'
import { deliverWebhook } from './tasks/deliver-webhook.ts'

/** Somebody else's server gets no more than this from one worker at a time, however many places are free. */
const MOST_WEBHOOKS = 2

/** The queues of these tasks, each once. */
export function queuesOf(tasks: readonly Runnable[]): readonly QueueSettings[] {
  const names = new Set(tasks.map(({ options }) => options.queue))
  const { queue: webhooks } = deliverWebhook.options
  return [...names].map((name) => (name === webhooks ? { name, concurrency: MOST_WEBHOOKS } : { name }))
}
