import type { Client } from '@millrace/core'
import { countOf } from './amounts.ts'

/** So many tasks are completed, whoever enqueued them. */
export async function completed(client: Client): Promise<number> {
  return (await client.statistics()).counts.completed
}

/** What was done until a demo was interrupted, and what becomes of the rest. */
export async function interruption(client: Client, before: number, isServerOwn: boolean): Promise<string> {
  const done = await completed(client).then(
    (now) => `${countOf(Math.max(0, now - before), 'task')} completed`,
    () => 'nobody can say how many tasks were completed',
  )
  const others = !client.backend.capabilities.durable
    ? 'were in memory and are gone with this process'
    : isServerOwn
      ? 'are gone with the server, which was of this demo alone'
      : 'wait for the next worker'
  return `Interrupted: ${done}; the others ${others}.\n`
}
