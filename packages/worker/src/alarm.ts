import type { Clock } from '@millrace/core'

/**
 * Wakes its owner in time, and sometimes before: it is left as it is when what it was set for has gone, and set anew by the one whom it has
 * woken. To arm a timer and take it back costs as much as a small turn.
 */
export interface Alarm {
  /** Ring at this instant at the latest; Infinity: it need not ring. */
  set(at: number): void
  off(): void
}

export function createAlarm(clock: Clock, onRing: () => void): Alarm {
  let ringsAt = Infinity
  let disarm: (() => void) | null = null

  function ring(): void {
    ringsAt = Infinity
    onRing()
  }

  return {
    set(at) {
      // One that should have rung by now waits for a clock that has jumped.
      if (at >= ringsAt && ringsAt > clock.now()) return
      disarm?.()
      ringsAt = at
      disarm = at === Infinity ? null : clock.after(at - clock.now(), ring)
    },
    off() {
      disarm?.()
      ringsAt = Infinity
    },
  }
}
