/**
 * The one status machine. Every backend follows this table: memory calls it, the scripts of the
 * Redis-protocol engine are generated from it, the conformance suite walks every status with every
 * event and compares, the diagram in the guide is drawn from it.
 */

/** Where a record is. Written out here and nowhere else; refer to `STATUS.running`, never to a literal. */
export const STATUS = {
  waiting: 'waiting',
  pending: 'pending',
  scheduled: 'scheduled',
  running: 'running',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
} as const

export type Status = keyof typeof STATUS

export const STATUSES: readonly Status[] = Object.values(STATUS)

/**
 * What moves a record, from where, to where. Anything else is refused with zero change.
 * Which of several targets is taken is decided by the data: due now or later, budget left or not.
 */
export const TRANSITIONS = {
  /** Due now, later, or not yet allowed (`waiting` is reserved for limits and flows). */
  enqueue: { from: [], to: ['pending', 'scheduled', 'waiting'] },
  /** A limit, a group's turn, or a parent's child is in the way (reserved). */
  hold: { from: ['pending', 'scheduled'], to: ['waiting'] },
  /** The way is free again (reserved). */
  admit: { from: ['waiting'], to: ['pending', 'scheduled'] },
  /** Its time has come: a fact, not an act. Every reader shows a due scheduled record as pending. */
  promote: { from: ['scheduled'], to: ['pending'] },
  /** attempt + 1. */
  claim: { from: ['pending'], to: ['running'] },
  /** Fenced by attempt. */
  complete: { from: ['running'], to: ['completed'] },
  /** Fenced; no retry left, or not retryable. */
  fail: { from: ['running'], to: ['failed'] },
  /** Fenced; retryCount + 1; now, or after the backoff. */
  retry: { from: ['running'], to: ['pending', 'scheduled'] },
  /** Fenced; no retry consumed. */
  snooze: { from: ['running'], to: ['scheduled'] },
  /** Fenced; no retry consumed: a shutdown gives the attempt back. */
  release: { from: ['running'], to: ['pending'] },
  /** The heartbeat went stale: recoveries + 1 while below maxRecoveries, else failed. */
  recover: { from: ['running'], to: ['pending', 'failed'] },
  /** A running holder learns it by a hint, at the latest by its next heartbeat. */
  cancel: { from: ['waiting', 'pending', 'scheduled', 'running'], to: ['cancelled'] },
  /** The deadline to start for the first time has passed. */
  expire: { from: ['waiting', 'pending', 'scheduled'], to: ['expired'] },
  /** An operator's explicit act, fenced by attempt; counts start anew, replays + 1. */
  replay: { from: ['completed', 'failed', 'cancelled', 'expired'], to: ['pending', 'scheduled'] },
  /** Retention. */
  remove: { from: ['completed', 'failed', 'cancelled', 'expired'], to: [] },
} as const

export type StatusEvent = keyof typeof TRANSITIONS

export const STATUS_EVENTS: readonly StatusEvent[] = Object.keys(TRANSITIONS).filter(isStatusEvent)

/** The statuses with no way on but `replay` and `remove`. */
export const TERMINAL_STATUSES: readonly Status[] = TRANSITIONS.remove.from

export function isStatus(value: unknown): value is Status {
  return typeof value === 'string' && Object.hasOwn(STATUS, value)
}

export function isStatusEvent(value: unknown): value is StatusEvent {
  return typeof value === 'string' && Object.hasOwn(TRANSITIONS, value)
}

export function isTerminal(status: Status): boolean {
  return TERMINAL_STATUSES.includes(status)
}

/** Whether the table lets `event` act on a record in `from`. */
export function allows(event: StatusEvent, from: Status): boolean {
  const sources: readonly Status[] = TRANSITIONS[event].from
  return sources.includes(from)
}

/** Whether the table lets `event` lead from `from` (null: from nothing) to `to`. */
export function leads(event: StatusEvent, from: Status | null, to: Status): boolean {
  const targets: readonly Status[] = TRANSITIONS[event].to
  return (from === null ? event === 'enqueue' : allows(event, from)) && targets.includes(to)
}
