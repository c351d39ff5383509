import {
  cursorPosition,
  cursorText,
  isTerminal,
  MAX_EXAMINED,
  type ListQuery,
  type Page,
  type TaskRecord,
} from '@millrace/core'
import type { Namespace } from './namespace.ts'
import type { Entry } from './ordered-set.ts'
import { isOverdue, recordOf, type Garbage, type Row } from './row.ts'
import { walk } from './walk.ts'

const DEFAULT_LIMIT = 100

/** One page, in the order of its view. It costs what it examines: at most 1 000 records, so it may end before its limit. */
export function list(namespace: Namespace, query: ListQuery, now: number): Page {
  const { view, limit = DEFAULT_LIMIT, cursor = null } = query
  const order = query.order ?? (view !== 'next' && isTerminal(view) ? 'desc' : 'asc')
  const { queue, taskName, executionBackend, external, since } = query
  const name = JSON.stringify({ view, order, queue, taskName, executionBackend, external, since })
  const from = cursor === null ? null : entryIn(cursorPosition('list.cursor', name, cursor))
  if (limit === 0) return { records: [], cursor }

  const records: TaskRecord[] = []
  let examined = 0
  let last: Entry | null = null
  for (const entry of walk(namespace, { ...query, order, from }, now)) {
    if (last !== null && (records.length === limit || examined === MAX_EXAMINED)) {
      return { records, cursor: cursorText(name, `${last.score} ${last.id}`) }
    }
    const stored = namespace.rows.get(entry.id)
    if (stored !== undefined && matches(stored, query, now)) records.push(recordOf(stored, entry.id, now))
    examined += 1
    last = entry
  }
  return { records, cursor: null }
}

function entryIn(position: string): Entry {
  const [score, id = ''] = position.split(' ')
  return { score: Number(score), id }
}

/** What cannot be read is shown where it is filed, unless the query asks for something that nobody can tell of it. */
function matches(stored: Row | Garbage, { view, taskName, external }: ListQuery, now: number): boolean {
  if (typeof stored === 'string') return taskName === undefined && external !== true
  if (taskName !== undefined && taskName !== stored.taskName) return false
  if (external !== undefined && external !== (stored.executionRef !== null)) return false
  return view !== 'next' || !isOverdue(stored, now)
}
