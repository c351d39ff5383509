import { otherAging, STATUS, STRICT_STEP, type HeldAttempt, type Status, type WorkerPresence } from '@millrace/core'
import type { Reservation } from './key.ts'
import { Lines } from './lines.ts'
import type { StoredNote } from './log.ts'
import { OrderedSet } from './ordered-set.ts'
import { Pauses } from './pauses.ts'
import { statusAt, type Garbage, type Row } from './row.ts'
import { Wakeups } from './wakeups.ts'

/** The last claim of a worker's slot that took something: answers its resend, and finds what the worker does not know of. */
export interface ClaimMemory {
  readonly nonce: string
  readonly taken: readonly HeldAttempt[]
  readonly at: number
}

export interface LeaseHold {
  readonly token: string
  readonly until: number
}

/** Everything one installation keeps. */
export class Namespace {
  readonly rows: Map<string, Row | Garbage> = new Map()
  lines: Lines = new Lines(STRICT_STEP)
  /** Who last took a key, by `keyIdentity`. Stays when that record ends, until it is removed, and longer if it says so. */
  readonly keys: Map<string, Reservation> = new Map()
  /** The keys whose window outlasts their record, by when it ends. */
  windows: OrderedSet = new OrderedSet()
  /** By worker, then by slot. */
  readonly claims: Map<string, Map<number, ClaimMemory>> = new Map()
  readonly workers: Map<string, WorkerPresence> = new Map()
  readonly leases: Map<string, LeaseHold> = new Map()
  /** What handlers wrote down, by record. */
  readonly logs: Map<string, readonly StoredNote[]> = new Map()
  readonly pauses: Pauses = new Pauses()
  readonly wakeups: Wakeups = new Wakeups(this.pauses)
  /** Since the first enqueue, for the life of the namespace; null: nothing ages. */
  #aging: number | null | undefined

  /** @throws QueueError `version_mismatch` if the namespace is known to have another aging than this one. */
  checkAging(told: number | null): void {
    if (this.#aging !== undefined && told !== null && told !== this.#aging) throw otherAging(this.#aging, told)
  }

  /** Whoever enqueues first decides. @throws QueueError like `checkAging`. */
  fixAging(told: number | null): void {
    this.checkAging(told)
    if (this.#aging !== undefined) return
    this.#aging = told
    this.lines = new Lines(told ?? STRICT_STEP)
  }

  /** A record whose bytes can be read; null for anything else. */
  readable(id: string): Row | null {
    const stored = this.rows.get(id)
    return stored === undefined || typeof stored === 'string' ? null : stored
  }

  /** As a reader sees it: what cannot be read has failed. Null if there is no record. */
  statusOf(id: string, now: number): Status | null {
    const stored = this.rows.get(id)
    if (stored === undefined) return null
    return typeof stored === 'string' ? STATUS.failed : statusAt(stored, now)
  }

  /** Everything goes; those who watch stay, and learn that their records are gone. */
  clear(): void {
    this.rows.clear()
    this.lines = new Lines(STRICT_STEP)
    this.#aging = undefined
    this.pauses.clear()
    this.keys.clear()
    this.windows = new OrderedSet()
    this.claims.clear()
    this.workers.clear()
    this.leases.clear()
    this.logs.clear()
    this.wakeups.allGone()
  }
}
