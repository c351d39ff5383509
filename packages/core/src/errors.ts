/** What can be wrong with a call. Each code has one meaning on every backend. */
export type ErrorCode =
  | 'invalid_argument'
  | 'not_serializable'
  | 'too_large'
  | 'key_conflict'
  | 'closed'
  | 'connection'
  | 'timeout'
  | 'out_of_memory'
  | 'busy'
  | 'read_only'
  | 'auth'
  | 'permission'
  | 'cluster'
  | 'corrupt_record'
  | 'unsupported_server'
  | 'version_mismatch'

/** Codes that pass by themselves: the same call may succeed later. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'connection',
  'timeout',
  'out_of_memory',
  'busy',
  'read_only',
  'cluster',
])

export interface QueueErrorDetails {
  /** The parameter at fault, as the caller wrote it: `options.delay`, `input.user.born`. */
  readonly parameter?: string
  /** The effect may have happened although the call failed. */
  readonly indeterminate?: boolean
  readonly cause?: unknown
}

/**
 * The caller's or the server's fault. Expected outcomes (a lost attempt, a taken key) are values, never this.
 *
 * `retryable`: the same call may succeed later. `indeterminate`: its effect may have happened; repeating a call of the backend word
 * for word is always safe, because it answers a resend as it answered the first time.
 */
export class QueueError extends Error {
  override readonly name: string = 'QueueError'
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly indeterminate: boolean
  readonly parameter: string | null

  constructor(code: ErrorCode, message: string, details: QueueErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.code = code
    this.retryable = RETRYABLE.has(code)
    this.indeterminate = details.indeterminate ?? false
    this.parameter = details.parameter ?? null
  }
}

/** An `invalid_argument` that names the parameter; `rule` says what is allowed: "must be ...". */
export function invalidArgument(parameter: string, rule: string): QueueError {
  return new QueueError('invalid_argument', `${parameter} ${rule}`, { parameter })
}
