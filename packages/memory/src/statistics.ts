import {
  STATUS,
  STATUSES,
  type QueueStatistics,
  type Statistics,
  type StatisticsQuery,
  type StatusCounts,
} from '@millrace/core'
import type { IndexName } from './filing.ts'
import type { LineState } from './lines.ts'
import type { Namespace } from './namespace.ts'
import { oldestDue } from './oldest-due.ts'

/** Exact at one instant: counts are the sizes of indexes, never kept by hand. */
export function statistics(namespace: Namespace, { queue }: StatisticsQuery, now: number): Statistics {
  const lines = namespace.lines.matching({ queue })
  const byQueue = Map.groupBy(lines, (line) => line.queue)
  if (queue !== undefined && !byQueue.has(queue)) byQueue.set(queue, [])
  const queues = [...byQueue].map(([name, some]): QueueStatistics => {
    const oldest = oldestDue(namespace, some, now)
    return {
      queue: name,
      counts: countsOf(some, now),
      paused: namespace.pauses.holds({ queue: name }),
      oldestDueMs: oldest === null ? null : Math.max(0, now - oldest),
    }
  })
  const holdsAny = ({ counts }: QueueStatistics): boolean => STATUSES.some((status) => counts[status] > 0)
  return {
    at: now,
    counts: countsOf(lines, now),
    paused: namespace.pauses.shown().namespace,
    queues: queues
      .filter((one) => one.queue === queue || holdsAny(one))
      .toSorted((a, b) => (a.queue < b.queue ? -1 : 1)),
    workers: [...namespace.workers.values()]
      .map((one) => structuredClone(one))
      .toSorted((a, b) => (a.workerId < b.workerId ? -1 : 1)),
  }
}

/** Scheduled records that are due count as pending, wherever they are filed. */
function countsOf(lines: readonly LineState[], now: number): StatusCounts {
  const total = (count: (line: LineState) => number): number => lines.reduce((sum, line) => sum + count(line), 0)
  const size = (index: IndexName): number => total(({ indexes }) => indexes[index].size)
  const due = total(({ indexes }) => indexes.scheduled.countUpTo(now))
  return {
    waiting: size(STATUS.waiting),
    pending: size(STATUS.pending) + size('external') + due,
    scheduled: size(STATUS.scheduled) - due,
    running: size(STATUS.running),
    completed: size(STATUS.completed),
    failed: size(STATUS.failed),
    cancelled: size(STATUS.cancelled),
    expired: size(STATUS.expired),
  }
}
