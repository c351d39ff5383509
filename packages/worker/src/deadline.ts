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
export function within<T>(call: Promise<T>, { clock, ms, signal, what }: Deadline): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const waiting = waitingFor(signal)
  const end = (): void => {
    disarm?.()
    waiting.abandons = waiting.abandons.filter((other) => other !== abandon)
  }
  const fail = (error: unknown): void => {
    end()
    reject(error)
  }
  const expire = (): void => fail(unanswered('timeout', `${what} was not answered within ${ms} ms`))
  // What is answered in the very moment in which it is abandoned counts, too.
  const abandon = (): void => queueMicrotask(() => fail(unanswered('closed', `${what} was abandoned`)))
  // After a blocked event loop the timer fires before the answer that has already arrived is read: let that win.
  const disarm = ms === Infinity ? undefined : clock.after(ms, () => setImmediate(expire))
  waiting.abandons.push(abandon)
  void pass(call, { resolve, fail, end })
  if (signal.aborted) abandon()
  return promise
}

interface Waiter<T> {
  readonly resolve: (answer: T) => void
  readonly fail: (error: unknown) => void
  readonly end: () => void
}

async function pass<T>(call: Promise<T>, { resolve, fail, end }: Waiter<T>): Promise<void> {
  try {
    resolve(await call)
    end()
  } catch (error) {
    fail(error)
  }
}

interface Waiting {
  /** Few. Not a set, for the reason that there are registers. */
  abandons: (() => void)[]
}

const all = new WeakMap<AbortSignal, Waiting>()

/** What is abandoned when a signal aborts. With one listener for all: to add and remove one costs as much as everything else about a call. */
function waitingFor(signal: AbortSignal): Waiting {
  const known = all.get(signal)
  if (known !== undefined) return known
  const waiting: Waiting = { abandons: [] }
  all.set(signal, waiting)
  signal.addEventListener('abort', () => {
    for (const abandon of waiting.abandons) abandon()
  })
  return waiting
}

function unanswered(code: 'timeout' | 'closed', message: string): QueueError {
  return new QueueError(code, message, { indeterminate: true })
}
