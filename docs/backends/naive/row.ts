import {
  decodeBody, decodeError, decodeJson, isTerminal, STATUS, type KeyHold, type KeyScope, type Line, type Status, type TaskRecord,
} from '@millrace/core' // prettier-ignore

/** A record as it is stored: what the producer and the handler wrote stays the JSON text that it came as. */
export interface Row extends Omit<TaskRecord, 'args' | 'kwargs' | 'metadata' | 'result' | 'error' | 'progress'> {
  readonly body: string
  readonly result: string | null
  readonly error: string | null
  readonly progress: string | null
  /** What its enqueue answered, for a resend. */
  readonly outcome: 'created' | 'replaced'
}

/** Who last took a key, and for how long; `until` is 0 but for a window. */
export interface Reservation {
  readonly id: string
  readonly taskName: string
  readonly hold: KeyHold
  readonly until: number
}

/** @throws QueueError `corrupt_record` where a text is no JSON. */
export function recordOf(stored: Row, now: number): TaskRecord {
  const { body, outcome: _, ...row } = stored
  const status = statusAt(row, now)
  const [result, error, progress] = [
    decodeJson(row.result),
    decodeError(decodeJson(row.error)),
    decodeJson(row.progress),
  ]
  return { ...row, ...decodeBody(body), status, result, error, progress }
}

/** Back in line: nobody holds it. */
export const UNHELD = { startedAt: null, heartbeatAt: null, workerId: null, executionRef: null } as const

/** A scheduled record that is due is pending: a fact, whether or not anybody wrote it down. */
export function statusAt({ status, scheduledAt }: Pick<Row, 'status' | 'scheduledAt'>, now: number): Status {
  return status === STATUS.scheduled && scheduledAt !== null && scheduledAt <= now ? STATUS.pending : status
}

/** Cancelled while it ran, and its holder has not let go: its key stays taken. */
export function isHeld({ status, workerId }: Row): boolean {
  return status === STATUS.cancelled && workerId !== null
}

function isActive(row: Row): boolean {
  return !isTerminal(row.status) || isHeld(row)
}

/** Keeps others off its key by what it is: not by a window or for ever, which do not ask. */
export function holdsKey(row: Row, hold: KeyHold | null = row.keyHold): boolean {
  if (hold === 'untilStart') return isQueued(row) && row.attempt === 0 && row.replays === 0
  return hold === 'active' && isActive(row)
}

/** Waits for a claim, now or later. */
export function isQueued({ status }: Row): boolean {
  return !isTerminal(status) && status !== STATUS.running
}

/** Too late to start for the first time. */
export function isOverdue(row: Row, now: number): boolean {
  return isQueued(row) && row.attempt === 0 && row.expiresAt !== null && row.expiresAt < now
}

/** For claims over lines; what carries a reference is claimed by id only. */
export function isClaimable(row: Row, now: number): boolean {
  return statusAt(row, now) === STATUS.pending && row.executionRef === null && !isOverdue(row, now)
}

/** One priority outweighs `step` ms of waiting: exact as a double for every priority, time and step that the contract allows. */
export function executionScore({ queuedAt, priority }: Pick<Row, 'queuedAt' | 'priority'>, step: number): number {
  return queuedAt - priority * step
}

/** The instant of an act: the clock's, but never before what the record shows, should the clock have stepped back. */
export function instantOf({ createdAt, startedAt, heartbeatAt, completedAt }: Row, now: number): number {
  return Math.max(now, createdAt, startedAt ?? 0, heartbeatAt ?? 0, completedAt ?? 0)
}

/** No name of a queue, an execution backend or a task contains either separator. */
export function lineName({ queue, executionBackend }: Line): string {
  return `${queue}|${executionBackend}`
}

/** Another task's equal key is another key; a namespace's key belongs to nobody. */
export function keyName(row: {
  readonly taskName?: string
  readonly key: string | null
  readonly keyScope: KeyScope | null
}): string {
  return row.key === null ? '' : `${row.keyScope === 'task' ? row.taskName : ''} ${row.key}`
}
