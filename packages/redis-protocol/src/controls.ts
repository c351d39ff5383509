import type { Controls, KeyReference, KeyReset } from '@millrace/core'
import type { Caller } from './caller.ts'
import { chunks } from './chunks.ts'
import { referredIdentity } from './identity.ts'
import { resetKeys as script } from './scripts.generated.ts'
import { garbled } from './server-error.ts'

/** `acting` gives a caller for one call. */
export function controlsOn(acting: () => Caller): Controls {
  return { resetKeys: async (keys) => await resetKeys(acting(), keys) }
}

const RESETS: ReadonlyMap<string, KeyReset> = new Map([
  ['r', 'reset'],
  ['f', 'free'],
  ['x', 'refused'],
])

async function resetKeys(caller: Caller, keys: readonly KeyReference[]): Promise<readonly KeyReset[]> {
  const resets: KeyReset[] = []
  for (const piece of chunks(keys)) {
    const { main } = await caller.run(script, { args: { now: caller.now }, items: piece.map(referredIdentity) })
    for (const i of piece.keys()) {
      const reset = RESETS.get(main.charAt(i))
      if (reset === undefined) throw garbled()
      resets.push(reset)
    }
  }
  return resets
}
