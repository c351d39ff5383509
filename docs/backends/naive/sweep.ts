import {
  isTerminal,
  POISON,
  STALE,
  STATUS,
  TERMINAL_STATUSES,
  type SweepRequest,
  type SweepResult,
} from '@millrace/core'
import { expire, stillHeld } from './claim.ts'
import { instantOf, isHeld, isOverdue, UNHELD, type Row } from './row.ts'
import type { Store } from './store.ts'
import { forgetWorker } from './turn.ts'

/** Something that a duty has to deal with. */
interface Due {
  readonly id: string
  readonly since: number
  readonly act: () => void
}

type Step = Readonly<Record<Exclude<keyof SweepResult, 'more'>, string[]>>

/** One bounded step of a duty, the oldest first. */
export function sweep(store: Store, request: SweepRequest): SweepResult {
  const { queues, limit = 1_000 } = request
  if (request.what === 'stale' && queues === undefined) forgetUnseen(store, store.now - request.staleAfterMs)
  const step: Step = { requeued: [], failed: [], handlerNeeded: [], expired: [], removed: [] }
  const due = store.linesOf({ queues }).flatMap((line) => dueIn(store, line, { request, step }))
  const now = due.toSorted((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1)).slice(0, limit)
  for (const { act } of now) act()
  const forgotten = request.what === 'finished' && queues === undefined ? store.forgotten : []
  for (const key of forgotten.slice(0, limit - now.length)) store.keys.delete(key)
  return { ...step, more: due.length + forgotten.length > limit }
}

function dueIn(
  store: Store,
  line: string,
  { request, step }: { readonly request: SweepRequest; readonly step: Step },
): readonly Due[] {
  const { now } = store
  const rows = store.rowsIn(line)
  switch (request.what) {
    case 'stale':
      return rows
        .filter((row) => row.status === STATUS.running || isHeld(row))
        .map((row) => ({ id: row.id, since: row.heartbeatAt ?? -Infinity, act: () => takeBack(store, row, step) }))
        .filter(({ since }) => since < now - request.staleAfterMs)
    case 'expired':
      return rows
        .filter((row) => isOverdue(row, now))
        .map((row) => ({ id: row.id, since: row.expiresAt ?? 0, act: () => expireIn(store, row, step) }))
    case 'finished': {
      const statuses = request.statuses ?? TERMINAL_STATUSES
      const finished = rows.filter((row) => isTerminal(row.status) && statuses.includes(row.status) && !isHeld(row))
      const spoiled = statuses.includes(STATUS.failed) ? store.spoiledIn(line) : []
      return [...finished.map(({ id, completedAt }) => ({ id, since: completedAt ?? 0 })), ...spoiled]
        .filter(({ since }) => since < now - request.olderThanMs)
        .map((one) => ({ ...one, act: () => removeIn(store, one.id, step) }))
    }
  }
}

/** In line again while the crash budget lasts, else failed. */
function takeBack(store: Store, row: Row, { requeued, failed, handlerNeeded }: Step): void {
  const { id, requeueOnStale, recoveries, maxRecoveries } = row
  if (isHeld(row)) {
    store.letGo(row)
  } else if (requeueOnStale && recoveries < maxRecoveries) {
    const again = { recoveries: recoveries + 1, queuedAt: instantOf(row, store.now), scheduledAt: null }
    store.move(row, 'recover', STATUS.pending, { ...UNHELD, ...again })
    requeued.push(id)
  } else {
    const error = JSON.stringify(requeueOnStale && maxRecoveries > 0 ? POISON : STALE)
    store.end(row, 'recover', STATUS.failed, { error })
    failed.push(id)
    if (!requeueOnStale) handlerNeeded.push(id)
  }
}

function expireIn(store: Store, row: Row, { expired }: Step): void {
  expire(store, row)
  expired.push(row.id)
}

function removeIn(store: Store, id: string, { removed }: Step): void {
  store.remove(id)
  removed.push(id)
}

/** Whoever was not seen since is taken for gone, and so is what a worker claimed that never registered, once nothing of it is his. */
function forgetUnseen(store: Store, since: number): void {
  for (const { workerId, seenAt, everyMs = 0 } of store.workers.values())
    if (seenAt < since && seenAt < store.now - 2 * everyMs) forgetWorker(store, workerId)
  for (const [slot, last] of store.claims) {
    const isSpent = last.at < since && stillHeld(store, last).length === 0
    if (isSpent && !store.workers.has(last.workerId)) store.claims.delete(slot)
  }
}
