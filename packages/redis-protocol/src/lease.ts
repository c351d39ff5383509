import type { LeaseRequest, LeaseResult } from '@millrace/core'
import type { Caller } from './caller.ts'
import { lease as script } from './scripts.generated.ts'

export async function lease(
  caller: Caller,
  { name, token, ttlMs, release = false }: LeaseRequest,
): Promise<LeaseResult> {
  const { main } = await caller.run(script, {
    args: { now: caller.now, name, token, ttl: ttlMs, release: release ? 1 : 0 },
  })
  const [held, until = ''] = main.split(' ')
  return { held: held === '1', until: until === '' ? null : Number(until) }
}
