import {
  corruptRecord, isTerminal, leads, otherAging, STATUS, STRICT_STEP,
  type HeldAttempt, type LogEntry, type Status, type StatusEvent, type TaskRecord, type WorkerPresence,
} from '@millrace/core' // prettier-ignore
import { holdsKey, instantOf, isClaimable, lineName, recordOf, statusAt, type Reservation, type Row } from './row.ts'
import type { NaiveWatch } from './watch.ts'

/** What a slot's last claim took: answers its resend, and finds what its worker does not know of. */
export interface LastClaim {
  readonly workerId: string
  readonly nonce: string
  readonly taken: readonly HeldAttempt[]
  readonly at: number
}

/** An entry of a record's log: its message and data as JSON text. */
export type StoredNote = Pick<LogEntry, 'attempt' | 'number' | 'at'> & { readonly text: string }

/** All of one namespace: a text for each record, and for each line the ids that scans of it walk. */
export class Store {
  /** The instant of the act at hand. */
  now = 0
  readonly texts: Map<string, string> = new Map()
  readonly lines: Map<string, Set<string>> = new Map()
  /** Who last took a key. */
  readonly keys: Map<string, Reservation> = new Map()
  /** Since when a text is known to be unreadable. */
  readonly spoiled: Map<string, number> = new Map()
  readonly claims: Map<string, LastClaim> = new Map()
  readonly workers: Map<string, WorkerPresence> = new Map()
  readonly leases: Map<string, { readonly token: string; readonly until: number }> = new Map()
  readonly logs: Map<string, StoredNote[]> = new Map()
  readonly watches: Set<NaiveWatch> = new Set()
  /** Whether everything is paused, and queues that are by themselves. */
  readonly paused = { namespace: false, queues: new Set<string>() }
  /** What its first enqueue was told of aging; undefined before that. */
  #aging: number | null | undefined
  /** Lines that may have work which nobody was told of. */
  readonly marked: Set<string> = new Set()

  /** How much waiting outweighs one priority. */
  get step(): number {
    return this.#aging ?? STRICT_STEP
  }

