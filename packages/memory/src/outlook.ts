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

/** Whether the claim could have had more, and when the next record of its lines falls due. The lines that have more are hinted again. */
export function outlook(namespace: Namespace, sources: readonly Source[], now: number): Outlook {
  const withMore = sources.filter(({ line }) => hasClaimable(namespace, line, now))
  const more = withMore.some(({ left }) => left > 0)
  if (more) for (const { line } of withMore) namespace.wakeups.mark(line)
  const due = sources.map(({ line }) => line.indexes.scheduled.after({ score: now, id: LAST_ID })?.score ?? Infinity)
  const earliest = Math.min(Infinity, ...due)
  return { more, nextDueAt: earliest === Infinity ? null : earliest }
}

function hasClaimable(namespace: Namespace, { indexes }: LineState, now: number): boolean {
  const claimable = (id: string): boolean => {
    const row = namespace.readable(id)
    return row !== null && isClaimable(row, now)
  }
  for (const { id } of indexes.pending.ascending()) if (claimable(id)) return true
  for (const { id, score } of indexes.scheduled.ascending()) {
    if (score > now) return false
    if (claimable(id)) return true
  }
  return false
}
