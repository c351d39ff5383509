import { decodeBody, type EnqueueResult, type TaskRequest } from '@millrace/core'
import { sampleRecord } from './sample-record.ts'

/** What a backend that keeps nothing answers to an enqueue. */
export function createdBy(requests: readonly TaskRequest[]): Promise<readonly EnqueueResult[]> {
  return Promise.resolve(
    requests.map(({ id, taskName, queue, key, keyScope, priority, body }) => ({
      outcome: 'created' as const,
      record: sampleRecord({ id, taskName, queue, key, keyScope, priority, ...decodeBody(body) }),
    })),
  )
}
