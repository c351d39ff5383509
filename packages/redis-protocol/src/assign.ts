import type { ActResult, Assignment } from '@millrace/core'
import { readActs } from './acts.ts'
import type { Caller } from './caller.ts'
import { chunks } from './chunks.ts'
import { escapeText } from './escape.ts'
import { fenceText } from './fence.ts'
import { assign as script } from './scripts.generated.ts'
import { shortId } from './short-id.ts'

export async function assign(caller: Caller, assignments: readonly Assignment[]): Promise<readonly ActResult[]> {
  const results: ActResult[] = []
  for (const piece of chunks(assignments)) {
    const { main } = await caller.runOnLines(script, { args: { now: caller.now }, items: piece.flatMap(itemsOf) })
    results.push(
      ...readActs(
        main,
        piece.map(({ id }) => id),
      ),
    )
  }
  return results
}

function itemsOf({
  id,
  attempt,
  expectedRef,
  executionRef,
  executionBackend = '',
  executionProfile,
}: Assignment): readonly string[] {
  const given = (value: string | null | undefined): string => (value === undefined ? '' : `1${escapeText(value)}`)
  return [
    shortId(id),
    fenceText(attempt),
    given(expectedRef),
    escapeText(executionRef),
    executionBackend,
    given(executionProfile),
  ]
}
