import { STATUS, STATUSES, type Status, type TaskRecord } from '@millrace/core'
import { formatCount } from './amounts.ts'

interface QueueRow {
  readonly queue: string
  readonly counts: Readonly<Partial<Record<Status, number>>>
  readonly attempts: number
  readonly retries: number
  readonly recoveries: number
}

/** One row per queue, counted from the records themselves. */
function queueRows(records: readonly TaskRecord[]): readonly QueueRow[] {
  const queues = [...new Set(records.map(({ queue }) => queue))].toSorted()
  return queues.map((queue) =>
    summed(
      queue,
      records.filter((record) => record.queue === queue),
    ),
  )
}

/** Queues down, statuses and counters across, with a line of sums. Statuses that no record has are left out, but `completed` and `failed`. */
export function statisticsTable(records: readonly TaskRecord[]): string {
  const rows = [...queueRows(records), summed('all', records)]
  const statuses = STATUSES.filter(
    (status) => ALWAYS.includes(status) || records.some((record) => record.status === status),
  )
  return layout([
    ['queue', ...statuses, 'attempts', 'retries', 'recoveries'],
    ...rows.map(({ queue, counts, attempts, retries, recoveries }) => [
      queue,
      ...[...statuses.map((status) => counts[status] ?? 0), attempts, retries, recoveries].map(formatCount),
    ]),
  ])
}

const ALWAYS: readonly Status[] = [STATUS.completed, STATUS.failed]

function summed(queue: string, records: readonly TaskRecord[]): QueueRow {
  const counts: Partial<Record<Status, number>> = {}
  for (const { status } of records) counts[status] = (counts[status] ?? 0) + 1
  return {
    queue,
    counts,
    attempts: records.reduce((sum, { attempt }) => sum + attempt, 0),
    retries: records.reduce((sum, { retryCount }) => sum + retryCount, 0),
    recoveries: records.reduce((sum, { recoveries }) => sum + recoveries, 0),
  }
}

/** Words to the left, numbers to the right, a rule below the head and above the sums. */
function layout(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
  const rule = '-'.repeat(lines[0]?.length ?? 0)
  return [lines[0], rule, ...lines.slice(1, -1), rule, lines.at(-1)].map((line) => `  ${line ?? ''}\n`).join('')
}
