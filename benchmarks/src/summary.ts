import type { Kind } from '../../scripts/servers/kinds.mjs'
import type { Metric } from './metrics.ts'
import { BASE, type PeerName } from './peers/all-peers.ts'
import type { Sample } from './sample.ts'
import { median } from './statistics.ts'

/** One figure of one peer in one case. */
export interface Figure {
  readonly server: Kind
  readonly row: string
  readonly label: string
  readonly peer: PeerName
  readonly metric: Metric
}

/** Of the rounds that were measured; there is at least one. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Summary {
  values(figure: Figure): Spread | undefined
  /** To the base peer's figure of the same round, which met the same machine. */
  ratios(figure: Figure): Spread | undefined
  /** To the same peer's figure in another case of the same round. */
  shares(figure: Figure, ofLabel: string): Spread | undefined
  /** Why there is nothing, or not as much as there should be. */
  failures(figure: Omit<Figure, 'metric'>): readonly string[]
}

export function summaryOf(samples: readonly Sample[]): Summary {
  const found = ({ server, row, label, peer }: Omit<Figure, 'metric'>): readonly Sample[] =>
    samples.filter((one) => one.server === server && one.row === row && one.label === label && one.peer === peer)

  /** By round. */
  const measured = (figure: Figure): ReadonlyMap<number, number> =>
    new Map(
      found(figure).flatMap(({ round, values }): [number, number][] => {
        const value = typeof values === 'string' ? undefined : values[figure.metric]
        return value === undefined ? [] : [[round, value]]
      }),
    )
  const quotients = (of: Figure, by: Figure): Spread | undefined => {
    const divisors = measured(by)
    return spreadOf([...measured(of)].flatMap(([round, value]) => quotient(value, divisors.get(round))))
  }
  return {
    values: (figure) => spreadOf([...measured(figure).values()]),
    ratios: (figure) => quotients(figure, { ...figure, peer: BASE }),
    shares: (figure, ofLabel) => quotients(figure, { ...figure, label: ofLabel }),
    failures: (figure) => [
      ...new Set(found(figure).flatMap(({ values }) => (typeof values === 'string' ? [values] : []))),
    ],
  }
}

function spreadOf(values: readonly number[]): Spread | undefined {
  return values.length === 0
    ? undefined
    : { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}

function quotient(value: number, by: number | undefined): readonly number[] {
  return by === undefined || by === 0 ? [] : [value / by]
}
