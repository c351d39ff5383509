import type { Caller } from './caller.ts'
import { lineOf } from './keys.ts'

export interface LineFilter {
  readonly queue?: string | undefined
  readonly queues?: readonly string[] | undefined
  readonly executionBackend?: string | undefined
}

/** The names of all lines that hold a record and fit the filter, in order. */
export async function linesMatching(caller: Caller, filter: LineFilter = {}): Promise<readonly string[]> {
  const { queue, queues = queue === undefined ? undefined : [queue], executionBackend } = filter
  const names = (await caller.texts('smembers', caller.keys.shared.queues)).filter((name) => name !== null)
  const wanted = queues === undefined ? null : new Set(queues)
  return names
    .filter((name) => {
      const line = lineOf(name)
      const fits = wanted === null || wanted.has(line.queue)
      return fits && (executionBackend === undefined || line.executionBackend === executionBackend)
    })
    .toSorted()
}
