import type { Client, Duration } from '@millrace/core'
import type { Witness } from '../witness.ts'

/** What the handlers of this application work with; chosen by who starts the worker, never by a record's input. */
export interface Workplace {
  readonly client: Client
  /** Nothing outside is read; null: no limit. */
  readonly boundary: string | null
  /** null: nobody will ask, so nothing is written down. */
  readonly witness: Witness | null
  /** Where an inventory's report is written. */
  readonly reportFolder: (inventory: string) => string
  /** After how long the digest of an inventory is written. */
  readonly digestAfter: Duration
  /** An inspection takes so many ms longer; for those who want to watch. Default 0. */
  readonly paceMs?: number
}
