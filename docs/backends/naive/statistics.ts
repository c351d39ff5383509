import {
  STATUS,
  type QueueStatistics,
  type Statistics,
  type Status,
  type StatusCounts,
  type TaskRecord,
} from '@millrace/core'
import type { Store } from './store.ts'

/** Counted at one instant, never kept by hand. */
export function statistics(store: Store, queue: string | undefined): Statistics {
  const names = queue === undefined ? [...new Set(store.linesOf().map((line) => line.split('|')[0] ?? ''))] : [queue]
  const queues = names.map((name) => {
    const records = store.linesOf({ queues: [name] }).flatMap((line) => store.recordsIn(line))
    return { records, about: about(store, name, records) }
  })
  return {
    at: store.now,
    paused: store.paused.namespace,
    counts: countsOf(queues.flatMap(({ records }) => records)),
    queues: queues
      .filter(({ records }) => queue !== undefined || records.length > 0)
      .map(({ about }) => about)
      .toSorted((a, b) => (a.queue < b.queue ? -1 : 1)),
    workers: [...store.workers.values()]
      .map((one) => structuredClone(one))
      .toSorted((a, b) => (a.workerId < b.workerId ? -1 : 1)),
  }
}

function about(store: Store, queue: string, records: readonly TaskRecord[]): QueueStatistics {
  const due = records.filter(({ status }) => status === STATUS.pending).map(({ queuedAt }) => queuedAt)
  return {
    queue,
    counts: countsOf(records),
    paused: store.isPaused(queue),
    oldestDueMs: due.length === 0 ? null : Math.max(0, store.now - Math.min(...due)),
  }
}

function countsOf(records: readonly TaskRecord[]): StatusCounts {
  const count = (status: Status): number => records.filter((record) => record.status === status).length
  return {
    waiting: count(STATUS.waiting),
    pending: count(STATUS.pending),
    scheduled: count(STATUS.scheduled),
    running: count(STATUS.running),
    completed: count(STATUS.completed),
    failed: count(STATUS.failed),
    cancelled: count(STATUS.cancelled),
    expired: count(STATUS.expired),
  }
}
