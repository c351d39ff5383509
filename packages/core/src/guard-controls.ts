import { checkArray, checkName } from './check.ts'
import type { Controls } from './controls.ts'
import { copyEach } from './copies.ts'
import { checkKeyReferences } from './key-reference.ts'
import type { Limits } from './limits.ts'

/** The edge of the controls: `ready` opens the backend, or says that it is closed. No queue, named as an empty list, is none. */
export function guardControls(
  inner: () => Controls,
  { limits, ready }: { readonly limits: Limits; readonly ready: () => Promise<void> },
): Controls {
  function ownQueues(queues: readonly string[] | null): readonly string[] | null {
    if (queues === null) return null
    checkArray('queues', queues, limits.batch).forEach((queue, i) => checkName(`queues[${i}]`, queue))
    return [...new Set(queues)]
  }

  return {
    async pause(queues) {
      const own = ownQueues(queues)
      await ready()
      if (own?.length !== 0) await inner().pause(own)
    },
    async resume(queues) {
      const own = ownQueues(queues)
      await ready()
      if (own?.length !== 0) await inner().resume(own)
    },
    async paused() {
      await ready()
      return await inner().paused()
    },
    async resetKeys(keys) {
      checkKeyReferences('keys', keys, limits)
      const own = copyEach(keys)
      await ready()
      return own.length === 0 ? [] : await inner().resetKeys(own)
    },
  }
}
