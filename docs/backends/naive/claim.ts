import { EXPIRED, MAX_PROMOTED, STATUS, type Claim, type TurnAnswer, type TurnRequest } from '@millrace/core'
import { executionScore, instantOf, isClaimable, isOverdue, lineName, recordOf, statusAt, type Row } from './row.ts'
import type { LastClaim, Store } from './store.ts'

/** With the nonce of the slot's last claim: what that one took and the worker still holds, and nothing new. */
export function claimFor(
  store: Store,
  request: TurnRequest,
): Pick<TurnAnswer, 'records' | 'expired' | 'more' | 'nextDueAt'> {
  const { claim, nonce, workerId } = request
  if (claim === undefined) return { records: [], expired: [], more: false, nextDueAt: null }
  const quotas = quotasOf(store, claim)
  const last = store.claims.get(slotName(request))
  const { taken, expired } =
    last?.nonce === nonce ? { taken: stillHeld(store, last), expired: [] } : take(store, claim, { workerId, quotas })
  if (last?.nonce !== nonce && taken.length > 0) {
    const ids = taken.map(({ id, attempt }) => ({ id, attempt }))
    store.claims.set(slotName(request), { workerId, nonce, taken: ids, at: store.now })
  }
  return { records: taken.map((row) => recordOf(row, store.now)), expired, ...outlook(store, quotas) }
}

/** A worker's name holds no space. */
export function slotName({ workerId, slot }: Pick<TurnRequest, 'workerId' | 'slot'>): string {
  return `${workerId} ${slot}`
}

/** What a claim took and its worker still holds. */
export function stillHeld(store: Store, { taken, workerId }: LastClaim): readonly Row[] {
  return taken.flatMap(({ id, attempt }) => {
    const row = store.row(id)
    return row?.status === STATUS.running && row.attempt === attempt && row.workerId === workerId ? [row] : []
  })
}

/** How many each line may still give. A claim by ids names no line. */
type Quotas = Map<string, number>

function quotasOf(store: Store, claim: Claim): Quotas {
  const lines =
    'ids' in claim ? [] : claim.lines.map(({ limit = Infinity, ...line }) => [lineName(line), limit] as const)
  return new Map(lines.filter(([line]) => !store.isPaused(line)))
}

interface Taken {
  readonly taken: readonly Row[]
  readonly expired: readonly string[]
}

/** Each (id, attempt) goes to one claimer. What is overdue expires on the way. */
function take(
  store: Store,
  claim: Claim,
  { workerId, quotas }: { readonly workerId: string; readonly quotas: Quotas },
): Taken {
  const limit = 'ids' in claim ? claim.ids.length : claim.limit
  const taken: Row[] = []
  const expired: string[] = []
  for (const row of candidates(store, claim)) {
    const quota = quotas.get(lineName(row)) ?? Infinity
    if (taken.length === limit) break
    if (quota === 0) continue
    if (isOverdue(row, store.now)) {
      expire(store, row)
      expired.push(row.id)
      continue
    }
    const at = Math.max(instantOf(row, store.now), row.queuedAt)
    const held = { attempt: row.attempt + 1, startedAt: at, heartbeatAt: at, workerId, progress: null }
    taken.push(store.move(row, 'claim', STATUS.running, held))
    if (quota !== Infinity) quotas.set(lineName(row), quota - 1)
  }
  return { taken, expired }
}

/** What is due and not paused, in the order in which it is taken. */
function candidates(store: Store, claim: Claim): readonly Row[] {
  const inOrder = (a: Row, b: Row): number => score(a) - score(b) || (a.id < b.id ? -1 : 1)
  const score = (row: Row): number => executionScore(row, store.step)
  const isDue = (row: Row): boolean => statusAt(row, store.now) === STATUS.pending
  if ('ids' in claim)
    return [...new Set(claim.ids)]
      .flatMap((id) => store.row(id) ?? [])
      .filter((row) => isDue(row) && !store.isPaused(lineName(row)))
  const byLine = [...new Set(claim.lines.map(lineName))]
    .filter((line) => !store.isPaused(line))
    .map((line) => {
      const due = store.rowsIn(line).filter((row) => isDue(row) && row.executionRef === null)
      const scheduled = due.filter(({ status }) => status === STATUS.scheduled)
      const promoted = scheduled.toSorted((a, b) => a.queuedAt - b.queuedAt).slice(0, MAX_PROMOTED)
      return [...due.filter(({ status }) => status === STATUS.pending), ...promoted].toSorted(inOrder)
    })
  return claim.order === 'listed' ? byLine.flat() : byLine.flat().toSorted(inOrder)
}

/** Lines that have more are hinted again, for others who wait. Of what is paused nothing is said. */
function outlook(store: Store, quotas: Quotas): Pick<TurnAnswer, 'more' | 'nextDueAt'> {
  const lines = [...quotas.keys()].map((line) => ({ line, rows: store.rowsIn(line) }))
  const withMore = lines.filter(({ rows }) => rows.some((row) => isClaimable(row, store.now)))
  const more = withMore.some(({ line }) => quotas.get(line) !== 0)
  for (const { line } of withMore) store.mark(line)
  const due = lines.flatMap(({ rows }) =>
    rows.flatMap(({ status, scheduledAt }) => (status === STATUS.scheduled ? (scheduledAt ?? []) : [])),
  )
  const next = Math.min(...due.filter((at) => at > store.now))
  return { more, nextDueAt: next === Infinity ? null : next }
}

export function expire(store: Store, row: Row): void {
  store.end(row, 'expire', STATUS.expired, { error: JSON.stringify(EXPIRED) })
}
