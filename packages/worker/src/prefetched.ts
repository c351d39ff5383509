import { createRegister, type HeldAttempt, type TaskRecord } from '@millrace/core'

/** Records that were claimed and whose handlers have not been started, in the order in which they were claimed. */
export interface Prefetched extends Iterable<TaskRecord> {
  readonly size: number
  /** When the oldest one was claimed; Infinity if there is none. */
  readonly oldestAt: number
  attempts(): readonly HeldAttempt[]
  find(id: string): TaskRecord | undefined
  /** An older attempt on the same record gives way: it cannot be the current one. */
  add(record: TaskRecord, at: number): void
  /** The next one to start; no longer prefetched. */
  take(): TaskRecord | undefined
  remove(attempt: HeldAttempt): void
}

export function createPrefetched(): Prefetched {
  const entries = createRegister<{ readonly record: TaskRecord; readonly at: number }>()
  const first = (): { readonly record: TaskRecord; readonly at: number } | undefined => entries.values().next().value
  return {
    get size() {
      return entries.size
    },
    get oldestAt() {
      return first()?.at ?? Infinity
    },
    attempts: () => [...entries.values()].map(({ record: { id, attempt } }) => ({ id, attempt })),
    find: (id) => entries.get(id)?.record,
    add(record, at) {
      entries.delete(record.id)
      entries.set(record.id, { record, at })
    },
    take() {
      const record = first()?.record
      if (record !== undefined) entries.delete(record.id)
      return record
    },
    remove({ id, attempt }) {
      if (entries.get(id)?.record.attempt === attempt) entries.delete(id)
    },
    *[Symbol.iterator]() {
      for (const { record } of entries.values()) yield record
    },
  }
}
