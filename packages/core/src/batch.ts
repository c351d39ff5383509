import type { Backend, EnqueueResult } from './backend.ts'
import { QueueError } from './errors.ts'
import type { TaskRequest } from './request.ts'
import { isIndeterminate, resend } from './resend.ts'

interface Waiting {
  readonly request: TaskRequest
  resolve(result: EnqueueResult): void
  reject(error: unknown): void
}

/**
 * Gathers what one tick enqueues into one call, or a few if it is much, in order. A call whose reply is lost is repeated once, with the
 * same ids.
 */
export interface EnqueueBatch {
  add(request: TaskRequest): Promise<EnqueueResult>
  /** The same of many, with one promise for all their results, in order; it rejects as the first one of them does. */
  addAll(requests: readonly TaskRequest[]): Promise<readonly EnqueueResult[]>
  /** Sends now what was gathered; resolves when everything sent so far was answered. null: nothing is under way. */
  underWay(): Promise<unknown> | null
  /** Takes no more: what is added from now on is refused as `closed`. */
  end(): void
}

/**
 * So many of one tick are a call of their own, and twice as many the next one: the backend works on them while the others are made, and a
 * tick of very many takes few calls nevertheless.
 */
const FIRST_CALL = 25

export function enqueueBatch(backend: Backend): EnqueueBatch {
  const most = backend.capabilities.limits.batch
  /** So many of those gathered are a call before this tick ends. */
  let enough = FIRST_CALL
  /** By number: an old table of the map keeps its keys alive for a while, and all that was enqueued must not stay with it. */
  const sent = new Map<number, Promise<void>>()
  let calls = 0
  let waiting: Waiting[] = []
  /** Calls that are being repeated, and those held back behind them: without this, later records would overtake a repeated call's. */
  let held = 0
  let isEnded = false

  function flush(): void {
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    const call = (calls += 1)
    sent.set(call, held === 0 ? send(call, batch) : sendBehind(Promise.all(sent.values()), call, batch))
  }

  async function sendBehind(earlier: Promise<unknown>, call: number, batch: readonly Waiting[]): Promise<void> {
    held++
    await earlier
    held--
    await send(call, batch)
  }

  async function send(call: number, batch: readonly Waiting[]): Promise<void> {
    const requests = batch.map(({ request }) => request)
    try {
      settle(batch, await backend.enqueue(requests))
    } catch (error) {
      await failed(batch, requests, error)
    }
    sent.delete(call)
  }

  /** Once more where nobody knows what became of the call. */
  async function failed(batch: readonly Waiting[], requests: readonly TaskRequest[], error: unknown): Promise<void> {
    if (!isIndeterminate(error)) return batch.forEach((one) => one.reject(error))
    held++
    try {
      settle(batch, await resend(() => backend.enqueue(requests), error))
    } catch (again) {
      for (const one of batch) one.reject(isIndeterminate(again) ? unknownFate(again, one.request) : again)
    }
    held--
  }

  function join(one: Waiting): void {
    if (isEnded) return one.reject(new QueueError('closed', 'the client is closed'))
    if (waiting.length === 0) void TICK.then(endTick)
    waiting.push(one)
    if (waiting.length >= most) flush()
  }

  function endTick(): void {
    enough = FIRST_CALL
    flush()
  }

  /** Not while keys are being taken: a call that ends with one cannot be seen to have been persisted by those behind it. */
  function flushEarly(): void {
    if (waiting.length < enough || waiting.at(-1)?.request.key !== null) return
    enough *= 2
    flush()
  }

  function add(request: TaskRequest): Promise<EnqueueResult> {
    const { promise, resolve, reject } = Promise.withResolvers<EnqueueResult>()
    join({ request, resolve, reject })
    flushEarly()
    return promise
  }

  return {
    add,
    addAll(requests) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly EnqueueResult[]>()
      const gathering: Gathering = { results: [], left: requests.length, resolve, reject }
      if (requests.length === 0) resolve([])
      for (const [place, request] of requests.entries()) join(new OneOfMany(request, place, gathering))
      return promise
    },
    underWay() {
      flush()
      return sent.size === 0 ? null : Promise.all(sent.values())
    },
    end() {
      isEnded = true
    },
  }
}

/** The results of requests that were added together. */
interface Gathering {
  readonly results: EnqueueResult[]
  /** Requests that have none yet. */
  left: number
  resolve(results: readonly EnqueueResult[]): void
  reject(error: unknown): void
}

/** A class, because a promise and two functions for each were a tenth of what a bulk enqueue left behind. */
class OneOfMany implements Waiting {
  readonly request: TaskRequest
  readonly #place: number
  readonly #gathering: Gathering

  constructor(request: TaskRequest, place: number, gathering: Gathering) {
    this.request = request
    this.#place = place
    this.#gathering = gathering
  }

  resolve(result: EnqueueResult): void {
    const { results } = this.#gathering
    results[this.#place] = result
    this.#gathering.left -= 1
    if (this.#gathering.left === 0) this.#gathering.resolve(results)
  }

  reject(error: unknown): void {
    this.#gathering.reject(error)
  }
}

function settle(batch: readonly Waiting[], results: readonly EnqueueResult[]): void {
  batch.forEach((one, i) => {
    const result = results[i]
    if (result === undefined)
      one.reject(new QueueError('corrupt_record', 'the backend answered fewer enqueues than it got'))
    else one.resolve(result)
  })
}

/** What is put behind it happens at the end of the tick; `queueMicrotask` would make an object for `async_hooks` each time. */
const TICK = Promise.resolve()

function unknownFate(cause: QueueError, { id }: TaskRequest): QueueError {
  const message = `${cause.message}; the record ${id} may have been written or not: get() tells`
  return new QueueError(cause.code, message, { indeterminate: true, cause })
}
