import { STATUS, TaskOutcomeError, type Runnable } from '@millrace/core'
import { recordsOf } from '../inventory-progress.ts'
import { noteDigest } from '../tasks/note-digest.ts'
import { scanInventory } from '../tasks/scan-inventory.ts'
import type { Workplace } from './workplace.ts'

export function handleNoteDigest({ client }: Workplace): Runnable {
  return noteDigest.handle(async ({ inventory }, { record }) => {
    const scan = await client.get(inventory)
    if (scan === null) throw new TaskOutcomeError(inventory, null)
    const afterMs = (record.startedAt ?? record.createdAt) - record.createdAt
    if (scan.status !== STATUS.completed) return { inspected: 0, total: 0, afterMs }
    const { inspections } = await scanInventory.readOutput(scan.result)
    const records = await recordsOf(client, inspections)
    const inspected = records.filter(({ status }) => status === STATUS.completed).length
    return { inspected, total: inspections.length, afterMs }
  })
}
