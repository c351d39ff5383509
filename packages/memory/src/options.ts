import {
  checkAging,
  checkInteger,
  checkLimits,
  checkName,
  checkOptions,
  invalidArgument,
  MAX_DURATION_MS,
  systemClock,
  type Clock,
  type Duration,
  type Limits,
} from '@millrace/core'
import { memoryStore, namespacesOf, type MemoryStore } from './store.ts'

export interface MemoryOptions {
  /** Shared by several backends, as a server is by its clients; default one of its own. */
  readonly store?: MemoryStore
  /** Isolates one installation from the others in the store. */
  readonly namespace?: string
  /**
   * How much waiting outweighs one priority, `"10m"` for example: then low priorities cannot starve. For the life of a namespace, since its first
   * enqueue; without it, what the namespace has, or strict priority.
   */
  readonly aging?: Duration
  /** The backend takes every instant from it. */
  readonly clock?: Clock
  readonly limits?: Partial<Limits>
  /** Terminal records stay at least this long; default ten minutes. */
  readonly resendWindowMs?: number
}

export interface CheckedOptions extends Required<Omit<MemoryOptions, 'aging' | 'limits'>> {
  /** null: what the namespace has. */
  readonly agingMs: number | null
  readonly limits: Limits
}

const DEFAULT_NAMESPACE = 'millrace'
const DEFAULT_RESEND_WINDOW_MS = 600_000

/** Checked and complete. @throws QueueError `invalid_argument` that names the option at fault. */
export function memoryOptions(options: MemoryOptions): CheckedOptions {
  checkOptions('memory', options, ['store', 'namespace', 'aging', 'clock', 'limits', 'resendWindowMs'])
  const {
    store = memoryStore(),
    namespace = DEFAULT_NAMESPACE,
    aging,
    clock = systemClock,
    limits = {},
    resendWindowMs = DEFAULT_RESEND_WINDOW_MS,
  } = options
  namespacesOf(store)
  if (typeof clock?.now !== 'function') throw invalidArgument('memory.clock', 'must have now()')
  return {
    store,
    namespace: checkName('memory.namespace', namespace),
    agingMs: checkAging('memory.aging', aging),
    clock,
    limits: checkLimits('memory.limits', limits),
    resendWindowMs: checkInteger('memory.resendWindowMs', resendWindowMs, 0, MAX_DURATION_MS),
  }
}
