import { checkOneOf, checkOptions } from './check.ts'
import { durationMs, type Duration } from './duration.ts'
import { invalidArgument } from './errors.ts'
import { MAX_DURATION_MS } from './limits.ts'

/**
 * How long to wait before a retry, in ms: a pure function of the retries already used (0 before the first) and a source of
 * random numbers in [0, 1). Any function of this shape will do.
 */
export type RetryPolicy = (retryCount: number, random: () => number) => number

export interface ExponentialOptions {
  /** The delay grows by this factor with each retry; default 2. */
  readonly factor?: number
  /** No delay is longer; default 1 h. */
  readonly max?: Duration
  /**
   * `full` (default): uniformly between 0 and the delay, so that work that failed together does not come back together
   * (M. Brooker, "Exponential Backoff And Jitter", 2015). `none`: exactly the delay.
   */
  readonly jitter?: 'full' | 'none'
}

/** The same delay before every retry. */
export function fixed(delay: Duration): RetryPolicy {
  const ms = durationMs('delay', delay)
  return () => ms
}

/** `first`, then `factor` times longer with each retry, up to `max`. */
export function exponential(first: Duration, options: ExponentialOptions = {}): RetryPolicy {
  checkOptions('options', options, ['factor', 'max', 'jitter'])
  const { factor = 2, max = '1h', jitter = 'full' } = options
  checkOneOf('options.jitter', jitter, ['full', 'none'])
  const firstMs = durationMs('first', first)
  const maxMs = durationMs('options.max', max)
  if (!(Number.isFinite(factor) && factor >= 1))
    throw invalidArgument('options.factor', 'must be a number of at least 1')
  return (retryCount, random) => {
    // A finite growth, because 0 times Infinity is no number.
    const growth = Math.min(factor ** retryCount, Number.MAX_VALUE)
    const delay = Math.min(maxMs, firstMs * growth)
    return Math.round(jitter === 'full' ? random() * delay : delay)
  }
}

/** What a task retries with unless it says otherwise. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = exponential('1s', { max: '10m' })

/**
 * A policy's answer as a delay that every backend takes, whatever a policy of the user's own returns. What is no number says nothing,
 * least of all "in a hundred years": then it is the default policy's answer.
 */
export function retryDelayMs(policy: RetryPolicy, retryCount: number, random: () => number): number {
  const answer: unknown = policy(retryCount, random)
  const isNumber = typeof answer === 'number' && !Number.isNaN(answer)
  const delay = isNumber ? answer : DEFAULT_RETRY_POLICY(retryCount, random)
  return Math.round(Math.min(Math.max(0, delay), MAX_DURATION_MS))
}
