import type { Controls } from '@millrace/core'
import { keyIdentity } from './key.ts'
import type { Namespace } from './namespace.ts'
import { resetKey } from './reserve.ts'

/** `act` runs in the namespace as it is at each call. */
export function controlsIn(act: <T>(one: (namespace: Namespace, now: number) => T) => T): Controls {
  return {
    async pause(queues) {
      act(({ pauses }) => pauses.add(queues))
    },
    async resume(queues) {
      act(({ pauses, lines, wakeups }) => {
        pauses.take(queues)
        for (const line of lines.matching(queues === null ? {} : { queues })) wakeups.mark(line)
      })
    },
    async paused() {
      return act(({ pauses }) => pauses.shown())
    },
    async resetKeys(keys) {
      return act((namespace, now) =>
        keys.map((key) => resetKey(namespace, keyIdentity({ ...key, keyScope: key.scope }) ?? '', now)),
      )
    },
  }
}
