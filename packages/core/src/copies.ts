import type { SweepRequest } from './backend.ts'
import type { Note } from './log.ts'
import type { Claim, ClaimLine, TurnRequest } from './turn.ts'
import type { WatchRequest } from './watch.ts'

/*
 * Copies of what was checked. Between the check and the act a backend may have to be opened, or to wait for its server: what the
 * caller changes meanwhile would reach it unchecked, and be stored.
 */

export function copyEach<T extends object>(items: readonly T[]): readonly T[] {
  return items.map((one) => ({ ...one }))
}

export function copyTurn(turn: TurnRequest): TurnRequest {
  const { settlements, claim, touches, presence } = turn
  return {
    ...turn,
    ...(settlements === undefined ? {} : { settlements: settlements.map(copyLogging) }),
    ...(touches === undefined ? {} : { touches: touches.map(copyLogging) }),
    ...(claim === undefined ? {} : { claim: copyClaim(claim) }),
    ...(presence === undefined || presence === null
      ? {}
      : { presence: { ...presence, lines: copyEach(presence.lines) } }),
  }
}

function copyLogging<T extends { readonly log?: readonly Note[] }>(one: T): T {
  return one.log === undefined ? { ...one } : { ...one, log: copyEach(one.log) }
}

function copyClaim(claim: Claim): Claim {
  return 'ids' in claim ? { ids: [...claim.ids] } : { ...claim, lines: copyLines(claim.lines) }
}

/** Copies of lines that nobody can change any more, by the list that was given. */
const fixed = new WeakMap<readonly ClaimLine[], readonly ClaimLine[]>()

/** A copy that was made before of a list of lines that cannot change: a worker asks with the same one for as long as it lives. */
export function fixedLines(lines: readonly ClaimLine[]): readonly ClaimLine[] | undefined {
  return fixed.get(lines)
}

function copyLines(lines: readonly ClaimLine[]): readonly ClaimLine[] {
  const known = fixedLines(lines)
  if (known !== undefined) return known
  const own = copyEach(lines)
  // Whether a limit of a line's own is allowed depends on the backend.
  const isFixed = Object.isFrozen(lines) && lines.every((line) => Object.isFrozen(line) && !('limit' in line))
  if (isFixed) fixed.set(lines, Object.freeze(own.map((line) => Object.freeze(line))))
  return own
}

export function copySweep(request: SweepRequest): SweepRequest {
  const { queues } = request
  const copy = { ...request, ...(queues === undefined ? {} : { queues: [...queues] }) }
  return copy.what !== 'finished' || copy.statuses === undefined ? copy : { ...copy, statuses: [...copy.statuses] }
}

export function copyWatch(request: WatchRequest): WatchRequest {
  const { lines, ids } = request
  return {
    ...request,
    ...(lines === undefined ? {} : { lines: copyEach(lines) }),
    ...(ids === undefined ? {} : { ids: [...ids] }),
  }
}
