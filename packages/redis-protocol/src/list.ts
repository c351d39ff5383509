import {
  cursorPosition, cursorText, invalidArgument, isTerminal, MAX_EXAMINED, STATUS, type ListQuery, type Page, type TaskRecord,
} from '@millrace/core' // prettier-ignore
import type { Caller } from './caller.ts'
import { MAX_IDS } from './chunks.ts'
import { readEntries } from './entries.ts'
import type { LineKey } from './keys.ts'
import { linesMatching } from './known-lines.ts'
import { list as script, promote } from './scripts.generated.ts'

const DEFAULT_LIMIT = 100
/** Due records that one script brings into execution order. */
const PROMOTED_AT_ONCE = 200
/** Lines of which one script promotes. */
const LINES_AT_ONCE = 32

/**
 * One page, in the order of its view. It examines at most 1 000 records, 200 a script, so it may end before its limit; and it shows nothing
 * yet while more than as many have fallen due, of which nobody can tell so far where they stand.
 */
export async function list(caller: Caller, query: ListQuery): Promise<Page> {
  const { view, limit = DEFAULT_LIMIT, cursor = null, queue, taskName, executionBackend, external, since } = query
  const order = query.order ?? (view !== 'next' && isTerminal(view) ? 'desc' : 'asc')
  const name = JSON.stringify({ view, order, queue, taskName, executionBackend, external, since })
  let position = cursor === null ? '' : positionIn(cursorPosition('list.cursor', name, cursor))
  if (limit === 0) return { records: [], cursor }
  const lines = await linesMatching(caller, query)
  const indexes = indexesOf(query)
  const isInOrder =
    !(indexes.includes(STATUS.pending) || indexes.includes('external')) || (await promoteDue(caller, lines))
  if (!isInOrder) return { records: [], cursor: cursorText(name, position) }

  const records: TaskRecord[] = []
  for (let left = MAX_EXAMINED; left > 0 && lines.length > 0;) {
    const [cursorScore = '', cursorId = ''] = position.split(' ')
    const { main, extras } = await caller.run(script, {
      args: {
        now: caller.now,
        indexes: indexes.join(' '),
        isDescending: order === 'desc' ? 1 : 0,
        cursorScore,
        cursorId,
        floor: floorOf(query),
        limit: limit - records.length,
        examine: Math.min(left, MAX_IDS),
        task: taskName ?? '',
        external: external === undefined ? '' : external ? 1 : 0,
        skipsOverdue: view === 'next' ? 1 : 0,
      },
      lines,
    })
    const [at = '', last = '', more = '', examined = '', stored = ''] = main.split('\u001d')
    for (const { record } of readEntries(stored, extras, Number(at))) if (record !== null) records.push(record)
    position = last === '' ? position : last
    left -= Number(examined)
    if (more !== '1') return { records, cursor: null }
    if (records.length >= limit || Number(examined) === 0) break
  }
  return { records, cursor: lines.length === 0 ? null : cursorText(name, position) }
}

/** Cursors come back from outside: what no page gave out never reaches the server. */
function positionIn(position: string): string {
  if (position === '' || /^(-?[\d.]+(e[+-]?\d+)?|-?inf) .+$/s.test(position)) return position
  throw invalidArgument('list.cursor', 'must be the cursor of the page before, of the same query')
}

function indexesOf({ view, external }: ListQuery): readonly LineKey[] {
  if (view === 'next') return external === true ? ['external'] : [STATUS.pending]
  if (view !== STATUS.pending || external === false) return [view]
  return external === true ? ['external'] : [view, 'external']
}

/** The least score that the view shows: what is not yet due, what ended not before `since`. */
function floorOf({ view, since }: ListQuery): string | number {
  if (view === STATUS.scheduled) return 'now'
  return view !== 'next' && isTerminal(view) && since !== undefined ? since : ''
}

/**
 * What fell due is brought into execution order first, each record once: one that moved in front of a cursor would never be listed. Answers
 * whether all of it is.
 */
async function promoteDue(caller: Caller, lines: readonly string[]): Promise<boolean> {
  let left = MAX_EXAMINED / PROMOTED_AT_ONCE
  for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
    const some = lines.slice(from, from + LINES_AT_ONCE)
    const most = Math.ceil(PROMOTED_AT_ONCE / some.length)
    for (;;) {
      const { main } = await caller.run(promote, {
        args: { now: caller.now, prefix: caller.keys.prefix, most },
        lines: some,
      })
      if (main !== '1') break
      left -= 1
      if (left === 0) return false
    }
  }
  return true
}
