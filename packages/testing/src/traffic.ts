import type { Backend } from '@millrace/core'

/** Sees the calls that are under way, and the event loop go round: how a testbed knows that nothing more will happen by itself. */
export interface Traffic {
  /** Something has happened that others may wait for. */
  stir(): void
  /** Resolves at the next thing that happens. */
  changed(): Promise<void>
  /** Resolves once no call is under way and the event loop has gone round some times without anything new. `check` may throw meanwhile. */
  calm(check?: () => void): Promise<void>
  /** The same backend, each call of which is seen from here. */
  seen(backend: Backend): Backend
}

/**
 * Rounds of the event loop in which nothing happens: what is ready runs in the first one, what it asks for "when the event loop has gone round"
 * in the second one; twice that, for code of the user's own that does the same.
 */
const STILL_ROUNDS = 4

const nextRound = globalThis.setImmediate

export function createTraffic(): Traffic {
  let underWay = 0
  let happened = 0
  let next = Promise.withResolvers<void>()

  function stir(): void {
    happened += 1
    next.resolve()
    next = Promise.withResolvers<void>()
  }

  async function follow(call: Promise<unknown>): Promise<void> {
    underWay += 1
    stir()
    try {
      await call
    } catch {
      // Whoever made the call learns of it.
    }
    underWay -= 1
    stir()
  }

  return {
    stir,
    changed: () => next.promise,

    async calm(check) {
      for (let still = 0; still < STILL_ROUNDS;) {
        const before = happened
        if (underWay > 0) await next.promise
        else await new Promise((resolve) => nextRound(resolve))
        check?.()
        still = happened === before ? still + 1 : 0
      }
    },

    seen: (backend) =>
      new Proxy(backend, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name, target)
          if (typeof member !== 'function') return member
          return (...parameters: readonly unknown[]): unknown => {
            const answer: unknown = Reflect.apply(member, target, parameters)
            if (answer instanceof Promise) void follow(answer)
            return answer
          }
        },
      }),
  }
}
