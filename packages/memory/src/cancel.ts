import { allows, STATUS, type ActOutcome, type TaskError } from '@millrace/core'
import { move } from './move.ts'
import type { Namespace } from './namespace.ts'
import { errorText, instantOf, type Row } from './row.ts'

export interface Cancellation {
  readonly id: string
  readonly includeRunning: boolean
  readonly error: TaskError
}

/** Ends what waits; what runs only when asked. Cancelling again is `ok`; what has ended otherwise refuses. */
export function cancel(namespace: Namespace, { id, includeRunning, error }: Cancellation, now: number): ActOutcome {
  if (!namespace.rows.has(id)) return 'missing'
  const row = namespace.readable(id)
  if (row?.status === STATUS.cancelled) return 'ok'
  if (row === null || !allows('cancel', row.status)) return 'refused'
  if (row.status === STATUS.running && !includeRunning) return 'refused'
  cancelRow(namespace, row, { error, now })
  return 'ok'
}

/** A holder that lives keeps the record, and with it the key, until it lets go; it is told. */
export function cancelRow(
  namespace: Namespace,
  row: Row,
  { error, now }: { readonly error: TaskError; readonly now: number },
): void {
  move(namespace, row, 'cancel', STATUS.cancelled, {
    completedAt: instantOf(row, now),
    error: errorText(error),
    workerId: row.heartbeatAt === null ? null : row.workerId,
  })
  if (row.workerId !== null) namespace.wakeups.control(row.workerId)
}
