import { checkArray, checkName } from './check.ts'
import type { Controls } from './controls.ts'
import { copyEach } from './copies.ts'
import { checkKeyReferences } from './key-reference.ts'
import type { Life } from './guard-life.ts'
import type { Limits } from './limits.ts'

/** The edge of the controls. No queue, named as an empty list, is none. */
export function guardControls(
  inner: () => Controls,
  { limits, life }: { readonly limits: Limits; readonly life: Life },
): Controls {
  function ownQueues(queues: readonly string[] | null): readonly string[] | null {
    if (queues === null) return null
    checkArray('queues', queues, limits.batch).forEach((queue, i) => checkName(`queues[${i}]`, queue))
    return [...new Set(queues)]
  }

  return {
    async pause(queues) {
      const own = ownQueues(queues)
      if (!life.isOpen) await life.opened()
      if (own?.length !== 0) await inner().pause(own)
    },
    async resume(queues) {
      const own = ownQueues(queues)
      if (!life.isOpen) await life.opened()
      if (own?.length !== 0) await inner().resume(own)
    },
    async paused() {
      if (!life.isOpen) await life.opened()
      return await inner().paused()
    },
    async resetKeys(keys) {
      checkKeyReferences('keys', keys, limits)
      const own = copyEach(keys)
      if (!life.isOpen) await life.opened()
      return own.length === 0 ? [] : await inner().resetKeys(own)
    },
  }
}
