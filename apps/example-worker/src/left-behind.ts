import { STATUSES, isTerminal, type Client } from '@millrace/core'
import { countOf, formatCount } from './amounts.ts'

/** What becomes of accepted work that is not over when this process ends, as a sentence; empty if there is none, or if nobody can say. */
export async function leftBehind(client: Client): Promise<string> {
  const counts = await client.statistics().then(
    (statistics) => statistics.counts,
    () => null,
  )
  if (counts === null) return ''
  const open = STATUSES.filter((status) => !isTerminal(status) && counts[status] > 0)
  if (open.length === 0) return ''
  const tasks = countOf(
    open.reduce((sum, status) => sum + counts[status], 0),
    'accepted task',
  )
  const which = open.map((status) => `${formatCount(counts[status])} ${status}`).join(', ')
  return client.backend.capabilities.durable
    ? ` What waits for the next worker: ${tasks} (${which}).`
    : ` Lost, because it was only in the memory of this process: ${tasks} (${which}).`
}
