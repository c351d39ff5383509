import type { Backend } from '@millrace/core'
import { command } from '../../scripts/servers/connection.mjs'
import { Scene } from './operations.ts'

/** Bytes of the server's memory for one record, its share of every index and of the server's own tables included. */
export interface MemoryPerRecord {
  readonly pending: number
  readonly completed: number
}

const RECORDS = 50_000
const BATCH = 500

/** A server without anything else, or the difference is not ours. */
export async function memoryPerRecord(url: string, backend: Backend): Promise<MemoryPerRecord> {
  const scene = new Scene(backend)
  await backend.open()
  const empty = await usedOn(url)
  for (let made = 0; made < RECORDS; made += BATCH) await backend.enqueue(scene.requests(BATCH))
  const pending = await usedOn(url)
  do await scene.turn({ settlements: scene.done(), claim: scene.claim(BATCH) })
  while (scene.held.length > 0)
  const completed = await usedOn(url)
  return { pending: Math.round((pending - empty) / RECORDS), completed: Math.round((completed - empty) / RECORDS) }
}

async function usedOn(url: string): Promise<number> {
  const text = String(await command(url, 'INFO', 'memory'))
  return Number(/^used_memory:(\d+)/m.exec(text)?.[1] ?? NaN)
}
