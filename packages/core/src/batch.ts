import type { Backend, EnqueueResult } from './backend.ts'
import { QueueError } from './errors.ts'
import type { TaskRequest } from './request.ts'
import { isIndeterminate, resending } from './resend.ts'

interface Waiting {
  readonly request: TaskRequest
  readonly resolve: (result: EnqueueResult) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers what one tick enqueues, in order, into few calls: the first goes out once sixteen are there, so that the backend works while the
 * rest is made, and each further one is twice as wide. A call whose reply is lost is repeated once, with the same ids.
 */
export interface EnqueueBatch {
  add(request: TaskRequest): Promise<EnqueueResult>
  /** What came in one piece goes in as few calls as the backend's limit allows. */
  addAll(requests: readonly TaskRequest[]): Promise<readonly EnqueueResult[]>
  /** Sends now what was gathered; resolves when everything sent so far was answered. null: nothing is under way. */
  underWay(): Promise<unknown> | null
  /** Takes no more: what is added from now on is refused as `closed`. */
  end(): void
}

const FIRST_WIDTH = 16

export function enqueueBatch(backend: Backend): EnqueueBatch {
  const most = backend.capabilities.limits.batch
  const sent = new Set<Promise<void>>()
  let waiting: Waiting[] = []
  /** So many of one tick do not wait for its end. */
  let width = FIRST_WIDTH
  let isTickOpen = false
  /** Calls that are being repeated, and those held back behind them: without this, later records would overtake a repeated call's. */
  let held = 0
  let isEnded = false

  function flush(): void {
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    const call = held === 0 ? send(batch) : sendBehind(Promise.all(sent), batch)
    sent.add(call)
    void call.finally(() => sent.delete(call))
  }

  function endTick(): void {
    isTickOpen = false
    width = FIRST_WIDTH
    flush()
  }

  function put(request: TaskRequest): Promise<EnqueueResult> {
    return new Promise((resolve, reject) => {
      if (isEnded) return reject(new QueueError('closed', 'the client is closed'))
      if (!isTickOpen) {
        isTickOpen = true
        queueMicrotask(endTick)
      }
      waiting.push({ request, resolve, reject })
      if (waiting.length >= most) flush()
    })
  }

  function flushWide(): void {
    if (waiting.length < width) return
    width *= 2
    flush()
  }

  async function sendBehind(earlier: Promise<unknown>, batch: readonly Waiting[]): Promise<void> {
    held++
    await earlier
    held--
    await send(batch)
  }

  async function send(batch: readonly Waiting[]): Promise<void> {
    const requests = batch.map(({ request }) => request)
    let calls = 0
    try {
      const results = await resending(() => {
        if (++calls === 2) held++
        return backend.enqueue(requests)
      })
      for (const [i, { resolve, reject }] of batch.entries()) {
        const result = results[i]
        if (result === undefined)
          reject(new QueueError('corrupt_record', 'the backend answered fewer enqueues than it got'))
        else resolve(result)
      }
    } catch (error) {
      for (const { request, reject } of batch) reject(isIndeterminate(error) ? unknownFate(error, request) : error)
    } finally {
      if (calls === 2) held--
    }
  }

  return {
    add(request) {
      const result = put(request)
      flushWide()
      return result
    },
    addAll(requests) {
      const results = Promise.all(requests.map(put))
      flushWide()
      return results
    },
    underWay() {
      flush()
      return sent.size === 0 ? null : Promise.all(sent)
    },
    end() {
      isEnded = true
    },
  }
}

function unknownFate(cause: QueueError, { id }: TaskRequest): QueueError {
  const message = `${cause.message}; the record ${id} may have been written or not: get() tells`
  return new QueueError(cause.code, message, { indeterminate: true, cause })
}
