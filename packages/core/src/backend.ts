import type { Controls } from './controls.ts'
import type { Limits } from './limits.ts'
import type { LogEntry } from './log.ts'
import type { KeyScope, TaskRecord } from './record.ts'
import type { Status } from './status.ts'
import type { TaskRequest } from './request.ts'
import type { ActResult, Fence, TurnAnswer, TurnRequest, WorkerPresence } from './turn.ts'
import type { Watch, WatchRequest } from './watch.ts'

/**
 * Stores records and keeps the promises. Every method is batch-first and atomic **per record**: of racing calls one
 * order is taken, and no caller ever sees half an act. Expected outcomes are values; a rejected promise is a
 * `QueueError`, and unless it is `indeterminate` nothing has changed. Repeating a call is always safe, but for `resetKeys`.
 * Arguments are checked by `guardBackend`, which every implementation is wrapped in, before any I/O.
 * The backend's clock decides; relative times travel as durations.
 */
export interface Backend {
  /** What this backend is, and what it takes. */
  readonly capabilities: Capabilities

  /** Connect and probe the server: version, permissions, schema. Idempotent; every other method opens by itself. */
  open(): Promise<void>

  /** Release what this object opened; a client that was handed in stays open. Idempotent; later calls are `closed`. */
  close(): Promise<void>

  /**
   * Persist each request, in order. The same id again changes nothing and answers the same. Of racing requests with one key one
   * takes it, and keeps the others off for as long as its `keyHold` says: `keep` answers with the record that has the key; `replace` and
   * `extend` cancel it if it still waits, belongs to the same task, and its hold is `active`, `untilStart` or the request's own, and take its key
   * in the same act. A call that is made behind another one before the event loop goes round is persisted behind it, if that is of several
   * new requests and the last of them has no key.
   */
  enqueue(requests: readonly TaskRequest[]): Promise<readonly EnqueueResult[]>

  /** The records, in the order of the ids; null where there is none. An unreadable record reads as failed, `corrupt_record`. */
  get(ids: readonly string[]): Promise<readonly (TaskRecord | null)[]>

  /** The record that last took each key, also when it is terminal; null if nobody has taken it, it was reset, or that record is gone. */
  getByKey(keys: readonly KeyReference[]): Promise<readonly (TaskRecord | null)[]>

  /**
   * One page of records. `next` is execution order and costs what it returns. A page examines at most 1 000 records, so it may
   * be short or empty while a cursor is given; a record whose status does not change is listed exactly once.
   */
  list(query: ListQuery): Promise<Page>

  /** Settle, beat and claim in one round trip. Each (id, attempt) goes to exactly one claimer; a late holder changes nothing. */
  turn(request: TurnRequest): Promise<TurnAnswer>

  /** Cancel what waits; what runs only when asked, and then its key stays taken until the holder settles or goes stale. */
  cancel(request: CancelRequest): Promise<readonly ActResult[]>

  /** One bounded step of a duty, oldest first per queue. Leaderless: two at once do no harm. Idempotent in effect, not in answer. */
  sweep(request: SweepRequest): Promise<SweepResult>

  /** Compare-and-set of where a record is executed; `lost` if attempt or reference is not the expected one. */
  assign(assignments: readonly Assignment[]): Promise<readonly ActResult[]>

  /**
   * Exact counts per status and queue, with the age of the oldest due record: at one instant, or, of more lines than a backend can count at
   * once (128 on Redis and Valkey, fewer where priorities age), of each such part at its own, a little apart.
   */
  statistics(query?: StatisticsQuery): Promise<Statistics>

  /** Hints, armed when the promise resolves. May be late, false, merged or missing; correctness never needs one. */
  watch(request: WatchRequest): Promise<Watch>

  /** Take, keep or release the ownership of a duty for a time. Fenced by token; one token holds at a time. */
  lease(request: LeaseRequest): Promise<LeaseResult>

