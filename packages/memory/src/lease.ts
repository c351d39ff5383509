import type { LeaseRequest, LeaseResult } from '@millrace/core'
import type { Namespace } from './namespace.ts'

/** Takes, keeps or releases a duty for a time. Another token changes nothing until the holder's time is up. */
export function lease(
  { leases }: Namespace,
  { name, token, ttlMs, release = false }: LeaseRequest,
  now: number,
): LeaseResult {
  const hold = leases.get(name)
  const holder = hold !== undefined && hold.until > now ? hold : null
  if (holder !== null && holder.token !== token) return { held: false, until: holder.until }
  if (release) {
    leases.delete(name)
    return { held: false, until: null }
  }
  leases.set(name, { token, until: now + ttlMs })
  return { held: true, until: now + ttlMs }
}
