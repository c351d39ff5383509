import { createRegister, type HeldAttempt } from '@millrace/core'
import type { Attempt } from './attempt.ts'

/** The handlers that run: each takes one slot until it has returned, whatever became of its attempt. */
export interface Held extends Iterable<Attempt> {
  /** Slots taken. */
  readonly size: number
  readonly isAnyOpen: boolean
  /** Attempts that the worker still answers for. */
  open(): readonly Attempt[]
  /** The latest attempt on this record whose handler runs here. An older one has no outcome any more. */
  find(id: string): Attempt | undefined
  has(attempt: HeldAttempt): boolean
  add(attempt: Attempt): void
  remove(attempt: Attempt): void
}

export function createHeld(): Held {
  const latest = createRegister<Attempt>()
  /** Lost, and their records are here again. */
  const older = new Set<Attempt>()
  function* all(): Generator<Attempt, void> {
    yield* older
    yield* latest.values()
  }

  return {
    get size() {
      return latest.size + older.size
    },
    get isAnyOpen() {
      for (const { isOpen } of latest.values()) if (isOpen) return true
      return false
    },
    open: () => [...latest.values()].filter(({ isOpen }) => isOpen),
    find: (id) => latest.get(id),
    has: ({ id, attempt }) => latest.get(id)?.attempt === attempt,
    add(attempt) {
      const before = latest.get(attempt.id)
      if (before !== undefined) older.add(before)
      latest.set(attempt.id, attempt)
    },
    remove(attempt) {
      if (latest.get(attempt.id) === attempt) latest.delete(attempt.id)
      else older.delete(attempt)
    },
    [Symbol.iterator]: all,
  }
}
