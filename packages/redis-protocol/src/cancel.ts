import { CANCELLED, DEFAULT_CANCEL_REASON, type ActResult, type CancelRequest } from '@millrace/core'
import { readActs } from './acts.ts'
import type { Caller } from './caller.ts'
import { chunks } from './chunks.ts'
import { cancel as script } from './scripts.generated.ts'
import { shortId } from './short-id.ts'

export async function cancel(
  caller: Caller,
  { ids, includeRunning = false, reason = DEFAULT_CANCEL_REASON }: CancelRequest,
): Promise<readonly ActResult[]> {
  const failure = `e${JSON.stringify(CANCELLED(reason))}`
  const results: ActResult[] = []
  for (const piece of chunks(ids)) {
    const { main } = await caller.runOnLines(script, {
      args: { now: caller.now, prefix: caller.keys.prefix, includesRunning: includeRunning ? 1 : 0, failure },
      items: piece.map(shortId),
    })
    results.push(...readActs(main, piece))
  }
  return results
}
