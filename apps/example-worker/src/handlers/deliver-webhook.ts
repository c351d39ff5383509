import type { Runnable } from '@millrace/core'
import { deliverWebhook } from '../tasks/deliver-webhook.ts'

/** The receiver may see a post twice (its answer can be lost), never a changed one: `idempotency-key` is the record's id. */
export function handleDeliverWebhook(): Runnable {
  return deliverWebhook.handle(async ({ url, body }, { id, signal }) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify(body),
      redirect: 'error',
      signal,
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`the receiver answered ${response.status}`)
    return { status: response.status }
  })
}
