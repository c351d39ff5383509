import { REPLACED, STATUS, type EnqueueResult, type TaskRequest } from '@millrace/core'
import { cancelRow } from './cancel.ts'
import { blocking, keyIdentity, type Reservation } from './key.ts'
import { insert } from './move.ts'
import type { Namespace } from './namespace.ts'
import { replaceable, reserve } from './reserve.ts'
import { recordOf, type Row } from './row.ts'

/**
 * Persists one request. The same id again changes nothing and answers as at creation. A key is taken by one record: `keep` answers with it;
 * `replace` and `extend` cancel it if it still waits and belongs to the same task, and take its key in the same act.
 */
export function enqueue(namespace: Namespace, request: TaskRequest, now: number): EnqueueResult {
  const stored = namespace.rows.get(request.id)
  if (typeof stored === 'string') return { outcome: 'created', record: recordOf(stored, request.id, now) }
  if (stored !== undefined) return { outcome: stored.outcome, record: recordOf(stored, stored.id, now) }

  const identity = keyIdentity(request)
  const taken = identity === null ? null : blocking(namespace, identity, now)
  const waiting = taken === null ? null : replaceable(namespace, taken, request)
  if (taken !== null && waiting === null) return answerOf(namespace, taken, now)

  const row = waiting === null ? newRow(request, 'created', now) : replacementOf(waiting, request, now)
  if (identity !== null) reserve(namespace, request, { identity, now })
  if (waiting !== null) cancelRow(namespace, waiting, { error: REPLACED(request.id), now })
  insert(namespace, row)
  return { outcome: row.outcome, record: recordOf(row, row.id, now) }
}

function answerOf(namespace: Namespace, { id, taskName }: Reservation, now: number): EnqueueResult {
  const row = namespace.readable(id)
  if (row === null) return { outcome: 'reserved', record: null, id, taskName }
  return { outcome: 'existing', record: recordOf(row, id, now) }
}

/** The latest content at the first one's time: a delay begins anew only to `extend`. */
function replacementOf(waiting: Row, request: TaskRequest, now: number): Row {
  const isDelayed = request.delayMs !== null && request.delayMs > 0
  if (request.onConflict === 'extend' || !isDelayed) return newRow(request, 'replaced', now)
  return newRow({ ...request, delayMs: null, scheduledAt: waiting.scheduledAt }, 'replaced', now)
}

function newRow(request: TaskRequest, outcome: Row['outcome'], now: number): Row {
  const { delayMs, expiresInMs } = request
  const scheduledAt = delayMs === null || delayMs === 0 ? request.scheduledAt : now + delayMs
  return {
    ...request,
    outcome,
    status: scheduledAt !== null && scheduledAt > now ? STATUS.scheduled : STATUS.pending,
    lastEvent: 'enqueue',
    attempt: 0,
    retryCount: 0,
    recoveries: 0,
    replays: 0,
    scheduledAt,
    expiresAt: expiresInMs === null ? request.expiresAt : now + expiresInMs,
    createdAt: now,
    queuedAt: Math.max(now, scheduledAt ?? now),
    startedAt: null,
    heartbeatAt: null,
    completedAt: null,
    executionRef: null,
    workerId: null,
    result: null,
    error: null,
    progress: null,
  }
}
