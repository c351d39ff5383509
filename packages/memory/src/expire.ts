import { EXPIRED, STATUS } from '@millrace/core'
import { move } from './move.ts'
import type { Namespace } from './namespace.ts'
import { errorText, instantOf, type Row } from './row.ts'

/** Its deadline to start for the first time has passed. */
export function expire(namespace: Namespace, row: Row, now: number): void {
  move(namespace, row, 'expire', STATUS.expired, { completedAt: instantOf(row, now), error: errorText(EXPIRED) })
}
