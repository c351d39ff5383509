import type { Note } from './log.ts'
import type { Line, TaskRecord } from './record.ts'
import type { Status } from './status.ts'

/** The attempt an act belongs to; `any` is an operator's or an external system's explicit unfenced act. */
export type Fence = number | 'any'

/**
 * What became of an act on one record.
 * `ok`: done, or a resend of what is done. `lost`: by an attempt (or on a reference) that is no longer the
 * current one. `missing`: no such record. `refused`: the status table does not allow it. Only `ok` changes anything.
 */
export type ActOutcome = 'ok' | 'lost' | 'missing' | 'refused'

export interface ActResult {
  readonly id: string
  readonly outcome: ActOutcome
  /** The record's status after the call; null if it is missing. */
  readonly status: Status | null
}

/** The end of one attempt. Settling twice with the same attempt and outcome answers the same. */
export type Settlement = Ending & {
  /** JSON text from `encodeResult`: what the handler reported last, if no touch has told it. */
  readonly progress?: string
  /** What the handler wrote down at the end; kept if the attempt is not lost. */
  readonly log?: readonly Note[]
}

type Ending =
  | {
      readonly outcome: 'complete'
      readonly id: string
      readonly attempt: Fence
      /** From `encodeResult`. */
      readonly result: string
    }
  | {
      readonly outcome: 'fail'
      readonly id: string
      readonly attempt: Fence
      /** From `encodeError`. */
      readonly error: string
      /** The delay if a retry is left; null: not retryable. The backend decides from retryCount and maxRetries. */
      readonly retryInMs: number | null
    }
  | {
      /** Run again later; no retry is consumed. */
      readonly outcome: 'snooze'
      readonly id: string
      readonly attempt: Fence
      readonly delayMs: number
    }
  | {
      /** Given back as it was, in its old place; no retry is consumed. */
      readonly outcome: 'release'
      readonly id: string
      readonly attempt: Fence
    }

export interface ClaimLine extends Line {
  /** At most this many from this line. */
  readonly limit?: number
}

/** Take due records: over named lines, or by id. Overdue ones are expired on the way. What is paused gives none, and has none to come. */
export type Claim =
  | {
      readonly lines: readonly ClaimLine[]
      readonly limit: number
      /** `priority` (default): by priority, then queuedAt, or as they age, then id over all lines. `listed`: line after line as given. */
      readonly order?: 'priority' | 'listed'
    }
  | { readonly ids: readonly string[] }

/** A sign of life for one record that the worker holds. */
export interface Touch {
  readonly id: string
  readonly attempt: Fence
  /** false: the holder is dead, the record can be recovered at once. */
  readonly alive?: boolean
  /** JSON text from `encodeResult`; what the handler last reported. */
  readonly progress?: string
  /** What the handler wrote down; kept unless the attempt is lost. */
  readonly log?: readonly Note[]
}

/** Who the worker is, for those who look after a fleet. */
export interface Presence {
  readonly host: string
  readonly pid: number
  readonly concurrency: number
  readonly lines: readonly Line[]
  /** It presents itself again within this time: nobody forgets it before twice as long has passed without. Default: it says nothing of that. */
  readonly everyMs?: number
}

/** A worker as it last presented itself. One with nothing to do writes nothing for long: `seenAt` says that it was there, not that it is gone. */
export interface WorkerPresence extends Presence {
  readonly workerId: string
  readonly startedAt: number
  readonly seenAt: number
}

/**
 * The worker's one call: settle, beat and claim in one round trip, in this order.
 *
 * A call may be repeated word for word after a lost reply: settlements answer as before, and a claim with the
 * nonce of this slot's last claim answers with those of its records that are still this worker's, claiming nothing new.
 */
export interface TurnRequest {
  readonly workerId: string
  /** 0..15. At most one call of a slot is in flight. */
  readonly slot: number
  /** Identifies this call among the slot's; a fresh one for every new claim. */
  readonly nonce: string
  readonly settlements?: readonly Settlement[]
  readonly claim?: Claim
  /**
   * Everything that the worker holds. Records that this slot's last claim took, that still run under it and that are neither
   * touched nor settled in this call come back as `unknown`: the reply that carried them was lost.
   */
  readonly touches?: readonly Touch[]
  /** Registers the worker; null takes the registration and the slots' memory back (goodbye). */
  readonly presence?: Presence | null
}

/** What a wait for a hint may carry: a claim of lines, and nothing else. */
export type WaitingTurn = Pick<TurnRequest, 'workerId' | 'slot' | 'nonce'> & {
  readonly claim: Exclude<Claim, { readonly ids: unknown }>
}

export interface HeldAttempt {
  readonly id: string
  readonly attempt: number
}

export interface TurnAnswer {
  /** One per settlement, in order. */
  readonly settled: readonly ActResult[]
  /** Claimed, in claim order, running under this worker. */
  readonly records: readonly TaskRecord[]
  /** More is due on the claimed lines: call again now. */
  readonly more: boolean
  /** When the earliest not yet due record of the claimed lines is due; null if there is none. */
  readonly nextDueAt: number | null
  /** Ids found overdue and expired by this claim. */
  readonly expired: readonly string[]
  /** Touched ids whose attempt is no longer the current one (or that are gone): stop working on them. */
  readonly lost: readonly string[]
  /** Touched ids that were cancelled while they ran: stop, then settle, which frees the key. */
  readonly cancelled: readonly string[]
  /** Claimed under this slot but not known to the worker: release them. Only reported when `touches` is given. */
  readonly unknown: readonly HeldAttempt[]
  /** The backend's clock at this call. */
  readonly now: number
}
