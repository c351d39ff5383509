import {
  MAX_EXAMINED,
  MAX_PROMOTED,
  STATUS,
  type Claim,
  type ClaimLine,
  type TaskRecord,
  type TurnRequest,
} from '@millrace/core'
import { expire } from './expire.ts'
import type { Place } from './lines.ts'
import { merge } from './merge.ts'
import { move } from './move.ts'
import type { Namespace } from './namespace.ts'
import { precedes } from './ordered-set.ts'
import { outlook, type Source } from './outlook.ts'
import { promote } from './promote.ts'
import { quarantine, rowAt } from './quarantine.ts'
import { instantOf, isOverdue, readStored, recordOf, statusAt, type Row } from './row.ts'
import { lastClaim, rememberClaim, stillHeld } from './slot.ts'

interface Claimed {
  readonly records: readonly TaskRecord[]
  readonly expired: readonly string[]
  readonly more: boolean
  readonly nextDueAt: number | null
}

/** One claim at work: what it took, and what it found overdue. */
interface Claimer {
  readonly namespace: Namespace
  readonly workerId: string
  readonly now: number
  readonly records: TaskRecord[]
  readonly expired: string[]
}

/**
 * Takes due records for a worker's slot. With the nonce of the slot's last claim: what that one took and the worker still holds, and
 * nothing new. A claim that takes nothing is not remembered.
 */
export function claimFor(namespace: Namespace, request: TurnRequest, now: number): Claimed {
  const { claim, workerId, nonce } = request
  if (claim === undefined) return { records: [], expired: [], more: false, nextDueAt: null }
  const claimer: Claimer = { namespace, workerId, now, records: [], expired: [] }
  const { records, expired } = claimer
  const sources = 'ids' in claim ? [] : claim.lines.flatMap((line) => sourceOf(namespace, line))
  const last = lastClaim(namespace, request)
  if (last?.nonce === nonce) {
    records.push(...stillHeld(namespace, last, workerId).map((row) => recordOf(row, row.id, now)))
  } else {
    if ('ids' in claim) claimIds(claimer, claim.ids)
    else claimLines(claimer, sources, claim)
    const taken = records.map(({ id, attempt }) => ({ id, attempt }))
    if (taken.length > 0) rememberClaim(namespace, request, { nonce, taken, at: now })
  }
  return { records, expired, ...outlook(namespace, sources, now) }
}

/** A line that does not exist offers nothing, nor does one that is paused. */
function sourceOf(namespace: Namespace, { limit = Infinity, ...name }: ClaimLine): readonly Source[] {
  const line = namespace.lines.find(name)
  return line === undefined || namespace.pauses.holds(line) ? [] : [{ line, left: limit }]
}

function claimLines(
  claimer: Claimer,
  sources: readonly Source[],
  { limit, order }: Exclude<Claim, { ids: unknown }>,
): void {
  const { namespace, now, records, expired } = claimer
  if (limit === 0) return
  for (const { line } of sources) promote(namespace, line, { now, limit: MAX_PROMOTED })
  const offers = sources.map(offerOf)
  for (const { source, ...place } of order === 'listed' ? inTurn(offers) : merge(offers, precedes)) {
    const row = rowAt(namespace, place, now)
    if (row !== null && take(claimer, row)) source.left -= 1
    // A claim stays short however many are overdue: the next one goes on.
    if (records.length === limit || expired.length === MAX_EXAMINED) return
  }
}

/** What a line offers, in execution order, while its own limit lasts. */
function* offerOf(source: Source): Generator<Place & { readonly source: Source }, void> {
  const { line } = source
  if (source.left === 0) return
  for (const entry of line.indexes.pending.ascending()) {
    yield { ...entry, line, index: STATUS.pending, source }
    if (source.left === 0) return
  }
}

function* inTurn<T>(offers: readonly Generator<T, void>[]): Generator<T, void> {
  for (const offer of offers) yield* offer
}

/** Those that are due, also with an executionRef; the others are passed over. */
function claimIds(claimer: Claimer, ids: readonly string[]): void {
  const { namespace, now } = claimer
  for (const id of ids) {
    const row = namespace.readable(id)
    if (row === null || statusAt(row, now) !== STATUS.pending || namespace.pauses.holds(row)) continue
    if (row.status === STATUS.scheduled) move(namespace, row, 'promote', STATUS.pending)
    take(claimer, row)
  }
}

/** Whether the record is the worker's now. One that is overdue expires; one whose values cannot be read is quarantined. */
function take({ namespace, workerId, now, records, expired }: Claimer, row: Row): boolean {
  const { id } = row
  if (isOverdue(row, now)) {
    expire(namespace, row, now)
    expired.push(id)
    return false
  }
  const at = Math.max(instantOf(row, now), row.queuedAt)
  move(namespace, row, 'claim', STATUS.running, {
    attempt: row.attempt + 1,
    startedAt: at,
    heartbeatAt: at,
    workerId,
    progress: null,
  })
  const read = readStored(row, now)
  if ('defect' in read) {
    quarantine(namespace, { line: row, id, raw: JSON.stringify(row) }, now)
    return false
  }
  records.push(read)
  return true
}
