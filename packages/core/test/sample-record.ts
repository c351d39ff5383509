import { corruptRecord, type TaskRecord } from '@millrace/core'
import { ID } from './sample-request.ts'

/** A fresh record that waits, with what the test says. */
export function sampleRecord(fields: Partial<TaskRecord> = {}): TaskRecord {
  const at = 1_800_000_000_000
  return {
    ...corruptRecord(ID, ''),
    taskName: 'email.send',
    status: 'pending',
    lastEvent: 'enqueue',
    createdAt: at,
    queuedAt: at,
    completedAt: null,
    error: null,
    ...fields,
  }
}
