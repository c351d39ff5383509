import type { Json, JsonObject } from './json.ts'
import type { Status, StatusEvent } from './status.ts'

/** To whom a uniqueness key belongs: another task's equal key is another key, or one key for the whole namespace. */
export type KeyScope = 'task' | 'namespace'

/**
 * How long a record keeps others off its key: until it is terminal; until it is started for the first time; for a time that begins with its
 * enqueue, whatever becomes of it; or until somebody resets the key.
 */
export type KeyHold = 'active' | 'untilStart' | 'window' | 'forever'

export const KEY_SCOPES: readonly KeyScope[] = ['task', 'namespace']
export const KEY_HOLDS: readonly KeyHold[] = ['active', 'untilStart', 'window', 'forever']

/** What went wrong in an attempt, as stored. */
export interface TaskError {
  readonly name: string
  readonly message: string
  readonly stack?: string
  /** The thrown error's own `code`, or one of ours: `cancelled`, `replaced`, `expired`, `stale`, `poison`, `corrupt_record`. */
  readonly code?: string
  readonly cause?: TaskError
}

/**
 * One persisted request to run a task, as it was when it was read: never live, never mutated.
 * Times are epoch milliseconds of the backend's clock; within one record they never decrease.
 */
export interface TaskRecord {
  /** UUIDv7 made by the client; sorts as enqueued. */
  readonly id: string
  readonly taskName: string
  readonly queue: string
  readonly args: readonly Json[]
  readonly kwargs: JsonObject
  readonly metadata: JsonObject
  /** -4096..4096, higher first. */
  readonly priority: number
  readonly key: string | null
  readonly keyScope: KeyScope | null
  /** null without a key. */
  readonly keyHold: KeyHold | null
  /** Reserved for limits and fair sharing. */
  readonly group: string | null
  /** Reserved for flows. */
  readonly parentId: string | null
  /** A scheduled record that is due reads as pending. */
  readonly status: Status
  /** The event that brought the record here; tells a retry from a release or a recovery. */
  readonly lastEvent: StatusEvent
  /** Claims so far: the fence. */
  readonly attempt: number
  readonly maxRetries: number
  readonly retryCount: number
  readonly maxRecoveries: number
  readonly recoveries: number
  /** false: a stale run fails at once and is reported as handler-needed. */
  readonly requeueOnStale: boolean
  readonly replays: number
  /** Not before this instant. */
  readonly scheduledAt: number | null
  /** Not first started after this instant. */
  readonly expiresAt: number | null
  readonly createdAt: number
  /** The instant it became (or becomes) due: first in, first out within a priority. */
  readonly queuedAt: number
  /** Start of the current or last attempt; null while it waits for one. */
  readonly startedAt: number | null
  /** The holder's last sign of life; null if nobody holds it or the holder was declared dead. */
  readonly heartbeatAt: number | null
  readonly completedAt: number | null
  /** Where it runs; with the queue it names the line in which it waits. */
  readonly executionBackend: string
  readonly executionProfile: string | null
  /** The handle of an external execution; a record that has one is claimed by id only. */
  readonly executionRef: string | null
  /** The current holder; also on a cancelled record whose handler has not returned yet. */
  readonly workerId: string | null
  readonly result: Json
  /** Of the last failed attempt, kept until one completes; or why it was cancelled, expired, given up. */
  readonly error: TaskError | null
  /** As last reported by the current or last attempt. */
  readonly progress: Json
}

/** One queue's records for one execution backend: what a claim reads. */
export interface Line {
  readonly queue: string
  readonly executionBackend: string
}

export const DEFAULT_QUEUE = 'default'
export const DEFAULT_EXECUTION_BACKEND = 'local'
