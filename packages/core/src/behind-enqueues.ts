import type { Backend } from './backend.ts'
import type { EnqueueBatch } from './batch.ts'
import type { Controls } from './controls.ts'
import { resending } from './resend.ts'

/** They answer a resend as they answered at first. Sweeps do not: what the first one did is missing in the second one's answer. */
const REPEATABLE: ReadonlySet<PropertyKey> = new Set<keyof Backend | keyof Controls>([
  'turn',
  'cancel',
  'assign',
  'replay',
  'lease',
  'pause',
  'resume',
])

/**
 * The same backend, each call of which waits for the enqueues under way, also those gathered in this tick: a backend may write many
 * records in several steps, and whoever asks after an enqueue must find all of them.
 */
export function behindEnqueues(backend: Backend, enqueues: EnqueueBatch): Backend {
  return waiting(backend, enqueues)
}

function waiting<T extends object>(part: T, enqueues: EnqueueBatch): T {
  return new Proxy(part, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (name === CONTROLS && typeof member === 'object' && member !== null) return waiting(member, enqueues)
      if (typeof member !== 'function') return member
      return (...parameters: readonly unknown[]): unknown => {
        const once = (): unknown => Reflect.apply(member, target, parameters)
        const call = REPEATABLE.has(name) ? () => resending(once) : once
        return enqueues.underWay()?.then(call) ?? call()
      }
    },
  })
}

const CONTROLS: keyof Backend = 'controls'
