import type { Line } from '@millrace/core'
import { isFiledAt } from './filing.ts'
import type { LineState, Place } from './lines.ts'
import { prune } from './move.ts'
import type { Namespace } from './namespace.ts'
import { leaveKey } from './reserve.ts'
import type { Row } from './row.ts'

/**
 * The record behind an index entry. Null if it cannot be dealt with, and then the entry is out of the way: an entry of no record, or
 * of one that is elsewhere, is dropped; bytes that cannot be read are quarantined.
 */
export function rowAt(namespace: Namespace, place: Place, now: number): Row | null {
  const { line, index, id } = place
  const stored = namespace.rows.get(id)
  if (typeof stored === 'string') {
    quarantine(namespace, { line, id, raw: stored }, now)
    return null
  }
  if (stored !== undefined && isFiledAt(stored, place, namespace.lines.step)) return stored
  line.indexes[index].delete(place)
  return null
}

interface Unreadable {
  readonly line: Line
  readonly id: string
  readonly raw: string
}

/** Moves a record that cannot be read among the failed ones of its line, its bytes as they are. */
export function quarantine(namespace: Namespace, { line: name, id, raw }: Unreadable, now: number): void {
  const line = namespace.lines.at(name)
  unfileUnreadable(line, id)
  namespace.rows.set(id, raw)
  line.indexes.failed.add({ score: now, id })
  namespace.wakeups.done(id)
}

/** Removes what cannot be read, and leaves nothing of it behind. */
export function removeUnreadable(namespace: Namespace, { line, id }: Place, now: number): void {
  unfileUnreadable(line, id)
  prune(namespace, line)
  namespace.rows.delete(id)
  namespace.logs.delete(id)
  for (const identity of namespace.keys.keys()) leaveKey(namespace, identity, { id, now })
  namespace.wakeups.done(id)
}

/** Where it was filed cannot be known from its bytes: all indexes of its line are searched. */
function unfileUnreadable({ indexes }: LineState, id: string): void {
  for (const index of Object.values(indexes)) {
    for (const entry of index.ascending()) if (entry.id === id) index.delete(entry)
  }
}
