import type { Backend } from './backend.ts'
import { invalidArgument } from './errors.ts'
import type { Paused } from './controls.ts'

/** Queues that give no work for a while. */
export interface Pausing {
  /**
   * No claim that begins after this has resolved takes a record of this queue, of these, or without a name of any in the namespace. It is kept
   * until `resume`, whatever restarts. What a worker holds already still runs.
   */
  pause(queues?: string | readonly string[]): Promise<void>
  /** Takes that back, and wakes workers that wait. Resuming the whole namespace leaves a queue paused that was paused by itself. */
  resume(queues?: string | readonly string[]): Promise<void>
  /** What is paused: the whole namespace, and queues by themselves. */
  paused(): Promise<Paused>
}

export function pausingOn(backend: Backend): Pausing {
  return {
    async pause(...given) {
      await backend.controls.pause(queuesOf(given))
    },
    async resume(...given) {
      await backend.controls.resume(queuesOf(given))
    },
    paused: () => backend.controls.paused(),
  }
}

/** null: the whole namespace, which is meant only where nothing is passed at all: a name that got lost must not stop everybody. */
function queuesOf(given: readonly (string | readonly string[] | undefined)[]): readonly string[] | null {
  if (given.length === 0) return null
  if (given.length > 1) throw invalidArgument('queues', "must be one argument: pause(['mail', 'bulk'])")
  const [queues] = given
  if (queues === undefined || queues === null)
    throw invalidArgument('queues', 'must be a queue or a list of them; leave it out for the whole namespace')
  return typeof queues === 'string' ? [queues] : queues
}
