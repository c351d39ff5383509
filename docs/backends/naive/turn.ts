import {
  STATUS, type ActOutcome, type HeldAttempt, type Settlement, type StatusEvent, type Touch, type TurnAnswer, type TurnRequest,
} from '@millrace/core' // prettier-ignore
import { claimFor, slotName, stillHeld } from './claim.ts'
import { noteDown } from './log.ts'
import { instantOf, isHeld, UNHELD, type Row } from './row.ts'
import type { Store } from './store.ts'

/** What a record's last event is after each outcome: by this a resend is known. */
const ENDS_WITH: Readonly<Record<Settlement['outcome'], readonly StatusEvent[]>> = {
  complete: ['complete'],
  fail: ['retry', 'fail'],
  snooze: ['snooze'],
  release: ['release'],
}

/** Settle, beat, tell what the worker does not know of, claim, register: in this order, at one instant. */
export function turn(store: Store, request: TurnRequest): TurnAnswer {
  const { workerId, settlements = [], touches = [], presence } = request
  const settled = settlements.map((one) => {
    const outcome = settle(store, one)
    return { id: one.id, outcome, status: store.record(one.id)?.status ?? null }
  })
  const answer = {
    settled,
    ...touchAll(store, touches),
    unknown: unknownTo(store, request),
    ...claimFor(store, request),
  }
  if (presence === null) forgetWorker(store, workerId)
  if (presence !== undefined && presence !== null) {
    const { startedAt = store.now, seenAt = 0 } = store.workers.get(workerId) ?? {}
    store.workers.set(workerId, {
      ...structuredClone(presence),
      workerId,
      startedAt,
      seenAt: Math.max(seenAt, store.now),
    })
  }
  return { ...answer, now: store.now }
}

/** Only the current attempt's holder changes anything. The same settlement again is `ok` again. */
function settle(store: Store, settlement: Settlement): ActOutcome {
  const { id, attempt, outcome, progress, log } = settlement
  if (!store.texts.has(id)) return 'missing'
  const row = store.row(id)
  if (row === null || (attempt !== 'any' && attempt !== row.attempt)) return 'lost'
  const told = progress === undefined ? row : { ...row, progress }
  if (row.status === STATUS.running) {
    noteDown(store, row, log)
    endAttempt(store, told, settlement)
    return 'ok'
  }
  if (attempt === 'any') return 'refused'
  if (ENDS_WITH[outcome].includes(row.lastEvent)) return 'ok'
  if (row.status !== STATUS.cancelled) return 'lost'
  if (isHeld(row)) noteDown(store, row, log)
  store.letGo(isHeld(row) ? told : row)
  return 'refused'
}

function endAttempt(store: Store, row: Row, settlement: Settlement): void {
  const { now } = store
  const dueIn = (ms: number): Partial<Row> => ({
    ...UNHELD,
    scheduledAt: ms > 0 ? now + ms : null,
    queuedAt: Math.max(instantOf(row, now), now + ms),
  })
  switch (settlement.outcome) {
    case 'complete':
      store.end(row, 'complete', STATUS.completed, { result: settlement.result, error: null })
      break
    case 'fail': {
      const { error, retryInMs: ms } = settlement
      const retryCount = row.retryCount + 1
      if (ms === null || retryCount > row.maxRetries) store.end(row, 'fail', STATUS.failed, { error })
      else store.move(row, 'retry', ms > 0 ? STATUS.scheduled : STATUS.pending, { ...dueIn(ms), error, retryCount })
      break
    }
    case 'snooze':
      store.move(row, 'snooze', STATUS.scheduled, {
        ...dueIn(settlement.delayMs),
        scheduledAt: now + settlement.delayMs,
      })
      break
    case 'release':
      store.move(row, 'release', STATUS.pending, UNHELD)
      break
  }
}

/** Signs of life. A holder that is declared dead can be recovered at once. */
function touchAll(store: Store, touches: readonly Touch[]): Pick<TurnAnswer, 'lost' | 'cancelled'> {
  const lost: string[] = []
  const cancelled: string[] = []
  for (const { id, attempt, alive = true, progress, log } of touches) {
    const row = store.row(id)
    if (row === null || (attempt !== 'any' && attempt !== row.attempt)) {
      lost.push(id)
    } else if (row.status === STATUS.running) {
      noteDown(store, row, log)
      const heartbeatAt = alive ? instantOf(row, store.now) : null
      store.put({ ...row, heartbeatAt, ...(progress === undefined ? {} : { progress }) })
    } else if (isHeld(row)) {
      noteDown(store, row, log)
      cancelled.push(id)
      if (alive) store.put({ ...row, heartbeatAt: Math.max(row.heartbeatAt ?? 0, store.now) })
      else store.letGo(row)
    } else {
      lost.push(id)
    }
  }
  return { lost, cancelled }
}

/** The slot's last claim took it, and the worker lists what it holds without it: the reply that carried it was lost. */
function unknownTo(
  store: Store,
  { workerId, slot, nonce, settlements = [], touches }: TurnRequest,
): readonly HeldAttempt[] {
  const last = store.claims.get(slotName({ workerId, slot }))
  if (touches === undefined || last === undefined || last.nonce === nonce) return []
  const known = new Set([...settlements, ...touches].map(({ id }) => id))
  return stillHeld(store, last).flatMap(({ id, attempt }) => (known.has(id) ? [] : [{ id, attempt }]))
}

export function forgetWorker(store: Store, workerId: string): void {
  store.workers.delete(workerId)
  for (const [slot, last] of store.claims) if (last.workerId === workerId) store.claims.delete(slot)
}
