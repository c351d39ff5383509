import { allows, isTerminal, leads, STATUS, type Line, type Status, type StatusEvent } from '@millrace/core'
import { keyIdentity } from './key.ts'
import type { Namespace } from './namespace.ts'
import { leaveKey } from './reserve.ts'
import type { Row } from './row.ts'

/*
 * The only writers of records. Each takes the record out of its indexes, changes it, and files it anew, so that no index
 * ever shows what a record was.
 */

export type Changes = Partial<Omit<Row, 'id' | 'status' | 'lastEvent'>>

/** A new record. */
export function insert(namespace: Namespace, row: Row): void {
  demand(leads('enqueue', null, row.status), 'enqueue', row)
  namespace.rows.set(row.id, row)
  namespace.lines.file(row)
  offer(namespace, row)
}

/** A transition of the status table. Callers ask the table first and answer `refused`; anything else here is a bug of theirs. */
export function move(namespace: Namespace, row: Row, event: StatusEvent, to: Status, changes: Changes = {}): void {
  demand(leads(event, row.status, to), event, row)
  namespace.lines.unfile(row)
  // Falling due is a fact, not an act: the record still tells a retry from a replay, and its line was hinted at its due time.
  Object.assign(row, changes, { status: to, lastEvent: event === 'promote' ? row.lastEvent : event })
  namespace.lines.file(row)
  if (isTerminal(to)) namespace.wakeups.done(row.id)
  else if (event !== 'promote') offer(namespace, row)
}

/** Anything but the status. */
export function change(namespace: Namespace, row: Row, changes: Changes): void {
  const { queue, executionBackend } = row
  namespace.lines.unfile(row)
  Object.assign(row, changes)
  namespace.lines.file(row)
  offer(namespace, row)
  if (executionBackend !== row.executionBackend) prune(namespace, { queue, executionBackend })
}

/** Enters a record again into the indexes that are its own. */
export function refile(namespace: Namespace, row: Row): void {
  namespace.lines.file(row)
  offer(namespace, row)
}

/** The holder of a cancelled record let go of it: its key is free. */
export function letGo(namespace: Namespace, row: Row): void {
  change(namespace, row, { workerId: null, heartbeatAt: null })
}

/** Takes a record away with everything that belongs to it. */
export function remove(namespace: Namespace, row: Row, now: number): void {
  demand(allows('remove', row.status), 'remove', row)
  namespace.lines.unfile(row)
  prune(namespace, row)
  namespace.rows.delete(row.id)
  namespace.logs.delete(row.id)
  const identity = keyIdentity(row)
  if (identity !== null) leaveKey(namespace, identity, { id: row.id, now })
  namespace.wakeups.done(row.id)
}

function demand(isLegal: boolean, event: StatusEvent, { id, status }: Row): void {
  if (!isLegal) throw new Error(`the status table does not let ${event} act so on ${id}, which is ${status}`)
}

/** Names of queues come and go: a line that holds nothing leaves nothing behind. */
export function prune({ lines, wakeups }: Namespace, line: Line): void {
  if (lines.prune(line)) wakeups.unmark(line)
}

/** Hints the line if the record can be claimed now, or if the line's next due time is now its own. */
function offer({ lines, wakeups }: Namespace, row: Row): void {
  const isDue = row.status === STATUS.pending && row.executionRef === null
  const isNext = row.status === STATUS.scheduled && lines.find(row)?.indexes.scheduled.first()?.id === row.id
  if (isDue || isNext) wakeups.mark(row)
}
