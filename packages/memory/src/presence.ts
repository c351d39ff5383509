import type { Presence } from '@millrace/core'
import type { Namespace } from './namespace.ts'
import { forgetSpent } from './slot.ts'

interface Introduction {
  readonly workerId: string
  readonly presence: Presence | null
}

/** Registers a worker, or says goodbye. */
export function present(namespace: Namespace, { workerId, presence }: Introduction, now: number): void {
  if (presence === null) {
    forget(namespace, workerId)
    return
  }
  const { startedAt = now, seenAt = now } = namespace.workers.get(workerId) ?? {}
  namespace.workers.set(workerId, { ...structuredClone(presence), workerId, startedAt, seenAt: Math.max(seenAt, now) })
}

/**
 * Whoever was not seen since this instant, nor for twice as long as it said, is taken for gone; programs that claim without registering are
 * never seen.
 */
export function forgetUnseen(namespace: Namespace, since: number, now: number): void {
  for (const { workerId, seenAt, everyMs = 0 } of namespace.workers.values())
    if (seenAt < since && seenAt < now - 2 * everyMs) forget(namespace, workerId)
  forgetSpent(namespace, since)
}

/** The registration and what the worker's slots remember. */
function forget({ workers, claims }: Namespace, workerId: string): void {
  workers.delete(workerId)
  claims.delete(workerId)
}
