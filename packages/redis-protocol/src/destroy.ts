import type { Caller } from './caller.ts'
import { linesMatching } from './known-lines.ts'
import { destroy as script } from './scripts.generated.ts'

/** Lines that one script removes; the server frees their memory in the background. */
const LINES_AT_ONCE = 200

/** Removes line after line, and once none is left, what they share. */
export async function destroy(caller: Caller): Promise<void> {
  for (let isGone = false; !isGone;) {
    const lines = await linesMatching(caller)
    const { main } = await caller.run(script, {
      args: { prefix: caller.keys.prefix },
      lines: lines.slice(0, LINES_AT_ONCE),
    })
    isGone = main === '1'
  }
}
