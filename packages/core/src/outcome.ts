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
    super(
      record === null ? `record ${id} does not exist (any more)` : `${record.taskName} ${id} ${record.status}${why}`,
    )
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
/** And for the last time so long before the end, so that the answer comes in time. */
const LAST_LOOK_MS = 100

/**
 * The record once it is terminal; null once it is gone. Armed before the first look, so that no end falls between. The time is kept
 * whatever the backend does; with none there is one look, for as long as that takes.
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
  const over = new AbortController()
  const { promise: end, reject } = Promise.withResolvers<never>()
  let last: TaskRecord | null = null
  let closed: Promise<unknown> = Promise.resolve()

  function giveUp(reason: unknown): void {
    over.abort()
    reject(reason)
  }

  async function look(): Promise<TaskRecord | null> {
    const watch = timeoutMs === 0 ? null : await backend.watch({ ids: [id] })
    try {
      for (;;) {
        over.signal.throwIfAborted()
        const [record = null] = await backend.get([id])
        if (record === null || isTerminal(record.status)) return record
        last = record
        const left = deadline - clock.now()
        if (watch === null || left <= 0) throw tooLate(id, record, timeoutMs)
        const ms = Math.min(left > LAST_LOOK_MS ? left - LAST_LOOK_MS : left, RECHECK_MS)
        await oneHint((signal) => watch.next({ signal }), clock, ms, over.signal)
      }
    } finally {
      // It is only of help: what becomes of it changes no outcome.
      closed = watch?.close().catch(() => {}) ?? closed
    }
  }

  const onAbort = (): void => giveUp(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  const disarm = timeoutMs === 0 ? null : clock.after(timeoutMs, () => giveUp(tooLate(id, last, timeoutMs)))
  try {
    return await Promise.race([look(), end])
  } finally {
    await Promise.race([closed, end.catch(() => {})])
    disarm?.()
    signal?.removeEventListener('abort', onAbort)
  }
}

function tooLate(id: string, last: TaskRecord | null, timeoutMs: number): QueueError {
  const what = last === null ? `record ${id} was not seen` : `${last.taskName} ${id} was still ${last.status}`
  return new QueueError('timeout', `${what} after ${timeoutMs} ms`, { parameter: 'options.timeout' })
}

/** Until a hint comes, the time is over, or the signal aborts. */
async function oneHint(
  next: (signal: AbortSignal) => Promise<unknown>,
  clock: Clock,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const one = new AbortController()
  const end = (): void => {
    disarm()
    one.abort()
  }
  const disarm = clock.after(ms, end)
  signal.addEventListener('abort', end)
  try {
    await next(one.signal)
  } finally {
    disarm()
    signal.removeEventListener('abort', end)
  }
}
