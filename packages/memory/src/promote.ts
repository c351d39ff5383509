import { STATUS } from '@millrace/core'
import type { LineState } from './lines.ts'
import { move } from './move.ts'
import type { Namespace } from './namespace.ts'

/** Brings the due scheduled records of a line, the longest due first and at most `limit` of them, into execution order. */
export function promote(
  namespace: Namespace,
  line: LineState,
  { now, limit }: { readonly now: number; readonly limit: number },
): void {
  const { scheduled, pending } = line.indexes
  let left = limit
  for (const entry of scheduled.ascending()) {
    if (entry.score > now || left-- === 0) return
    const row = namespace.readable(entry.id)
    if (row?.status === STATUS.scheduled && row.scheduledAt === entry.score) {
      move(namespace, row, 'promote', STATUS.pending)
    } else {
      // Nothing is known of it but that it is due: whoever claims it finds out why.
      scheduled.delete(entry)
      pending.add(entry)
    }
  }
}
