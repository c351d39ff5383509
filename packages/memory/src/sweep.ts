import { STATUS, TERMINAL_STATUSES, type SweepRequest, type SweepResult } from '@millrace/core'
import { expire } from './expire.ts'
import type { IndexName } from './filing.ts'
import type { Place } from './lines.ts'
import { merge } from './merge.ts'
import { letGo, remove } from './move.ts'
import type { Namespace } from './namespace.ts'
import { precedes } from './ordered-set.ts'
import { forgetUnseen } from './presence.ts'
import { removeUnreadable, rowAt } from './quarantine.ts'
import { recover } from './recover.ts'
import { forgetWindows } from './reserve.ts'
import { isHeld } from './row.ts'

/** One step of a duty, the oldest first. What it deals with leaves the indexes that it reads. */
export function sweep(
  namespace: Namespace,
  request: SweepRequest & { readonly limit: number },
  now: number,
): SweepResult {
  const step: Step = { namespace, now, requeued: [], failed: [], handlerNeeded: [], expired: [], removed: [] }
  const { requeued, failed, handlerNeeded, expired, removed } = step
  const { indexes, before } = reachOf(request, now)
  if (request.what === 'stale' && request.queues === undefined) forgetUnseen(namespace, before, now)

  const lines = namespace.lines.matching(request)
  const sources = lines.flatMap((line) => indexes.map((index) => olderThan(namespace, { line, index }, before)))
  let left = request.limit
  let more = false
  for (const place of merge(sources, precedes)) {
    more = left === 0
    if (more) break
    DUTIES[request.what](step, place)
    left -= 1
  }
  if (request.what === 'finished' && request.queues === undefined && !more) more = forgetWindows(namespace, left, now)
  return { requeued, failed, handlerNeeded, expired, removed, more }
}

type Duty = SweepRequest['what']

/** One sweep at work: what it has done. */
interface Step {
  readonly namespace: Namespace
  readonly now: number
  readonly requeued: string[]
  readonly failed: string[]
  readonly handlerNeeded: string[]
  readonly expired: string[]
  readonly removed: string[]
}

/** What a duty reads, and from which instant on it is none of its business. */
function reachOf(
  request: SweepRequest,
  now: number,
): { readonly indexes: readonly IndexName[]; readonly before: number } {
  if (request.what === 'stale') return { indexes: ['beating', 'held'], before: now - request.staleAfterMs }
  if (request.what === 'finished')
    return { indexes: [...new Set(request.statuses ?? TERMINAL_STATUSES)], before: now - request.olderThanMs }
  return { indexes: ['expiring'], before: now }
}

/** A cancelled record whose holder has not let go has not finished yet. */
function* olderThan(
  namespace: Namespace,
  { line, index }: Pick<Place, 'line' | 'index'>,
  before: number,
): Generator<Place, void> {
  for (const { score, id } of line.indexes[index].ascending()) {
    if (score >= before) return
    const row = index === STATUS.cancelled ? namespace.readable(id) : null
    if (row === null || !isHeld(row)) yield { line, index, score, id }
  }
}

const DUTIES: Readonly<Record<Duty, (step: Step, place: Place) => void>> = {
  stale: takeBack,
  expired: expireAt,
  finished: removeAt,
}

function takeBack({ namespace, now, requeued, failed, handlerNeeded }: Step, place: Place): void {
  const row = rowAt(namespace, place, now)
  if (row === null) return
  if (isHeld(row)) {
    letGo(namespace, row)
  } else if (recover(namespace, row, now)) {
    requeued.push(row.id)
  } else {
    failed.push(row.id)
    if (!row.requeueOnStale) handlerNeeded.push(row.id)
  }
}

function expireAt({ namespace, now, expired }: Step, place: Place): void {
  const row = rowAt(namespace, place, now)
  if (row === null) return
  expire(namespace, row, now)
  expired.push(row.id)
}

function removeAt({ namespace, now, removed }: Step, place: Place): void {
  if (typeof namespace.rows.get(place.id) === 'string') {
    removeUnreadable(namespace, place, now)
  } else {
    const row = rowAt(namespace, place, now)
    if (row === null) return
    remove(namespace, row, now)
  }
  removed.push(place.id)
}
