import { MAX_EXAMINED } from '@millrace/core'
import type { LineState } from './lines.ts'
import type { Namespace } from './namespace.ts'
import { LAST_ID } from './ordered-set.ts'
import { isClaimable } from './row.ts'

/** One line of a claim, and how many more may be taken from it. */
export interface Source {
  readonly line: LineState
  left: number
}

interface Outlook {
  readonly more: boolean
  readonly nextDueAt: number | null
}

/**
 * Whether the claim could have had more, and when the next record of its lines falls due. The lines that have more are hinted again, also
 * where this worker may have no more of them: others may.
 */
export function outlook(namespace: Namespace, sources: readonly Source[], now: number): Outlook {
  const withMore = sources.filter(({ line }) => hasClaimable(namespace, line, now))
  const more = withMore.some(({ left }) => left > 0)
  for (const { line } of withMore) namespace.wakeups.mark(line)
  const due = sources.map(({ line }) => line.indexes.scheduled.after({ score: now, id: LAST_ID })?.score ?? Infinity)
  const earliest = Math.min(Infinity, ...due)
  return { more, nextDueAt: earliest === Infinity ? null : earliest }
}

/** Behind as many others as one claim clears away, the answer is yes: they are work as well. */
function hasClaimable(namespace: Namespace, line: LineState, now: number): boolean {
  let examined = 0
  for (const id of dueIn(line, now)) {
    const row = namespace.readable(id)
    if (row !== null && isClaimable(row, now)) return true
    examined += 1
    if (examined === MAX_EXAMINED) return true
  }
  return false
}

function* dueIn({ indexes: { pending, scheduled } }: LineState, now: number): Generator<string, void> {
  for (const { id } of pending.ascending()) yield id
  for (const { id, score } of scheduled.ascending()) {
    if (score > now) return
    yield id
  }
}
