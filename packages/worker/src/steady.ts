import type { Clock } from '@millrace/core'

/**
 * The clock, without its steps back. When a machine's time is set back by an hour, everything that was due in five seconds would be due
 * in an hour: no heartbeat, no claim, every attempt lost. Seen through this, time stands still for that moment and goes on.
 */
export function steady(clock: Clock): Clock {
  let seen = clock.now()
  let now = seen
  return {
    now() {
      const current = clock.now()
      now += Math.max(0, current - seen)
      seen = current
      return now
    },
    after: (ms, callback) => clock.after(ms, callback),
  }
}
