import { REPLACED, STATUS, type EnqueueResult, type TaskRequest } from '@millrace/core'
import { cancelRow } from './cancel.ts'
import { keyHolder, keyIdentity } from './key.ts'
import { insert } from './move.ts'
import type { Namespace } from './namespace.ts'
import { isQueued, recordOf, type Row } from './row.ts'

/**
 * Persists one request. The same id again changes nothing and answers as at creation. A key is held by one active record:
 * `keep` answers with it; `replace` cancels it if it still waits and belongs to the same task, and takes its key in the same act.
 */
export function enqueue(namespace: Namespace, request: TaskRequest, now: number): EnqueueResult {
  const stored = namespace.rows.get(request.id)
  if (typeof stored === 'string') return { outcome: 'created', record: recordOf(stored, request.id, now) }
  if (stored !== undefined) return { outcome: stored.outcome, record: recordOf(stored, stored.id, now) }

  const identity = keyIdentity(request)
  const holder = identity === null ? null : keyHolder(namespace, identity)
  const replaces =
    holder !== null && request.onConflict === 'replace' && isQueued(holder) && holder.taskName === request.taskName
  if (holder !== null && !replaces) return { outcome: 'existing', record: recordOf(holder, holder.id, now) }
  if (holder !== null) cancelRow(namespace, holder, { error: REPLACED(request.id), now })

  const row = newRow(request, holder === null ? 'created' : 'replaced', now)
  if (identity !== null) namespace.keys.set(identity, row.id)
  insert(namespace, row)
  return { outcome: row.outcome, record: recordOf(row, row.id, now) }
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
