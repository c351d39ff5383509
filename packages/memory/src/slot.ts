import { STATUS, type HeldAttempt, type TurnRequest } from '@millrace/core'
import type { ClaimMemory, Namespace } from './namespace.ts'
import type { Row } from './row.ts'

type Slot = Pick<TurnRequest, 'workerId' | 'slot'>

/** What this slot's last claim took. */
export function lastClaim({ claims }: Namespace, { workerId, slot }: Slot): ClaimMemory | undefined {
  return claims.get(workerId)?.get(slot)
}

export function rememberClaim({ claims }: Namespace, { workerId, slot }: Slot, memory: ClaimMemory): void {
  const slots = claims.get(workerId) ?? new Map<number, ClaimMemory>()
  claims.set(workerId, slots.set(slot, memory))
}

/** The records of a claim that still run at that attempt under the worker that made it. */
export function stillHeld(namespace: Namespace, { taken }: ClaimMemory, workerId: string): readonly Row[] {
  return taken.flatMap(({ id, attempt }) => {
    const row = namespace.readable(id)
    return row?.status === STATUS.running && row.attempt === attempt && row.workerId === workerId ? [row] : []
  })
}

/** Drops what was claimed before this instant by those who never registered, once nothing of it is theirs any more. */
export function forgetSpent(namespace: Namespace, since: number): void {
  const { claims, workers } = namespace
  for (const [workerId, slots] of claims) {
    if (workers.has(workerId)) continue
    for (const [slot, memory] of slots) {
      if (memory.at < since && stillHeld(namespace, memory, workerId).length === 0) slots.delete(slot)
    }
    if (slots.size === 0) claims.delete(workerId)
  }
}

/**
 * What the slot's last claim took and the worker does not mention, although it lists what it holds: the reply that carried it was
 * lost. Not when this call repeats that claim, and so brings the answer.
 */
export function unknownTo(
  namespace: Namespace,
  { settlements = [], touches, nonce, ...slot }: TurnRequest,
): readonly HeldAttempt[] {
  const last = lastClaim(namespace, slot)
  if (touches === undefined || last === undefined || last.nonce === nonce) return []
  const known = new Set([...settlements, ...touches].map(({ id }) => id))
  return stillHeld(namespace, last, slot.workerId)
    .filter(({ id }) => !known.has(id))
    .map(({ id, attempt }) => ({ id, attempt }))
}
