import type { ReplayOptions, ReplayRequest, ReplayResult } from '@millrace/core'
import { readReplays } from './acts.ts'
import type { Caller } from './caller.ts'
import { chunks } from './chunks.ts'
import { fenceText } from './fence.ts'
import { replay as script } from './scripts.generated.ts'
import { shortId } from './short-id.ts'

export async function replay(
  caller: Caller,
  requests: readonly ReplayRequest[],
  { delayMs = 0 }: ReplayOptions,
): Promise<readonly ReplayResult[]> {
  const results: ReplayResult[] = []
  for (const piece of chunks(requests)) {
    const { main } = await caller.runOnLines(script, {
      args: { now: caller.now, delay: delayMs },
      items: piece.flatMap(({ id, attempt }) => [shortId(id), fenceText(attempt)]),
    })
    results.push(
      ...readReplays(
        main,
        piece.map(({ id }) => id),
      ),
    )
  }
  return results
}
