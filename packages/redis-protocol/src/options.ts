import {
  checkAging, checkBoolean, checkInteger, checkLimits, checkName, checkOneOf, checkOptions, invalidArgument, MAX_DURATION_MS, type Clock, type Duration, type Limits,
} from '@millrace/core' // prettier-ignore

/** What an operator should know of, said once. */
export interface EngineReport {
  readonly level: 'warn'
  readonly message: string
}

/** The options that every adapter of this engine takes. */
export interface EngineOptions {
  /** Isolates one installation from the others on the server. Default `millrace`. */
  readonly namespace?: string
  /** For the life of a namespace; 1, the default, is what this version knows. */
  readonly partitions?: number
  /**
   * How much waiting outweighs one priority, `"10m"` for example: then low priorities cannot starve. For the life of a namespace, since its first
   * enqueue; without it, what the namespace has, or strict priority.
   */
  readonly aging?: Duration
  /** For tests: every instant is taken from it instead of from the server's clock. */
  readonly clock?: Clock
  readonly limits?: Partial<Limits>
  /** Terminal records stay at least this long; default ten minutes. */
  readonly resendWindowMs?: number
  /** false: no connection waits for work (BZPOPMIN), and workers poll. Messages, for results and workers, still take one. Default true. */
  readonly wakeups?: boolean
  /** What to do if the server may evict keys: `warn` (default) or `refuse` to open. */
  readonly eviction?: 'warn' | 'refuse'
  /** No answer within this time is an indeterminate `timeout`. Default 10 000. */
  readonly timeoutMs?: number
  /** Default: a warning of the process. */
  readonly onReport?: (report: EngineReport) => void
}

export interface CheckedOptions extends Required<Omit<EngineOptions, 'aging' | 'clock' | 'limits'>> {
  /** null: what the namespace has. */
  readonly agingMs: number | null
  readonly clock: Clock | null
  readonly limits: Limits
}

export const ENGINE_OPTIONS: readonly string[] = [
  'namespace', 'partitions', 'aging', 'clock', 'limits', 'resendWindowMs', 'wakeups', 'eviction', 'timeoutMs', 'onReport',
] // prettier-ignore

const DEFAULT_NAMESPACE = 'millrace'
const DEFAULT_RESEND_WINDOW_MS = 600_000
const DEFAULT_TIMEOUT_MS = 10_000
const MOST_PARTITIONS = 1_024

/** Checked and complete. `name` is the adapter's, as its caller knows it. @throws QueueError `invalid_argument` that names the option at fault. */
export function checkEngineOptions(name: string, options: EngineOptions): CheckedOptions {
  checkOptions(name, options, ENGINE_OPTIONS)
  const { namespace = DEFAULT_NAMESPACE, partitions = 1, aging, clock, limits = {} } = options
  const { resendWindowMs = DEFAULT_RESEND_WINDOW_MS, wakeups = true, eviction = 'warn' } = options
  const { timeoutMs = DEFAULT_TIMEOUT_MS, onReport = warnOfProcess } = options
  if (clock !== undefined && typeof clock?.now !== 'function') throw invalidArgument(`${name}.clock`, 'must have now()')
  if (typeof onReport !== 'function') throw invalidArgument(`${name}.onReport`, 'must be a function')
  return {
    namespace: checkName(`${name}.namespace`, namespace),
    partitions: checkInteger(`${name}.partitions`, partitions, 1, MOST_PARTITIONS),
    agingMs: checkAging(`${name}.aging`, aging),
    clock: clock ?? null,
    limits: checkLimits(`${name}.limits`, limits),
    resendWindowMs: checkInteger(`${name}.resendWindowMs`, resendWindowMs, 0, MAX_DURATION_MS),
    wakeups: checkBoolean(`${name}.wakeups`, wakeups),
    eviction: checkOneOf(`${name}.eviction`, eviction, ['warn', 'refuse']),
    timeoutMs: checkInteger(`${name}.timeoutMs`, timeoutMs, 1, MAX_DURATION_MS),
    onReport,
  }
}

function warnOfProcess({ message }: EngineReport): void {
  process.emitWarning(message, 'MillraceWarning')
}
