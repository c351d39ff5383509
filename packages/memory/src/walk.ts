import { isTerminal, STATUS, type ListQuery } from '@millrace/core'
import type { IndexName } from './filing.ts'
import { merge } from './merge.ts'
import type { Namespace } from './namespace.ts'
import { END, LAST_ID, precedes, START, type Entry, type OrderedSet } from './ordered-set.ts'
import { promote } from './promote.ts'

interface Walk extends Pick<ListQuery, 'view' | 'queue' | 'executionBackend' | 'external' | 'since'> {
  readonly order: 'asc' | 'desc'
  /** The last entry of the page before. */
  readonly from: Entry | null
}

/**
 * The entries of a view, from its lines in one order. For execution order, what fell due since is brought into it first, each record
 * once: a record that moved in front of a cursor would otherwise never be listed.
 */
export function walk(namespace: Namespace, { order, from, ...view }: Walk, now: number): Generator<Entry, void> {
  const lines = namespace.lines.matching(view)
  const names = indexesOf(view)
  if (names.some((name) => name === STATUS.pending || name === 'external')) {
    for (const line of lines) promote(namespace, line, { now, limit: Infinity })
  }
  const floor = floorOf(view, now)
  const indexes = lines.flatMap((line) => names.map((name) => line.indexes[name]))
  if (order === 'desc') {
    return merge(
      indexes.map((index) => downTo(index, from ?? END, floor)),
      (a, b) => precedes(b, a),
    )
  }
  const start = from !== null && precedes(floor, from) ? from : floor
  return merge(
    indexes.map((index) => index.ascending(start)),
    precedes,
  )
}

function indexesOf({ view, external }: Pick<Walk, 'view' | 'external'>): readonly IndexName[] {
  if (view === 'next') return external === true ? ['external'] : [STATUS.pending]
  if (view !== STATUS.pending || external === false) return [view]
  return external === true ? ['external'] : [view, 'external']
}

/** Everything of the view lies behind this position: what is not yet due, what ended not before `since`. */
function floorOf({ view, since }: Pick<Walk, 'view' | 'since'>, now: number): Entry {
  if (view === STATUS.scheduled) return { score: now, id: LAST_ID }
  return view !== 'next' && isTerminal(view) && since !== undefined ? { score: since, id: '' } : START
}

function* downTo(index: OrderedSet, from: Entry, floor: Entry): Generator<Entry, void> {
  for (const entry of index.descending(from)) {
    if (!precedes(floor, entry)) return
    yield entry
  }
}
