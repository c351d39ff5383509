import { manualClock, type Clock } from '@millrace/core'

/** The time of one testbed: it stands still until it is moved, and knows what is armed on it. */
export interface Timeline {
  /** For the client and the code under test: time travel stops at each of its timers. */
  readonly clock: Clock
  /** For what works behind the scenes, whose timers are many and of which no test knows. */
  readonly inner: Clock
  /** When the next timer of `clock` fires, with `all` the next one of both; Infinity if none is armed. */
  nextTimer(which: 'own' | 'all'): number
  /** Forward, through every timer on the way. An instant that has passed is now. */
  moveTo(instant: number): void
}

export function createTimeline(start: number): Timeline {
  const manual = manualClock(start)
  const own = new Set<{ readonly at: number }>()
  const others = new Set<{ readonly at: number }>()

  function view(armed: Set<{ readonly at: number }>): Clock {
    return {
      now: manual.now,
      after(ms, callback) {
        const timer = { at: manual.now() + Math.max(0, ms) }
        armed.add(timer)
        const disarm = manual.after(ms, () => {
          armed.delete(timer)
          callback()
        })
        return () => {
          armed.delete(timer)
          disarm()
        }
      },
    }
  }

  return {
    clock: view(own),
    inner: view(others),
    nextTimer(which) {
      let first = Infinity
      for (const { at } of own) first = Math.min(first, at)
      if (which === 'all') for (const { at } of others) first = Math.min(first, at)
      return first
    },
    moveTo(instant) {
      manual.advance(Math.max(0, instant - manual.now()))
    },
  }
}