  /**
   * Bring terminal records back; `key_taken` if it holds its key while it is active, and another one has it; `refused` while the holder of a
   * cancelled one has not let go. Fenced by attempt.
   */
  replay(requests: readonly ReplayRequest[], options?: ReplayOptions): Promise<readonly ReplayResult[]>

  /** Report every violated invariant, page by page; with `repair` mend those that have one right answer. */
  audit(query?: AuditQuery): Promise<AuditPage>

  /** Remove everything of this namespace, running records included. */
  destroy(): Promise<void>

  /** What an operator says of whole queues, and of keys. */
  readonly controls: Controls
  /** Reserved: recurring enqueues. */
  readonly schedules?: never
  /** What is kept of a record's attempts beside the record. */
  readonly history: History
}

/** Goes when its record is removed. */
export interface History {
  /** Per id what handlers wrote down about the record, the oldest entry first: the newest 100 entries, of 16 KiB of text at most. */
  logs(ids: readonly string[]): Promise<readonly (readonly LogEntry[])[]>
}

export interface Capabilities {
  /** The adapter's name, for people and logs. */
  readonly name: string
  /** Whether records outlive the process that wrote them. */
  readonly durable: boolean
  /** Whether several processes can use one namespace. */
  readonly shared: boolean
  readonly limits: Limits
  /** Terminal records stay at least this long, so that a resent enqueue finds its answer. */
  readonly resendWindowMs: number
}

/**
 * `created`, or `existing`: the record that has the key, unchanged, or `replaced`: created, and the waiting one cancelled. `reserved`: the key is
 * taken for some time yet, but the record that took it is gone.
 */
export type EnqueueResult =
  | { readonly outcome: 'created' | 'existing' | 'replaced'; readonly record: TaskRecord }
  | {
      readonly outcome: 'reserved'
      readonly record: null
      /** Of the record that took the key. */
      readonly id: string
      readonly taskName: string
    }

/** A task's key needs the task; a namespace's key stands alone. */
export type KeyReference =
  | { readonly scope: Extract<KeyScope, 'task'>; readonly taskName: string; readonly key: string }
  | { readonly scope: Extract<KeyScope, 'namespace'>; readonly key: string }

/** Due, not overdue, not handed to an external system, paused or not, in execution order; or one status. */
export type View = 'next' | Status

export interface ListQuery {
  readonly view: View
  readonly queue?: string
  readonly taskName?: string
  readonly executionBackend?: string
  /** true: only records that carry an executionRef; false: only those that do not. */
  readonly external?: boolean
  /** Terminal views only: completedAt not before this instant. */
  readonly since?: number
  /**
   * Pending and `next`: execution order. Scheduled: by scheduledAt. Terminal: by completedAt. Waiting and running: by id,
   * because a heartbeat must not move a record under a cursor. Ties by id. Default `asc`, for terminal views `desc`.
   */
  readonly order?: 'asc' | 'desc'
  /** 0..limits.batch, default 100. */
  readonly limit?: number
  /** From the page before, for the same query. */
  readonly cursor?: string | null
}

export interface Page {
  readonly records: readonly TaskRecord[]
  /** null: the end. */
  readonly cursor: string | null
}

export interface CancelRequest {
  readonly ids: readonly string[]
  /** Default false: a running record is `refused`. */
  readonly includeRunning?: boolean
  /** Stored as the record's error message. */
  readonly reason?: string
}

export type SweepRequest =
  | {
      /** Requeue or fail what runs without a heartbeat for longer than this; forget workers not seen since, nor within twice their `everyMs`. */
      readonly what: 'stale'
      readonly staleAfterMs: number
      readonly queues?: readonly string[]
      readonly limit?: number
    }
  | {
      /** Expire what was not started in time. */
      readonly what: 'expired'
      readonly queues?: readonly string[]
      readonly limit?: number
    }
  | {
      /**
       * Remove what finished longer ago than this (at least `resendWindowMs`), with everything that belongs to it but a key that is taken
       * for some time yet; without `queues` also keys whose window has ended since their record went.
       */
      readonly what: 'finished'
      readonly olderThanMs: number
      /** Terminal statuses only; default all of them. */
      readonly statuses?: readonly Status[]
      readonly queues?: readonly string[]
      readonly limit?: number
    }

