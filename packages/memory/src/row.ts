import {
  corruptRecord, decodeBody, decodeError, decodeJson, isTerminal, STATUS, type Status, type TaskError, type TaskRecord,
} from '@millrace/core' // prettier-ignore

type Values = 'args' | 'kwargs' | 'metadata' | 'result' | 'error' | 'progress'

/** A record as it is stored: values as JSON text. Changed by `move.ts` alone, which keeps the indexes in step. */
export interface Row extends Omit<TaskRecord, Values> {
  readonly body: string
  readonly result: string | null
  readonly error: string | null
  readonly progress: string | null
  /** What its enqueue answered, for a resend. */
  readonly outcome: 'created' | 'replaced'
}

/** The bytes of a record that cannot be read any more, kept as they are. */
export type Garbage = string

/** What there is instead of a record that cannot be read. */
export interface Defect {
  readonly defect: string
}

/** A record's answer: built afresh, sharing nothing with the store. One that cannot be read reads as failed. */
export function recordOf(stored: Row | Garbage, id: string, now: number): TaskRecord {
  const read = readStored(stored, now)
  return 'defect' in read ? corruptRecord(id, read.defect) : read
}

export function readStored(stored: Row | Garbage, now: number): TaskRecord | Defect {
  if (typeof stored === 'string') return { defect: 'its stored bytes cannot be read' }
  try {
    const { args, kwargs, metadata } = decodeBody(stored.body)
    return {
      id: stored.id,
      taskName: stored.taskName,
      queue: stored.queue,
      priority: stored.priority,
      key: stored.key,
      keyScope: stored.keyScope,
      keyHold: stored.keyHold,
      group: stored.group,
      parentId: stored.parentId,
      lastEvent: stored.lastEvent,
      attempt: stored.attempt,
      maxRetries: stored.maxRetries,
      retryCount: stored.retryCount,
      maxRecoveries: stored.maxRecoveries,
      recoveries: stored.recoveries,
      requeueOnStale: stored.requeueOnStale,
      replays: stored.replays,
      scheduledAt: stored.scheduledAt,
      expiresAt: stored.expiresAt,
      createdAt: stored.createdAt,
      queuedAt: stored.queuedAt,
      startedAt: stored.startedAt,
      heartbeatAt: stored.heartbeatAt,
      completedAt: stored.completedAt,
      executionBackend: stored.executionBackend,
      executionProfile: stored.executionProfile,
      executionRef: stored.executionRef,
      workerId: stored.workerId,
      status: statusAt(stored, now),
      args,
      kwargs,
      metadata,
      result: decodeJson(stored.result),
      error: decodeError(decodeJson(stored.error)),
      progress: decodeJson(stored.progress),
    }
  } catch (problem) {
    return { defect: `a stored value cannot be read: ${String(problem)}` }
  }
}

/** A scheduled record that is due is pending: a fact, whether or not anybody has moved it yet. */
export function statusAt({ status, scheduledAt }: Pick<Row, 'status' | 'scheduledAt'>, now: number): Status {
  return status === STATUS.scheduled && scheduledAt !== null && scheduledAt <= now ? STATUS.pending : status
}

/** Cancelled while it ran, and its holder has not let go of it yet: its key stays taken. */
export function isHeld({ status, workerId }: Row): boolean {
  return status === STATUS.cancelled && workerId !== null
}

/** Keeps others off its key, if it has it while it is active. */
export function isActive(row: Row): boolean {
  return !isTerminal(row.status) || isHeld(row)
}

/** Waits for its first start, and was not replayed, by which a record does not take its key again. */
export function awaitsFirstStart(row: Row): boolean {
  return isQueued(row) && row.attempt === 0 && row.replays === 0
}

/** Waits for a claim, now or later. */
export function isQueued({ status }: Row): boolean {
  return !isTerminal(status) && status !== STATUS.running
}

/** Too late to start for the first time. At the deadline itself it may still start. */
export function isOverdue(row: Row, now: number): boolean {
  return isQueued(row) && row.attempt === 0 && row.expiresAt !== null && now > row.expiresAt
}

/** What a claim over lines may take. */
export function isClaimable(row: Row, now: number): boolean {
  return statusAt(row, now) === STATUS.pending && row.executionRef === null && !isOverdue(row, now)
}

/** The instant of an act: the clock's, but never before what the record already shows, should the clock have stepped back. */
export function instantOf({ createdAt, startedAt, heartbeatAt, completedAt }: Row, now: number): number {
  return Math.max(now, createdAt, startedAt ?? 0, heartbeatAt ?? 0, completedAt ?? 0)
}

export function errorText(error: TaskError): string {
  return JSON.stringify(error)
}
