/** The largest things a backend takes. A value above is refused with `too_large` before any I/O. */
export interface Limits {
  /** UTF-8 bytes of args, kwargs and metadata together, as JSON. */
  readonly payloadBytes: number
  /** UTF-8 bytes of a handler's result, or of a progress report, as JSON. */
  readonly resultBytes: number
  /** UTF-8 bytes of a stored error; a longer one is cut on a code point, never refused. */
  readonly errorBytes: number
  /** Nesting of arrays and objects in one value. */
  readonly depth: number
  /** UTF-8 bytes of a uniqueness key. */
  readonly keyBytes: number
  /** Items in one call: requests, ids, settlements, touches, records of a page. */
  readonly batch: number
}

export const DEFAULT_LIMITS: Limits = {
  payloadBytes: 1_048_576,
  resultBytes: 1_048_576,
  errorBytes: 16_384,
  depth: 100,
  keyBytes: 512,
  batch: 1_000,
}

/** Priorities go from -4096 to 4096: together with a time in ms an order score stays an exact double. */
export const MAX_PRIORITY = 4_096
/** Retries, recoveries and attempts are counted up to here. */
export const MAX_COUNT = 1_000_000
/** The last instant that can be stored (20 November 2286): 13 digits, which every backend keeps exactly. */
export const MAX_TIME = 9_999_999_999_999
/** A hundred years, the longest duration. */
export const MAX_DURATION_MS = 3_155_760_000_000
/** The longest name of a task, queue, worker, lease, execution backend, and the longest reference. */
export const MAX_NAME_LENGTH = 200
/** Calls one worker may have in flight, each in a slot of its own. */
export const MAX_SLOTS = 16
/** Records a page of a list examines at most; it may return fewer than the limit and still give a cursor. */
export const MAX_EXAMINED = 1_000
/** Due scheduled records that one claim moves per line; the order among these is exact. */
export const MAX_PROMOTED = 500
/** The longest reason of a cancellation, in bytes. */
export const MAX_REASON_BYTES = 1_024
