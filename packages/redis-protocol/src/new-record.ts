import {
  corruptRecord,
  decodeBody,
  STATUS,
  type Body,
  type EnqueueResult,
  type TaskRecord,
  type TaskRequest,
} from '@millrace/core'

/** Bodies of requests; null where one cannot be read. */
export type Bodies = readonly (Body | null)[]

/** To be read while the server works, so that nobody waits for it once the answer is there. */
export function bodiesOf(requests: readonly TaskRequest[]): Bodies {
  return requests.map(({ body }) => bodyIn(body))
}

function bodyIn(body: string): Body | null {
  try {
    return decodeBody(body)
  } catch {
    return null
  }
}

/** The plain script persists all of its requests or none. */
export function createdRecords(
  requests: readonly TaskRequest[],
  now: number,
  bodies: Bodies,
): readonly EnqueueResult[] {
  return requests.map((request, i) => ({ outcome: 'created', record: newRecord(request, now, bodies[i]) }))
}

/** What the script has just written; its body, if it was read before. */
export function newRecord(request: TaskRequest, now: number, body?: Body | null): TaskRecord {
  const { id, taskName, queue, priority, key, keyScope, keyHold, group, parentId, maxRetries, maxRecoveries } = request
  const { delayMs, expiresInMs, requeueOnStale, executionBackend, executionProfile } = request
  const scheduledAt = delayMs === null || delayMs === 0 ? request.scheduledAt : now + delayMs
  try {
    // Not spread into the answer, which then would be made in many steps.
    const { args, kwargs, metadata } = body ?? decodeBody(request.body)
    return {
      id,
      taskName,
      queue,
      args,
      kwargs,
      metadata,
      priority,
      key,
      keyScope,
      keyHold,
      group,
      parentId,
      status: scheduledAt !== null && scheduledAt > now ? STATUS.scheduled : STATUS.pending,
      lastEvent: 'enqueue',
      attempt: 0,
      maxRetries,
      retryCount: 0,
      maxRecoveries,
      recoveries: 0,
      requeueOnStale,
      replays: 0,
      scheduledAt,
      expiresAt: expiresInMs === null ? request.expiresAt : now + expiresInMs,
      createdAt: now,
      queuedAt: Math.max(now, scheduledAt ?? now),
      startedAt: null,
      heartbeatAt: null,
      completedAt: null,
      executionBackend,
      executionProfile,
      executionRef: null,
      workerId: null,
      result: null,
      error: null,
      progress: null,
    }
  } catch (problem) {
    return corruptRecord(id, `its body cannot be read: ${String(problem)}`)
  }
}
