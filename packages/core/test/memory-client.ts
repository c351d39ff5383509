import { createClient, manualClock, type Backend, type Client, type ManualClock } from '@millrace/core'
import { memoryBackend } from '../../memory/src/index.ts'

export interface MemoryClient {
  readonly client: Client
  readonly backend: Backend
  readonly clock: ManualClock
}

/** A client on a backend in memory, both of one clock that stands still. */
export function memoryClient(): MemoryClient {
  const clock = manualClock()
  const backend = memoryBackend({ clock })
  return { client: createClient({ backend, clock }), backend, clock }
}
