import { checkDuration, checkTime } from './check.ts'
import type { Duration } from './duration.ts'

/*
 * What a handler throws when it has decided by itself what becomes of its record. Each is an Error, so that a handler that is run without a
 * worker, in a test say, fails in a way that can be read.
 */

type Kind = 'snooze' | 'retry' | 'discard'

/** Not now: the record waits and is claimed again. No retry is consumed, and nothing counts as failed. */
export class Snooze extends Error {
  override readonly name: string = 'Snooze'
  /** By this a verdict is known, also one that another copy of this package has made. */
  readonly millrace: Kind = 'snooze'
  readonly delayMs: number

  /** @throws QueueError `invalid_argument` for a bad delay. */
  constructor(delay: Duration) {
    const delayMs = checkDuration('snooze delay', delay)
    super(`not before ${delayMs} ms have passed`)
    this.delayMs = delayMs
  }
}

/** This attempt has failed, and the next one is due at that instant, whatever the task's backoff says. It needs a retry that is left. */
export class RetryAt extends Error {
  override readonly name: string = 'RetryAt'
  readonly millrace: Kind = 'retry'
  /** Epoch milliseconds, by the worker's clock. */
  readonly at: number

  /** `cause` is what went wrong, and is stored with it. @throws QueueError `invalid_argument` for a bad instant. */
  constructor(at: Date | number, options: { readonly cause?: unknown } = {}) {
    const instant = checkTime('RetryAt at', at)
    super(`failed, to be tried again at ${new Date(instant).toISOString()}`, options)
    this.at = instant
  }
}

/** The record has failed for good, however many retries are left. */
export class Discard extends Error {
  override readonly name: string = 'Discard'
  readonly millrace: Kind = 'discard'
}

/** `throw snooze('5m')` */
export function snooze(delay: Duration): Snooze {
  return new Snooze(delay)
}

/** What a handler has decided; null for a failure like any other. Reading it never throws. */
export type Verdict =
  | { readonly kind: 'snooze'; readonly delayMs: number }
  | { readonly kind: 'retry'; readonly at: number }
  | { readonly kind: 'discard' }

export function verdictOf(thrown: unknown): Verdict | null {
  try {
    if (typeof thrown !== 'object' || thrown === null || !('millrace' in thrown)) return null
    if (thrown.millrace === 'discard') return { kind: 'discard' }
    if (thrown.millrace === 'snooze' && 'delayMs' in thrown)
      return { kind: 'snooze', delayMs: checkDuration('delay', Number(thrown.delayMs)) }
    if (thrown.millrace === 'retry' && 'at' in thrown) return { kind: 'retry', at: checkTime('at', thrown.at) }
    return null
  } catch {
    return null
  }
}
