import {
  cursorPosition, cursorText, isTerminal, MAX_EXAMINED, STATUS, type ListQuery, type Page, type TaskRecord,
} from '@millrace/core' // prettier-ignore
import { executionScore } from './row.ts'
import type { Store } from './store.ts'

/** A page of a view, in its order; the cursor is the place of the last record examined, so that others may come and go meanwhile. */
export function list(store: Store, query: ListQuery): Page {
  const { view, queue, executionBackend, taskName, external, since, limit = 100, cursor = null } = query
  const order = query.order ?? (view !== 'next' && isTerminal(view) ? 'desc' : 'asc')
  const name = JSON.stringify({ view, order, queue, executionBackend, taskName, external, since })
  const from = cursor === null ? null : placeIn(cursorPosition('list.cursor', name, cursor))
  if (limit === 0) return { records: [], cursor }

  const direction = order === 'asc' ? 1 : -1
  const left = store
    .linesOf({ queues: queue === undefined ? undefined : [queue], executionBackend })
    .flatMap((line) => store.recordsIn(line))
    .filter((record) => isInView(record, query, store.now))
    .map((record) => ({ record, score: scoreIn(view, record, store.step), id: record.id }))
    .filter((place) => from === null || direction * compare(place, from) > 0)
    .toSorted((a, b) => direction * compare(a, b))

  const records: TaskRecord[] = []
  for (const [examined, { record }] of left.entries()) {
    const last = left[examined - 1]
    if (last !== undefined && (records.length === limit || examined === MAX_EXAMINED)) {
      return { records, cursor: cursorText(name, `${last.score} ${last.id}`) }
    }
    if (isWanted(record, query)) records.push(record)
  }
  return { records, cursor: null }
}

interface Place {
  readonly score: number
  readonly id: string
}

function placeIn(position: string): Place {
  const [score, id = ''] = position.split(' ')
  return { score: Number(score), id }
}

function compare(a: Place, b: Place): number {
  return a.score - b.score || (a.id < b.id ? -1 : Number(a.id > b.id))
}

/** Waiting and running ones go by id alone, because a heartbeat must not move a record under a cursor. */
function scoreIn(view: ListQuery['view'], record: TaskRecord, step: number): number {
  if (view === 'next' || view === STATUS.pending) return executionScore(record, step)
  if (view === STATUS.scheduled) return record.scheduledAt ?? 0
  return isTerminal(view) ? (record.completedAt ?? 0) : 0
}

function isInView(record: TaskRecord, { view, external, since }: ListQuery, now: number): boolean {
  if (view !== 'next') return record.status === view && (since === undefined || (record.completedAt ?? 0) >= since)
  const isOverdue = record.attempt === 0 && record.expiresAt !== null && record.expiresAt < now
  return record.status === STATUS.pending && !isOverdue && (external === true || record.executionRef === null)
}

function isWanted(record: TaskRecord, { taskName, external }: ListQuery): boolean {
  if (taskName !== undefined && record.taskName !== taskName) return false
  return external === undefined || external === (record.executionRef !== null)
}
