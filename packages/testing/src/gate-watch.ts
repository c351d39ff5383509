import type { Watch } from '@millrace/core'

/** In the place of the backend's hints that there is work: a testbed's worker looks for work when it is told to, and not before. */
export interface Gate {
  /** Tell the worker to look. Told twice before it listens is told once. */
  open(): void
  watch(signal: AbortSignal | undefined): Watch
}

export function createGate(): Gate {
  let isTold = false
  let wake: () => void = () => undefined

  return {
    open() {
      isTold = true
      wake()
    },
    watch(ended) {
      let isClosed = false
      return {
        async next({ signal } = {}) {
          const over = (): boolean => isClosed || ended?.aborted === true || signal?.aborted === true
          const isShut = (): boolean => !isTold && !over()
          while (isShut()) {
            const { promise, resolve } = Promise.withResolvers<void>()
            wake = resolve
            for (const one of [ended, signal]) one?.addEventListener('abort', () => resolve(), { once: true })
            await promise
          }
          if (over()) return null
          isTold = false
          return { kind: 'work' }
        },
        async close() {
          isClosed = true
          wake()
        },
      }
    },
  }
}