/** What one step did, as ids. */
export interface SweepResult {
  readonly requeued: readonly string[]
  /** Given up: recoveries used up, or `requeueOnStale` is false. */
  readonly failed: readonly string[]
  /** The part of `failed` whose `requeueOnStale` is false: somebody has to look at them. */
  readonly handlerNeeded: readonly string[]
  readonly expired: readonly string[]
  readonly removed: readonly string[]
  /** The limit was reached: call again. */
  readonly more: boolean
}

export interface Assignment {
  readonly id: string
  /** Compared with the record's attempt. */
  readonly attempt: Fence
  /** Compared with the record's executionRef; leave it out to overwrite any. */
  readonly expectedRef?: string | null
  /** The new reference; null takes it away. */
  readonly executionRef: string | null
  /** Moves the record to another line; refused while it runs. */
  readonly executionBackend?: string
  readonly executionProfile?: string | null
}

export interface StatisticsQuery {
  readonly queue?: string
}

export type StatusCounts = Readonly<Record<Status, number>>

export interface QueueStatistics {
  readonly queue: string
  readonly counts: StatusCounts
  /** No claim takes from it: it was paused, or the whole namespace was. */
  readonly paused: boolean
  /**
   * How long the longest waiting due record has been due; null if none is due. Where priorities age it may be longer: of each line only the
   * records that come next are looked at, at least 50 of them.
   */
  readonly oldestDueMs: number | null
}

export interface Statistics {
  /** The backend's clock when it counted. */
  readonly at: number
  readonly counts: StatusCounts
  /** Whether the namespace was paused as a whole. */
  readonly paused: boolean
  /** Queues that hold a record, by name. */
  readonly queues: readonly QueueStatistics[]
  /** Workers that presented themselves, by id. */
  readonly workers: readonly WorkerPresence[]
}

export interface LeaseRequest {
  readonly name: string
  readonly token: string
  readonly ttlMs: number
  readonly release?: boolean
}

export interface LeaseResult {
  /** Whether this token holds the lease after the call. */
  readonly held: boolean
  /** When the current holder's time is up; null if nobody holds it. */
  readonly until: number | null
}

export interface ReplayRequest {
  readonly id: string
  readonly attempt: Fence
}

export interface ReplayOptions {
  readonly delayMs?: number
}

export interface ReplayResult {
  readonly id: string
  readonly outcome: ActResult['outcome'] | 'key_taken'
  readonly status: Status | null
}

export interface AuditQuery {
  readonly repair?: boolean
  readonly cursor?: string | null
  readonly limit?: number
}

/**
 * `unindexed_record`: in no index of its status. `dangling_index`: an index names no record, or one in another status.
 * `dangling_key`: a key names no record, and nothing says that it outlives it. `unheld_key`: a record that has to keep others off its key does
 * not have it. `corrupt_record`: unreadable bytes. `unheeded_pause`: claims are not told of what is paused,
 * or look for it in vain.
 */
export type ViolationCode =
  | 'unindexed_record'
  | 'dangling_index'
  | 'dangling_key'
  | 'unheld_key'
  | 'corrupt_record'
  | 'unheeded_pause'

export interface Violation {
  readonly code: ViolationCode
  /** The record's id, the key, or `controls`. */
  readonly subject: string
  /** One sentence: what was found where. */
  readonly detail: string
  readonly repaired: boolean
}

export interface AuditPage {
  readonly violations: readonly Violation[]
  readonly examined: number
  readonly cursor: string | null
}
