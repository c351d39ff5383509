import type { Backend, EnqueueResult } from './backend.ts'
import type { TaskRequest } from './request.ts'

interface Waiting {
  readonly request: TaskRequest
  readonly resolve: (result: EnqueueResult) => void
  readonly reject: (error: unknown) => void
}

/** Gathers what one tick enqueues into one call, in order. */
export interface EnqueueBatch {
  add(request: TaskRequest): Promise<EnqueueResult>
  /** Sends now what was gathered: before any other call of the same client, which must find it. */
  flush(): void
  /** Resolves when everything sent so far was answered. */
  settled(): Promise<void>
}

export function enqueueBatch(backend: Backend): EnqueueBatch {
  const most = backend.capabilities.limits.batch
  const sent = new Set<Promise<void>>()
  let waiting: Waiting[] = []

  function flush(): void {
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    const call = send(batch)
    sent.add(call)
    void call.finally(() => sent.delete(call))
  }

  async function send(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await backend.enqueue(batch.map(({ request }) => request))
      for (const [i, result] of results.entries()) batch[i]?.resolve(result)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  return {
    add(request) {
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) queueMicrotask(flush)
        waiting.push({ request, resolve, reject })
        if (waiting.length >= most) flush()
      })
    },
    flush,
    async settled() {
      flush()
      await Promise.all(sent)
    },
  }
}
