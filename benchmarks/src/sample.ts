import type { Kind } from '../../scripts/servers/kinds.mjs'
import type { Metric } from './metrics.ts'
import type { PeerName } from './peers/all-peers.ts'

export type Values = Readonly<Partial<Record<Metric, number>>>

/** What was measured of one peer, in one round of one case of one row. */
export interface Sample {
  readonly server: Kind
  readonly row: string
  readonly label: string
  readonly peer: PeerName
  readonly round: number
  /** Or why there is nothing. */
  readonly values: Values | string
}
