import type { Crew } from '../crew.ts'
import type { PeerName } from '../peers/all-peers.ts'
import type { Plan } from '../plan.ts'
import type { Values } from '../sample.ts'

/** One kind of measurement. */
export interface Row {
  readonly name: string
  readonly title: string
  /** What is done, and what the figures mean. */
  readonly method: string
  /** The server keeps an append-only file. Default: it persists nothing. */
  readonly appendOnly?: boolean
  /** Default: those of the plan. */
  readonly rounds?: (plan: Plan) => number
  readonly cases: (plan: Plan) => readonly Case[]
}

export interface Case {
  readonly label: string
  /** Peers that cannot do it at all. */
  readonly without?: readonly PeerName[]
  /** The server is empty when it begins. */
  readonly measure: (crew: Crew) => Promise<Values>
}
