import type { Line } from '@millrace/core'
import { nameOf } from './lines.ts'
import type { Pauses } from './pauses.ts'
import type { MemoryWatch } from './watch.ts'

/**
 * Who waits for what in a namespace. A line's marker says that it may have work: it wakes the one who waits longest
 * and is cleared by that; while nobody waits it stays for the next who asks.
 */
export class Wakeups {
  readonly #armed = new Set<MemoryWatch>()
  readonly #markers = new Set<string>()
  /** Those of the act at hand. Whoever waits has found no older one, so an act need not look at the lines of all others. */
  readonly #fresh = new Set<string>()
  readonly #waiting = new Map<string, Set<MemoryWatch>>()
  readonly #byId = new Map<string, Set<MemoryWatch>>()
  readonly #byWorker = new Map<string, Set<MemoryWatch>>()
  readonly #pauses: Pauses

  constructor(pauses: Pauses) {
    this.#pauses = pauses
  }

  get isWatched(): boolean {
    return this.#armed.size > 0
  }

  /** From now on a watch hears of its records and of its worker. */
  arm(watch: MemoryWatch): void {
    this.#armed.add(watch)
    for (const id of watch.ids) enter(this.#byId, id, watch)
    if (watch.workerId !== null) enter(this.#byWorker, watch.workerId, watch)
  }

  disarm(watch: MemoryWatch): void {
    this.#armed.delete(watch)
    for (const id of watch.ids) leave(this.#byId, id, watch)
    if (watch.workerId !== null) leave(this.#byWorker, watch.workerId, watch)
  }

  /** A watch stands in line for the markers of these of its lines, or no longer does. */
  wait(watch: MemoryWatch, lines: readonly string[]): void {
    for (const line of lines) enter(this.#waiting, line, watch)
  }

  stopWaiting(watch: MemoryWatch, lines: readonly string[]): void {
    for (const line of lines) leave(this.#waiting, line, watch)
  }

  /** Takes one of the lines' markers, if there is one. */
  takeMarker(lines: readonly string[]): boolean {
    return lines.some((line) => this.#markers.delete(line))
  }

  /** The line may have work, or an earlier due time; while it is paused, whoever resumes it marks it. */
  mark(line: Line): void {
    if (this.#pauses.holds(line)) return
    this.#markers.add(nameOf(line))
    this.#fresh.add(nameOf(line))
  }

  unmark(line: Line): void {
    this.#markers.delete(nameOf(line))
    this.#fresh.delete(nameOf(line))
  }

  /** The record ended or is gone: everybody who watches it is told. */
  done(id: string): void {
    for (const watch of this.#byId.get(id) ?? []) watch.tellDone(id)
  }

  /** Something that the worker holds was cancelled. */
  control(workerId: string): void {
    for (const watch of this.#byWorker.get(workerId) ?? []) watch.tellControl()
  }

  /** No record is left. */
  allGone(): void {
    this.#markers.clear()
    this.#fresh.clear()
    for (const id of this.#byId.keys()) this.done(id)
  }

  /** Hands out the markers that somebody waits for. Called when an act is over: a batch for one line wakes one waiter. */
  deliver(): void {
    for (const line of this.#fresh) {
      const [longest] = this.#waiting.get(line) ?? []
      if (longest === undefined) continue
      this.#markers.delete(line)
      longest.tellWork()
    }
    this.#fresh.clear()
  }
}

function enter(watches: Map<string, Set<MemoryWatch>>, name: string, watch: MemoryWatch): void {
  const some = watches.get(name) ?? new Set()
  watches.set(name, some.add(watch))
}

function leave(watches: Map<string, Set<MemoryWatch>>, name: string, watch: MemoryWatch): void {
  const some = watches.get(name)
  some?.delete(watch)
  if (some?.size === 0) watches.delete(name)
}
