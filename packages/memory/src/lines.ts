import type { Line } from '@millrace/core'
import { entriesOf, INDEX_NAMES, type IndexName } from './filing.ts'
import { OrderedSet, type Entry } from './ordered-set.ts'
import type { Row } from './row.ts'

export interface LineState extends Line {
  readonly indexes: Readonly<Record<IndexName, OrderedSet>>
}

/** An entry, and the index it is in. */
export interface Place extends Entry {
  readonly line: LineState
  readonly index: IndexName
}

export interface LineFilter {
  readonly queue?: string | undefined
  readonly queues?: readonly string[] | undefined
  readonly executionBackend?: string | undefined
}

/** All lines of a namespace that hold a record. */
export class Lines {
  /** How much waiting outweighs one priority. */
  readonly step: number
  /** By queue, then by execution backend. */
  readonly #lines = new Map<string, Map<string, LineState>>()

  constructor(step: number) {
    this.step = step
  }

  find({ queue, executionBackend }: Line): LineState | undefined {
    return this.#lines.get(queue)?.get(executionBackend)
  }

  /** The line of this name, at its first use an empty one. */
  at({ queue, executionBackend }: Line): LineState {
    const known = this.find({ queue, executionBackend })
    if (known !== undefined) return known
    const line = { queue, executionBackend, indexes: emptyIndexes() }
    const lines = this.#lines.get(queue) ?? new Map<string, LineState>()
    this.#lines.set(queue, lines.set(executionBackend, line))
    return line
  }

  /** The lines of these queues, or of all; of this execution backend, or of all. */
  matching({
    queue,
    queues = queue === undefined ? undefined : [queue],
    executionBackend,
  }: LineFilter = {}): readonly LineState[] {
    const names = queues === undefined ? this.#lines.keys() : new Set(queues)
    const found = [...names].flatMap((name) => this.#lines.get(name) ?? [])
    const lines = found.flatMap((byBackend) => [...byBackend.values()])
    return executionBackend === undefined ? lines : lines.filter((line) => line.executionBackend === executionBackend)
  }

  /** Enters a record into the indexes that are its own. */
  file(row: Row): void {
    const { indexes } = this.at(row)
    for (const [index, score] of entriesOf(row, this.step)) indexes[index].add({ score, id: row.id })
  }

  /** Takes a record out of the indexes that are its own. */
  unfile(row: Row): void {
    const line = this.find(row)
    if (line === undefined) return
    for (const [index, score] of entriesOf(row, this.step)) line.indexes[index].delete({ score, id: row.id })
  }

  /** Forgets a line that holds nothing; answers whether it did. */
  prune(name: Line): boolean {
    const line = this.find(name)
    if (line === undefined || INDEX_NAMES.some((index) => line.indexes[index].size > 0)) return false
    const lines = this.#lines.get(line.queue)
    lines?.delete(line.executionBackend)
    if (lines?.size === 0) this.#lines.delete(line.queue)
    return true
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
