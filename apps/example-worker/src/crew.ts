import type { Client } from '@millrace/core'
import { createWorker, type WorkerOptions } from '@millrace/worker'
import { queuesOf } from './queues.ts'

/** Whoever works for the demo. */
export interface Crew {
  /** How many, for people. */
  readonly words: string
  /** Resolves once all of it works. */
  readonly ready: Promise<unknown>
  /** Aborts, with the reason, when nobody will work any more. */
  readonly broken: AbortSignal
  /** Claims no more, lets handlers finish for a moment, gives back what they could not. */
  stop(): Promise<void>
}

const GRACE = '2s'

/** One worker in this process. */
export function crewHere(
  client: Client,
  { concurrency, ...options }: Omit<WorkerOptions, 'client' | 'concurrency'> & { readonly concurrency: number },
): Crew {
  const worker = createWorker({ client, concurrency, queues: queuesOf(options.tasks), ...options })
  const over = new AbortController()
  const broken = new AbortController()
  const working = worker.run({ signal: over.signal, grace: GRACE }).catch((error: unknown) => broken.abort(error))
  return {
    words: `${concurrency} handlers at once`,
    // What keeps it from starting breaks it.
    ready: Promise.resolve(),
    broken: broken.signal,
    async stop() {
      over.abort()
      await working
    },
  }
}
