import { DEFAULT_EXECUTION_BACKEND, DEFAULT_QUEUE, type TaskError, type TaskRecord } from './record.ts'
import { STATUS } from './status.ts'

/*
 * The errors that backends write themselves, the same on each of them.
 */

export const CANCELLED = (reason: string): TaskError => ({ name: 'Cancelled', message: reason, code: 'cancelled' })
export const REPLACED = (by: string): TaskError => ({
  name: 'Replaced',
  message: `replaced by ${by}`,
  code: 'replaced',
})
export const EXPIRED: TaskError = { name: 'Expired', message: 'not started before its deadline', code: 'expired' }
/** Never rerun by its own rules: `requeueOnStale` is false, or `maxRecoveries` is 0. */
export const STALE: TaskError = { name: 'Stale', message: 'its worker died or fell silent', code: 'stale' }
/** Rerun as often as `maxRecoveries` allows, and silent again. */
export const POISON: TaskError = {
  name: 'Poison',
  message: 'its workers died or fell silent more often than maxRecoveries allows',
  code: 'poison',
}

/** What a record says that was cancelled without a reason. */
export const DEFAULT_CANCEL_REASON = 'cancelled on request'

/**
 * How an unreadable record reads: failed, with code `corrupt_record`. A reader that threw instead would let
 * one bad record hide all the others of its page.
 */
export function corruptRecord(id: string, detail: string): TaskRecord {
  return {
    id,
    taskName: 'corrupt',
    queue: DEFAULT_QUEUE,
    args: [],
    kwargs: {},
    metadata: {},
    priority: 0,
    key: null,
    keyScope: null,
    keyHold: null,
    group: null,
    parentId: null,
    status: STATUS.failed,
    lastEvent: 'fail',
    attempt: 0,
    maxRetries: 0,
    retryCount: 0,
    maxRecoveries: 0,
    recoveries: 0,
    requeueOnStale: false,
    replays: 0,
    scheduledAt: null,
    expiresAt: null,
    createdAt: 0,
    queuedAt: 0,
    startedAt: null,
    heartbeatAt: null,
    completedAt: 0,
    executionBackend: DEFAULT_EXECUTION_BACKEND,
    executionProfile: null,
    executionRef: null,
    workerId: null,
    result: null,
    error: { name: 'CorruptRecord', message: detail, code: 'corrupt_record' },
    progress: null,
  }
}
