import { QueueError } from '@millrace/core'

interface Call {
  /** By the monotonic clock, so that a machine whose time is set has no calls late at once. */
  readonly dueAt: number
  /** null once it was answered: an old table of the set keeps the call alive for a while, and the answer must not stay with it. */
  giveUp: ((problem: QueueError) => void) | null
}

/** `setTimeout` fires at once beyond this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** How long calls may take, all of them as long. One timer serves them all: a busy client makes thousands of calls while it runs. */
export class Deadlines {
  readonly #ms: number
  /** The oldest first. */
  readonly #calls = new Set<Call>()
  #isArmed = false

  constructor(ms: number) {
    this.#ms = ms
  }

  /** The same; once it takes too long, an indeterminate `timeout`, and what it answers later is dropped. */
  within<T>(answer: Promise<T>): Promise<T> {
    // No race: that would make three promises more, and a worker waits like this for each of its calls.
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const call: Call = { dueAt: performance.now() + this.#ms, giveUp: reject }
    this.#calls.add(call)
    if (!this.#isArmed) this.#arm(this.#ms)
    answer.then(resolve, reject)
    const forget = (): void => {
      call.giveUp = null
      this.#calls.delete(call)
    }
    promise.then(forget, forget)
    return promise
  }

  /** It runs on when all calls were answered: the next one finds it, and the process need not wait for it. */
  #arm(ms: number): void {
    this.#isArmed = true
    const timer = setTimeout(() => this.#look(), Math.min(Math.ceil(ms), LONGEST_TIMER_MS))
    timer.unref()
  }

  #look(): void {
    this.#isArmed = false
    const now = performance.now()
    for (const call of this.#calls) {
      if (call.dueAt > now) return this.#arm(call.dueAt - now)
      this.#calls.delete(call)
      call.giveUp?.(unanswered(this.#ms))
    }
  }
}

function unanswered(ms: number): QueueError {
  return new QueueError('timeout', `no answer from the server within ${ms} ms`, { indeterminate: true })
}