  /** Whoever enqueues first decides; whoever opens it is told if that was somebody else, and another aging. */
  age(told: number | null, who: 'enqueues' | 'opens'): void {
    if (this.#aging !== undefined && told !== null && told !== this.#aging) throw otherAging(this.#aging, told)
    if (who === 'enqueues') this.#aging ??= told
  }

  /** Whether nothing is claimed from this line. */
  isPaused(line: string): boolean {
    const { namespace, queues } = this.paused
    return namespace || (queues.size > 0 && queues.has(line.split('|')[0] ?? ''))
  }

  /** Null where there is none, and for a text that cannot be read. */
  row(id: string): Row | null {
    try {
      const row: Row = JSON.parse(this.texts.get(id) ?? '')
      recordOf(row, this.now)
      return row
    } catch {
      return null
    }
  }

  /** As a reader sees it; a text that cannot be read is a failed record, so that it hides no other. */
  record(id: string): TaskRecord | null {
    if (!this.texts.has(id)) return null
    const row = this.row(id)
    if (row !== null) return recordOf(row, this.now)
    return { ...corruptRecord(id, 'its text cannot be read'), completedAt: this.spoiled.get(id) ?? 0 }
  }

  /** The names of the lines of these queues and of this execution backend, or of all. */
  linesOf(
    filter: { readonly queues?: readonly string[] | undefined; readonly executionBackend?: string | undefined } = {},
  ): readonly string[] {
    return [...this.lines.keys()].filter((line) => {
      const [queue = '', executionBackend] = line.split('|')
      if (filter.queues !== undefined && !filter.queues.includes(queue)) return false
      return filter.executionBackend === undefined || filter.executionBackend === executionBackend
    })
  }

  /** The records of a line, from a copy of its ids: what is done with one may change the line. */
  recordsIn(line: string): readonly TaskRecord[] {
    return [...(this.lines.get(line) ?? [])].flatMap((id) => this.record(id) ?? [])
  }

  /** The rows of a line. What stands in the way of a scan is cleared: an id without a text goes, an unreadable text is set aside. */
  rowsIn(line: string): readonly Row[] {
    return [...(this.lines.get(line) ?? [])].flatMap((id) => {
      const row = this.row(id)
      if (row === null && this.texts.has(id)) this.#setAside(id)
      else if (row === null) this.drop(id, line)
      return row ?? []
    })
  }

  /** The unreadable ones of a line that were set aside. */
  spoiledIn(line: string): readonly { readonly id: string; readonly since: number }[] {
    return [...(this.lines.get(line) ?? [])].flatMap((id) => {
      const since = this.spoiled.get(id)
      return since === undefined ? [] : [{ id, since }]
    })
  }

  /** What keeps others off a key. A window and `forever` do not ask what became of their record. */
  blocking(key: string): Reservation | null {
    const found = this.keys.get(key)
    if (found === undefined) return null
    if (found.hold === 'window' || found.hold === 'forever') return this.#outlasts(found) ? found : null
    const row = this.row(found.id)
    return row !== null && holdsKey(row, found.hold) ? found : null
  }

  /** A transition of the status table. Callers ask it first and answer `refused`; anything else here is a mistake of theirs. */
  move(row: Row, event: StatusEvent, to: Status, changes: Partial<Row> = {}): Row {
    if (!leads(event, event === 'enqueue' ? null : statusAt(row, this.now), to))
      throw new Error(`${event} of ${row.status} to ${to}`)
    const moved = this.put({ ...row, ...changes, status: to, lastEvent: event })
    if (isTerminal(to)) this.tellDone(row.id)
    return moved
  }

  end(row: Row, event: StatusEvent, to: Status, changes: Partial<Row>): Row {
    return this.move(row, event, to, {
      completedAt: instantOf(row, this.now),
      heartbeatAt: null,
      workerId: null,
      ...changes,
    })
  }

  /** Writes a row, files it in its line, and hints the line if the row is work for it, or its earliest to come. */
  put(row: Row): Row {
    this.texts.set(row.id, JSON.stringify(row))
    const line = lineName(row)
    this.lines.set(line, (this.lines.get(line) ?? new Set()).add(row.id))
    if (isClaimable(row, this.now) || this.#isNext(row)) this.mark(line)
    return row
  }

  /** The holder of a cancelled record let go of it. */
  letGo(row: Row): void {
    this.put({ ...row, workerId: null, heartbeatAt: null })
  }

  /** Takes an id out of a line; a line that holds nothing leaves nothing behind. */
  drop(id: string, line: string): void {
    const ids = this.lines.get(line)
    ids?.delete(id)
    if (ids?.size !== 0) return
    this.lines.delete(line)
    this.marked.delete(line)
  }

  /** Everything that belongs to a record goes; a key only if it is still its own, and not taken for some time yet. */
  remove(id: string): void {
    for (const line of this.lines.keys()) this.drop(id, line)
    for (const [key, found] of this.keys) if (found.id === id && !this.#outlasts(found)) this.keys.delete(key)
    this.texts.delete(id)
    this.logs.delete(id)
    this.spoiled.delete(id)
    this.tellDone(id)
  }

  /** Keys whose window has ended since their record went. */
  get forgotten(): readonly string[] {
    const over = (found: Reservation): boolean => found.hold === 'window' && !this.#outlasts(found)
    return [...this.keys].filter(([, found]) => over(found) && !this.texts.has(found.id)).map(([key]) => key)
  }

  #outlasts({ hold, until }: Reservation): boolean {
    return hold === 'forever' || (hold === 'window' && this.now < until)
  }

  clear(): void {
    this.#aging = undefined
    this.paused.namespace = false
    const ids = [...this.watches].flatMap((watch) => [...watch.ids])
    for (const part of [
      this.texts,
      this.logs,
      this.lines,
      this.keys,
      this.spoiled,
      this.claims,
      this.workers,
      this.leases,
      this.marked,
      this.paused.queues,
    ])
      part.clear()
    for (const id of ids) this.tellDone(id)
  }

  tellDone(id: string): void {
    for (const watch of this.watches) watch.tellDone(id)
  }

  /** Nobody is told of a line while it is paused; whoever resumes it marks it. */
  mark(line: string): void {
    if (!this.isPaused(line)) this.marked.add(line)
  }

  /** When the act is over: each marked line wakes one of those who wait for it. */
  deliver(): void {
    for (const watch of this.watches) watch.deliver()
  }

  #setAside(id: string): void {
    if (this.spoiled.has(id)) return
    this.spoiled.set(id, this.now)
    this.tellDone(id)
  }

  #isNext(row: Row): boolean {
    const { status, scheduledAt } = row
    if (status !== STATUS.scheduled || scheduledAt === null) return false
    return this.recordsIn(lineName(row)).every(
      (other) => other.id === row.id || other.status !== STATUS.scheduled || (other.scheduledAt ?? 0) > scheduledAt,
    )
  }
}
