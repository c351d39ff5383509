import { isTerminal, STATUS, STATUSES, type Line, type Status } from '@millrace/core'
import { OrderedSet, type Entry } from './ordered-set.ts'
import { isHeld, isQueued, type Row } from './row.ts'

/** One priority outweighs every difference between two times: strict priority, then first in, first out, then by id. */
export const PRIORITY_STEP = 1_000_000_000_000

/**
 * The indexes of a line. Counts are their sizes: a record is in exactly one of those named for its status, or in `external`.
 *
 * - `waiting`, `running`: by id, because a heartbeat must not move a record under a list's cursor
 * - `pending`: in execution order
 * - `external`: pending too, in execution order, but handed to an external system: claimed by id only
 * - `scheduled`: by the time it is due
 * - `completed`, `failed`, `cancelled`, `expired`: by completedAt
 * - `beating`: the running ones by heartbeat, holders declared dead first: what a stale sweep reads
 * - `held`: cancelled ones whose holder has not let go, by heartbeat: likewise
 * - `expiring`: never started ones by their deadline: what a sweep of overdue ones reads
 */
export type IndexName = Status | 'external' | 'beating' | 'held' | 'expiring'

export const INDEX_NAMES: readonly IndexName[] = [...STATUSES, 'external', 'beating', 'held', 'expiring']

export interface LineState extends Line {
  readonly indexes: Readonly<Record<IndexName, OrderedSet>>
}

/** An entry, and the index it is in. */
export interface Place extends Entry {
  readonly line: LineState
  readonly index: IndexName
}

/** Every index entry that a record must have, and no other. The one definition of the indexes: filing and audit follow it. */
export function entriesOf(row: Row): readonly (readonly [IndexName, number])[] {
  const home = homeOf(row)
  if (row.status === STATUS.running) return [home, ['beating', row.heartbeatAt ?? -Infinity]]
  if (isHeld(row)) return [home, ['held', row.heartbeatAt ?? -Infinity]]
  if (isQueued(row) && row.attempt === 0 && row.expiresAt !== null) return [home, ['expiring', row.expiresAt]]
  return [home]
}

function homeOf(row: Row): readonly [IndexName, number] {
  if (row.status === STATUS.pending)
    return [row.executionRef === null ? STATUS.pending : 'external', executionScore(row)]
  if (row.status === STATUS.scheduled) return [row.status, row.scheduledAt ?? 0]
  return [row.status, isTerminal(row.status) ? (row.completedAt ?? 0) : 0]
}

/** Exact as a double for every priority and time that the contract allows. */
function executionScore({ queuedAt, priority }: Row): number {
  return queuedAt - priority * PRIORITY_STEP
}

/** Whether the record must have this entry. */
export function isFiledAt(row: Row, { index, score }: Pick<Place, 'index' | 'score'>): boolean {
  return entriesOf(row).some(([name, at]) => name === index && at === score)
}

/** All lines of a namespace that hold a record. */
export class Lines {
  readonly #lines = new Map<string, LineState>()

  find(line: Line): LineState | undefined {
    return this.#lines.get(nameOf(line))
  }

  /** The line of this name, at its first use an empty one. */
  at({ queue, executionBackend }: Line): LineState {
    const name = nameOf({ queue, executionBackend })
    const line = this.#lines.get(name) ?? { queue, executionBackend, indexes: emptyIndexes() }
    this.#lines.set(name, line)
    return line
  }

  *matching({
    queues,
    executionBackend,
  }: { queues?: readonly string[] | undefined; executionBackend?: string | undefined } = {}): Generator<
    LineState,
    void
  > {
    for (const line of this.#lines.values()) {
      if (queues?.includes(line.queue) === false) continue
      if (executionBackend === undefined || executionBackend === line.executionBackend) yield line
    }
  }

  /** Enters a record into the indexes that are its own. */
  file(row: Row): void {
    const { indexes } = this.at(row)
    for (const [index, score] of entriesOf(row)) indexes[index].add({ score, id: row.id })
  }

  /** Takes a record out of the indexes that are its own. */
  unfile(row: Row): void {
    const line = this.find(row)
    if (line === undefined) return
    for (const [index, score] of entriesOf(row)) line.indexes[index].delete({ score, id: row.id })
  }

  /** Forgets a line that holds nothing any more: names of queues come and go. */
  prune(name: Line): void {
    const line = this.find(name)
    if (line !== undefined && Object.values(line.indexes).every(({ size }: OrderedSet) => size === 0))
      this.#lines.delete(nameOf(line))
  }
}

/** No name of a queue or an execution backend contains the separator. */
export function nameOf({ queue, executionBackend }: Line): string {
  return `${queue}|${executionBackend}`
}

function emptyIndexes(): LineState['indexes'] {
  return {
    waiting: new OrderedSet(),
    pending: new OrderedSet(),
    external: new OrderedSet(),
    scheduled: new OrderedSet(),
    running: new OrderedSet(),
    completed: new OrderedSet(),
    failed: new OrderedSet(),
    cancelled: new OrderedSet(),
    expired: new OrderedSet(),
    beating: new OrderedSet(),
    held: new OrderedSet(),
    expiring: new OrderedSet(),
  }
}
