import { MAX_AGED, STRICT_STEP } from '@millrace/core'
import type { LineState } from './lines.ts'
import type { Namespace } from './namespace.ts'
import { END, LAST_ID, type Entry, type OrderedSet } from './ordered-set.ts'

/** Since when the longest waiting due record of these lines has been due; null if none is. */
export function oldestDue(namespace: Namespace, lines: readonly LineState[], now: number): number | null {
  const oldest = Math.min(
    ...lines.flatMap(({ indexes: { pending, external, scheduled } }) => [
      oldestOf(namespace, pending, now),
      oldestOf(namespace, external, now),
      firstDue(scheduled, now),
    ]),
  )
  return oldest === Infinity ? null : oldest
}

function oldestOf(namespace: Namespace, index: OrderedSet, now: number): number {
  return namespace.lines.step < STRICT_STEP ? oldestAtFront(namespace, index) : oldestOfEach(namespace, index, now)
}

/** Where priorities age they lie among each other, and nothing but a walk past all would find the oldest: it is looked for where it stands as a rule. */
function oldestAtFront(namespace: Namespace, index: OrderedSet): number {
  let [oldest, left] = [Infinity, MAX_AGED]
  for (const { id } of index.ascending()) {
    if (left-- === 0) break
    oldest = Math.min(oldest, namespace.readable(id)?.queuedAt ?? Infinity)
  }
  return oldest
}

/**
 * The first of each priority is its oldest, so one step per priority in use is enough: behind the first entry of a priority, the
 * next one of another priority follows the last instant that can be due by now.
 */
function oldestOfEach(namespace: Namespace, index: OrderedSet, now: number): number {
  let oldest = Infinity
  let entry: Entry | undefined = index.first()
  while (entry !== undefined) {
    const row = namespace.readable(entry.id)
    oldest = Math.min(oldest, row?.queuedAt ?? Infinity)
    const next: Entry =
      row === null ? entry : { score: Math.max(entry.score, now - row.priority * STRICT_STEP), id: LAST_ID }
    entry = index.after(next)
  }
  return oldest
}

function firstDue(scheduled: OrderedSet, now: number): number {
  const { score } = scheduled.first() ?? END
  return score <= now ? score : Infinity
}
