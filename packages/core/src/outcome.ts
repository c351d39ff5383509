import type { Backend } from './backend.ts'
import type { Clock } from './clock.ts'
import { QueueError } from './errors.ts'
import type { TaskRecord } from './record.ts'
import { isTerminal, type Status } from './status.ts'

/** How a record that was waited for ended, if not with a result. */
export class TaskOutcomeError extends Error {
  override readonly name: string = 'TaskOutcomeError'
  readonly id: string
  /** null: the record is gone, removed by retention or never there. */
  readonly status: Status | null
  /** As last seen, with `error` saying why; null if it is gone. */
  readonly record: TaskRecord | null

  constructor(id: string, record: TaskRecord | null) {
    const why = record?.error ? `: ${record.error.message}` : ''
    super(record === null ? `task ${id} does not exist (any more)` : `${record.taskName} ${id} ${record.status}${why}`)
    this.id = id
    this.status = record?.status ?? null
    this.record = record
  }
}

export interface AwaitOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** Looked at again after this long although no hint came: hints may be lost. */
const RECHECK_MS = 5_000

/**
 * The record once it is terminal; null once it is gone. Armed before the first look, so that no end falls between.
 * @throws QueueError `timeout`; the signal's reason if it aborts.
 */
export async function awaitOutcome(
  backend: Backend,
  clock: Clock,
  id: string,
  { timeoutMs, signal }: AwaitOptions,
): Promise<TaskRecord | null> {
  signal?.throwIfAborted()
  const deadline = clock.now() + timeoutMs
  const watch = await backend.watch({ ids: [id] })
  try {
    for (;;) {
      const [record = null] = await backend.get([id])
      if (record === null || isTerminal(record.status)) return record
      signal?.throwIfAborted()
      const left = deadline - clock.now()
      if (left <= 0)
        throw new QueueError('timeout', `${record.taskName} ${id} was still ${record.status} after ${timeoutMs} ms`, {
          parameter: 'options.timeout',
        })
      await oneHint((one) => watch.next(one), clock, Math.min(left, RECHECK_MS), signal)
    }
  } finally {
    await watch.close()
  }
}

/** Until a hint comes, the time is over, or the signal aborts. */
async function oneHint(
  next: (signal: AbortSignal) => Promise<unknown>,
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const over = new AbortController()
  const end = (): void => over.abort()
  const disarm = clock.after(ms, end)
  signal?.addEventListener('abort', end)
  try {
    await next(over.signal)
  } finally {
    disarm()
    signal?.removeEventListener('abort', end)
  }
}
