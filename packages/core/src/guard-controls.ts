import type { Controls } from './controls.ts'
import { copyEach } from './copies.ts'
import { checkKeyReferences } from './key-reference.ts'
import type { Limits } from './limits.ts'

/** The edge of a backend's controls, like that of its other methods. `ready` opens the backend, or refuses. */
export function guardControls(
  inner: Controls,
  { limits, ready }: { readonly limits: Limits; readonly ready: () => Promise<void> },
): Controls {
  return {
    async resetKeys(keys) {
      checkKeyReferences('keys', keys, limits)
      const own = copyEach(keys)
      await ready()
      return own.length === 0 ? [] : await inner.resetKeys(own)
    },
  }
}
