import { STATUS, type ActOutcome, type Settlement, type StatusEvent } from '@millrace/core'
import { noteDown } from './log.ts'
import { change, letGo, move } from './move.ts'
import type { Namespace } from './namespace.ts'
import { instantOf, isHeld, type Row } from './row.ts'

/** What a record's last event is after each outcome: by this a resend is known. */
const ENDS_WITH: Readonly<Record<Settlement['outcome'], readonly StatusEvent[]>> = {
  complete: ['complete'],
  fail: ['retry', 'fail'],
  snooze: ['snooze'],
  release: ['release'],
}

/** Back in line: nobody holds it, here or elsewhere. */
export const UNHELD = { startedAt: null, heartbeatAt: null, workerId: null, executionRef: null } as const

/**
 * Ends one attempt. Any other attempt's holder is `lost` and changes nothing; the same settlement again is `ok` again. A holder whose
 * record was cancelled is `refused`, and with that lets go of it.
 */
export function settle(namespace: Namespace, settlement: Settlement, now: number): ActOutcome {
  const { id, attempt, outcome, progress, log } = settlement
  if (!namespace.rows.has(id)) return 'missing'
  const row = namespace.readable(id)
  if (row === null || (attempt !== 'any' && attempt !== row.attempt)) return 'lost'
  if (row.status === STATUS.running) {
    if (progress !== undefined) change(namespace, row, { progress })
    noteDown(namespace, row, { log, now })
    endAttempt(namespace, row, { settlement, now })
    return 'ok'
  }
  if (attempt === 'any') return 'refused'
  if (ENDS_WITH[outcome].includes(row.lastEvent)) return 'ok'
  if (row.status !== STATUS.cancelled) return 'lost'
  if (isHeld(row)) {
    if (progress !== undefined) change(namespace, row, { progress })
    noteDown(namespace, row, { log, now })
  }
  letGo(namespace, row)
  return 'refused'
}

function endAttempt(
  namespace: Namespace,
  row: Row,
  { settlement, now }: { readonly settlement: Settlement; readonly now: number },
): void {
  const at = instantOf(row, now)
  const ended = { completedAt: at, heartbeatAt: null, workerId: null }
  switch (settlement.outcome) {
    case 'complete':
      move(namespace, row, 'complete', STATUS.completed, { ...ended, result: settlement.result, error: null })
      break
    case 'fail': {
      const { error, retryInMs } = settlement
      if (retryInMs === null || row.retryCount >= row.maxRetries) {
        move(namespace, row, 'fail', STATUS.failed, { ...ended, error })
      } else {
        const to = retryInMs > 0 ? STATUS.scheduled : STATUS.pending
        const due = { scheduledAt: retryInMs > 0 ? now + retryInMs : null, queuedAt: Math.max(at, now + retryInMs) }
        move(namespace, row, 'retry', to, { ...UNHELD, ...due, error, retryCount: row.retryCount + 1 })
      }
      break
    }
    case 'snooze': {
      const scheduledAt = now + settlement.delayMs
      move(namespace, row, 'snooze', STATUS.scheduled, { ...UNHELD, scheduledAt, queuedAt: Math.max(at, scheduledAt) })
      if (settlement.delayMs === 0) namespace.wakeups.mark(row)
      break
    }
    case 'release':
      move(namespace, row, 'release', STATUS.pending, UNHELD)
      break
  }
}
