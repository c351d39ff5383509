import { createHash } from 'node:crypto'
import type { Client, Handle } from '@millrace/core'
import { scanInventory, type ScanResult } from './tasks/scan-inventory.ts'

/** Ask for the inventory of a folder. While one of the same folder is under way, that one is the answer (`outcome` is `existing`). */
export async function requestInventory(
  client: Client,
  folder: string,
  webhook: { readonly url: string; readonly every: number } | null,
): Promise<Handle<ScanResult>> {
  const input = { folder, webhook: webhook?.url ?? null, webhookEvery: webhook?.every ?? 50 }
  return await client.enqueue(scanInventory, input, { key: createHash('sha256').update(folder).digest('hex') })
}
