import { QueueError, type Clock } from '@millrace/core'

export interface Deadline {
  readonly clock: Clock
  /** Infinity: no limit. */
  readonly ms: number
  /** Nobody waits any more. */
  readonly signal: AbortSignal
  /** What is waited for, for the error. */
  readonly what: string
}

/**
 * The answer of a call, or an indeterminate `timeout`; what the call answers later is dropped. Backends have deadlines of their
 * own: this one is for those that fail to keep them, because a call that hangs for ever would end the worker in silence.
 */
export async function within<T>(call: Promise<T>, { clock, ms, signal, what }: Deadline): Promise<T> {
  const late = Promise.withResolvers<never>()
  const expire = (): void => late.reject(unanswered('timeout', `${what} was not answered within ${ms} ms`))
  const abandon = (): void => late.reject(unanswered('closed', `${what} was abandoned`))
  // After a blocked event loop the timer fires before the answer that has already arrived is read: let that win.
  const disarm = ms === Infinity ? undefined : clock.after(ms, () => setImmediate(expire))
  signal.addEventListener('abort', abandon)
  if (signal.aborted) abandon()
  try {
    return await Promise.race([call, late.promise])
  } finally {
    disarm?.()
    signal.removeEventListener('abort', abandon)
  }
}

function unanswered(code: 'timeout' | 'closed', message: string): QueueError {
  return new QueueError(code, message, { indeterminate: true })
}
