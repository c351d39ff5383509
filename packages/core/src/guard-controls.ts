import { checkArray, checkName } from './check.ts'
import type { Controls } from './controls.ts'
import { copyEach } from './copies.ts'
import { checkKeyReferences } from './key-reference.ts'
import type { Door } from './door.ts'
import type { Limits } from './limits.ts'

/** The edge of the controls. No queue, named as an empty list, is none. */
export function guardControls(
  inner: () => Controls,
  { limits, door }: { readonly limits: Limits; readonly door: Door },
): Controls {
  function ownQueues(queues: readonly string[] | null): readonly string[] | null {
    if (queues === null) return null
    checkArray('queues', queues, limits.batch).forEach((queue, i) => checkName(`queues[${i}]`, queue))
    return [...new Set(queues)]
  }

  return {
    async pause(queues) {
      const own = ownQueues(queues)
      if (!door.isOpen) await door.opened()
      if (own?.length !== 0) await inner().pause(own)
    },
    async resume(queues) {
      const own = ownQueues(queues)
      if (!door.isOpen) await door.opened()
      if (own?.length !== 0) await inner().resume(own)
    },
    async paused() {
      if (!door.isOpen) await door.opened()
      return await inner().paused()
    },
    async resetKeys(keys) {
      checkKeyReferences('keys', keys, limits)
      const own = copyEach(keys)
      if (!door.isOpen) await door.opened()
      return own.length === 0 ? [] : await inner().resetKeys(own)
    },
  }
}
