import { QueueError, type Clock } from '@millrace/core'
import { createAlarm } from './alarm.ts'

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
  const waiting = waitingUntil(signal, clock)
  const waiter = { what, ms, until: clock.now() + ms, reject }
  waiting.add(waiter)
  void pass(call, resolve, { waiter, waiting })
  return promise
}

async function pass<T>(
  call: Promise<T>,
  resolve: (answer: T) => void,
  { waiter, waiting }: { readonly waiter: Waiter; readonly waiting: Waiting },
): Promise<void> {
  try {
    resolve(await call)
  } catch (error) {
    waiter.reject(error)
  } finally {
    waiting.remove(waiter)
  }
}

interface Waiter {
  readonly what: string
  readonly ms: number
  readonly until: number
  readonly reject: (error: unknown) => void
}

/** Those who wait until a signal aborts. */
interface Waiting {
  add(waiter: Waiter): void
  remove(waiter: Waiter): void
}

const all = new WeakMap<AbortSignal, Waiting>()

function waitingUntil(signal: AbortSignal, clock: Clock): Waiting {
  const known = all.get(signal)
  if (known !== undefined) return known
  const waiting = createWaiting(signal, clock)
  all.set(signal, waiting)
  return waiting
}

/** With one listener and one alarm for all: to add and remove those costs as much as everything else about a call. */
function createWaiting(signal: AbortSignal, clock: Clock): Waiting {
  /** Few. Not a set, for the reason that there are registers. */
  let waiters: readonly Waiter[] = []
  // After a blocked event loop the timer fires before the answer that has already arrived is read: let that win.
  const alarm = createAlarm(clock, () => setImmediate(expire))

  function expire(): void {
    const now = clock.now()
    for (const waiter of waiters) {
      const { what, ms, until } = waiter
      if (until <= now) fail(waiter, unanswered('timeout', `${what} was not answered within ${ms} ms`))
      else alarm.set(until)
    }
  }

  function abandon(waiter: Waiter): void {
    // What is answered in the very moment in which it is abandoned counts, too.
    queueMicrotask(() => fail(waiter, unanswered('closed', `${waiter.what} was abandoned`)))
  }

  function fail(waiter: Waiter, error: QueueError): void {
    remove(waiter)
    waiter.reject(error)
  }

  function remove(waiter: Waiter): void {
    waiters = waiters.filter((other) => other !== waiter)
  }

  signal.addEventListener('abort', () => {
    alarm.off()
    waiters.forEach(abandon)
  })
  return {
    add(waiter) {
      waiters = [...waiters, waiter]
      if (signal.aborted) abandon(waiter)
      else alarm.set(waiter.until)
    },
    remove,
  }
}

function unanswered(code: 'timeout' | 'closed', message: string): QueueError {
  return new QueueError(code, message, { indeterminate: true })
}
