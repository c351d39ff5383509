import type { Backend, EnqueueResult } from './backend.ts'
import { QueueError } from './errors.ts'
import type { TaskRequest } from './request.ts'
import { isIndeterminate, resend } from './resend.ts'

interface Waiting {
  readonly request: TaskRequest
  readonly resolve: (result: EnqueueResult) => void
  readonly reject: (error: unknown) => void
}

/** Gathers what one tick enqueues into one call, in order. A call whose reply is lost is repeated once, with the same ids. */
export interface EnqueueBatch {
  add(request: TaskRequest): Promise<EnqueueResult>
  /** Sends now what was gathered; resolves when everything sent so far was answered. null: nothing is under way. */
  underWay(): Promise<unknown> | null
  /** Takes no more: what is added from now on is refused as `closed`. */
  end(): void
}

export function enqueueBatch(backend: Backend): EnqueueBatch {
  const most = backend.capabilities.limits.batch
  const sent = new Map<readonly Waiting[], Promise<void>>()
  let waiting: Waiting[] = []
  /** Calls that are being repeated, and those held back behind them: without this, later records would overtake a repeated call's. */
  let held = 0
  let isEnded = false

  function flush(): void {
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    sent.set(batch, held === 0 ? send(batch) : sendBehind(Promise.all(sent.values()), batch))
  }

  async function sendBehind(earlier: Promise<unknown>, batch: readonly Waiting[]): Promise<void> {
    held++
    await earlier
    held--
    await send(batch)
  }

  async function send(batch: readonly Waiting[]): Promise<void> {
    const requests = batch.map(({ request }) => request)
    try {
      settle(batch, await backend.enqueue(requests))
    } catch (error) {
      await failed(batch, requests, error)
    }
    sent.delete(batch)
  }

  /** Once more where nobody knows what became of the call. */
  async function failed(batch: readonly Waiting[], requests: readonly TaskRequest[], error: unknown): Promise<void> {
    if (!isIndeterminate(error)) return batch.forEach(({ reject }) => reject(error))
    held++
    try {
      settle(batch, await resend(() => backend.enqueue(requests), error))
    } catch (again) {
      for (const { request, reject } of batch) reject(isIndeterminate(again) ? unknownFate(again, request) : again)
    }
    held--
  }

  return {
    add(request) {
      return new Promise((resolve, reject) => {
        if (isEnded) return reject(new QueueError('closed', 'the client is closed'))
        if (waiting.length === 0) void TICK.then(flush)
        waiting.push({ request, resolve, reject })
        if (waiting.length >= most) flush()
      })
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

function settle(batch: readonly Waiting[], results: readonly EnqueueResult[]): void {
  batch.forEach(({ resolve, reject }, i) => {
    const result = results[i]
    if (result === undefined)
      reject(new QueueError('corrupt_record', 'the backend answered fewer enqueues than it got'))
    else resolve(result)
  })
}

/** What is put behind it happens at the end of the tick; `queueMicrotask` would make an object for `async_hooks` each time. */
const TICK = Promise.resolve()

function unknownFate(cause: QueueError, { id }: TaskRequest): QueueError {
  const message = `${cause.message}; the record ${id} may have been written or not: get() tells`
  return new QueueError(cause.code, message, { indeterminate: true, cause })
}
