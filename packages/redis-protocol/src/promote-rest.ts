import { MAX_PROMOTED, type ClaimLine } from '@millrace/core'
import type { Caller } from './caller.ts'
import { lineName } from './keys.ts'
import { promote as script } from './scripts.generated.ts'

/** Due records that one script moves in all. */
const MOST_AT_ONCE = 1_000

/** Behind the first part of a claim: moves as many further due records of each line as one claim may. */
export async function promoteRest(caller: Caller, lines: readonly ClaimLine[]): Promise<void> {
  const most = Math.ceil(MOST_AT_ONCE / lines.length)
  for (let done = most; done < MAX_PROMOTED; done += most) {
    const { main } = await caller.run(script, {
      args: { now: caller.now, prefix: caller.keys.prefix, most: Math.min(most, MAX_PROMOTED - done) },
      lines: [...new Set(lines.map(lineName))],
    })
    if (main !== '1') return
  }
}
