import { isTerminal, type Client, type TaskRecord } from '@millrace/core'

export interface Progress {
  /** Of the list's front, so many have ended: where the next look may begin. */
  readonly ended: number
  /** Ended in all, as far as was looked: never too many. */
  readonly inspected: number
}

/** How far a list of records is, looking at no more than one batch behind the part that is known to have ended. */
export async function progressOf(client: Client, ids: readonly string[], ended: number): Promise<Progress> {
  const next = ids.slice(ended, ended + client.backend.capabilities.limits.batch)
  const records = await client.backend.get(next)
  const isOver = records.map((record) => record === null || isTerminal(record.status))
  const first = isOver.indexOf(false)
  return { ended: ended + (first === -1 ? next.length : first), inspected: ended + isOver.filter(Boolean).length }
}

/** The records of these ids in their order; what retention has removed is missing. */
export async function recordsOf(client: Client, ids: readonly string[]): Promise<readonly TaskRecord[]> {
  const most = client.backend.capabilities.limits.batch
  const records: TaskRecord[] = []
  for (let start = 0; start < ids.length; start += most) {
    const batch = await client.backend.get(ids.slice(start, start + most))
    records.push(...batch.filter((record) => record !== null))
  }
  return records
}
