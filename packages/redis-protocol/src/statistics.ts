import {
  STATUS, STATUSES, type Presence, type QueueStatistics, type Statistics, type StatisticsQuery, type StatusCounts, type WorkerPresence,
} from '@millrace/core' // prettier-ignore
import type { Caller } from './caller.ts'
import { lineOf } from './keys.ts'
import { linesMatching } from './known-lines.ts'
import { statistics as script } from './scripts.generated.ts'
import { garbled } from './server-error.ts'

/** Lines that one script counts: so many at one instant. Those of a larger namespace are counted part by part, each at its own. */
const LINES_AT_ONCE = 128

interface Counted {
  readonly queue: string
  readonly counts: StatusCounts
  readonly paused: boolean
  readonly oldestDueAt: number | null
}

/** Exact: counts are the sizes of indexes, never kept by hand. */
export async function statistics(caller: Caller, { queue }: StatisticsQuery): Promise<Statistics> {
  const names = await linesMatching(caller, { queue })
  const counted: Counted[] = []
  let workers: readonly WorkerPresence[] = []
  let [at, isPaused, isQueuePaused] = [0, false, false]
  let from = 0
  do {
    const lines = names.slice(from, from + LINES_AT_ONCE)
    const { main } = await caller.run(script, { args: { now: caller.now, queue: queue ?? '' }, lines })
    const [now = '', counts = '', registered = '', pausedAll = '', pausedQueue = ''] = main.split('\u001d')
    at = Number(now)
    workers = workersIn(registered)
    isPaused = pausedAll !== ''
    isQueuePaused = pausedQueue !== ''
    const rows = counts === '' ? [] : counts.split('\u001e')
    counted.push(...rows.map((row, i) => countedIn(lines[i] ?? '', row)))
    if (rows.length === 0 && lines.length > 0) throw garbled()
    // Where many ages have to be asked for, a script counts the first ones only.
    from += rows.length
  } while (from < names.length)
  const byQueue = Map.groupBy(counted, (one) => one.queue)
  if (queue !== undefined && !byQueue.has(queue)) byQueue.set(queue, [])
  const queues = [...byQueue].map(([name, lines]): QueueStatistics => {
    const oldest = Math.min(...lines.map(({ oldestDueAt }) => oldestDueAt ?? Infinity))
    return {
      queue: name,
      counts: sum(lines),
      paused: isQueuePaused || lines.some(({ paused }) => paused),
      oldestDueMs: oldest === Infinity ? null : Math.max(0, at - oldest),
    }
  })
  const holdsAny = ({ counts }: QueueStatistics): boolean => STATUSES.some((status) => counts[status] > 0)
  return {
    at,
    counts: sum(counted),
    paused: isPaused,
    queues: queues
      .filter((one) => one.queue === queue || holdsAny(one))
      .toSorted((a, b) => (a.queue < b.queue ? -1 : 1)),
    workers,
  }
}

/** Scheduled records that are due count as pending, wherever they are filed; what was handed over is pending as well. */
function countedIn(line: string, row: string): Counted {
  const words = row.split(' ')
  const numbers = words.slice(0, 10).map(Number)
  const [
    waiting = 0,
    pending = 0,
    external = 0,
    scheduled = 0,
    running = 0,
    completed = 0,
    failed = 0,
    cancelled = 0,
    expired = 0,
    due = 0,
  ] = numbers
  const oldest = words[10] ?? ''
  return {
    queue: lineOf(line).queue,
    counts: {
      waiting,
      pending: pending + external + due,
      scheduled: scheduled - due,
      running,
      completed,
      failed,
      cancelled,
      expired,
    },
    paused: words[11] === 'p',
    oldestDueAt: oldest === '' ? null : Number(oldest),
  }
}

function sum(lines: readonly Counted[]): StatusCounts {
  const total = (status: keyof StatusCounts): number => lines.reduce((all, { counts }) => all + counts[status], 0)
  return {
    waiting: total(STATUS.waiting),
    pending: total(STATUS.pending),
    scheduled: total(STATUS.scheduled),
    running: total(STATUS.running),
    completed: total(STATUS.completed),
    failed: total(STATUS.failed),
    cancelled: total(STATUS.cancelled),
    expired: total(STATUS.expired),
  }
}

/** Names and what was stored of them in turn; what cannot be read is passed over. */
function workersIn(registered: string): readonly WorkerPresence[] {
  const words = registered === '' ? [] : registered.split('\u001e')
  const workers: WorkerPresence[] = []
  for (let i = 0; i < words.length; i += 2) {
    const [, startedAt = '', seenAt = '', said = ''] = /^(\d+) (\d+) (?:\d+ )?(.*)$/s.exec(words[i + 1] ?? '') ?? []
    const presence = presenceIn(said)
    if (presence !== null)
      workers.push({ ...presence, workerId: words[i] ?? '', startedAt: Number(startedAt), seenAt: Number(seenAt) })
  }
  return workers.toSorted((a, b) => (a.workerId < b.workerId ? -1 : 1))
}

function presenceIn(said: string): Presence | null {
  try {
    const value: unknown = JSON.parse(said)
    return isPresence(value) ? value : null
  } catch {
    return null
  }
}

function isPresence(value: unknown): value is Presence {
  return (
    typeof value === 'object' &&
    value !== null &&
    'host' in value &&
    typeof value.host === 'string' &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'concurrency' in value &&
    typeof value.concurrency === 'number' &&
    'lines' in value &&
    Array.isArray(value.lines)
  )
}
