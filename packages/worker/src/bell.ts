import type { Clock } from '@millrace/core'

/** Wakes the one who waits: when it is rung, or when the time is over. */
export interface Bell {
  ring(): void
  /** Resolves at the next ring, at the latest in `ms` (Infinity: only by a ring). One waiter at a time. */
  wait(ms: number): Promise<void>
}

export function createBell(clock: Clock): Bell {
  let wake: () => void = () => undefined
  return {
    ring: () => wake(),
    wait: (ms) =>
      new Promise((resolve) => {
        const disarm = ms === Infinity ? undefined : clock.after(ms, end)
        function end(): void {
          disarm?.()
          resolve()
        }
        wake = end
      }),
  }
}
