import { parseArgs } from 'node:util'
import type { Kind } from '../../scripts/servers/kinds.mjs'
import { BASE, isPeerName, PEER_NAMES, type PeerName } from './peers/all-peers.ts'
import { FULL, QUICK, scaled, type Plan } from './plan.ts'
import { ROWS } from './rows/all-rows.ts'
import type { Row } from './rows/row.ts'

export interface Wishes {
  readonly plan: Plan
  readonly rows: readonly Row[]
  readonly kinds: readonly Kind[]
  readonly peers: readonly PeerName[]
  /** All rows in full size, with all peers on both servers: what RESULTS.md is made of. */
  readonly isComplete: boolean
  /** Where the report goes; undefined: nowhere but to the terminal, unless the run is complete. */
  readonly out: string | undefined
  readonly isHelp: boolean
}

export const HELP = `npm run bench -- [options]

  --quick            small counts and one round: about two and a half minutes, and rough figures
  --only <rows>      of ${ROWS.map(({ name }) => name).join(', ')}
  --server <names>   redis, valkey; default both
  --peers <names>    of ${PEER_NAMES.join(', ')}; ${BASE} is always there
  --rounds <n>       so many rounds
  --scale <factor>   so many times the records of the plan, for example 0.5
  --out <folder>     write RESULTS.md and chart.svg there; a complete run writes them to benchmarks/
  --help
`

const KINDS: readonly Kind[] = ['redis', 'valkey']

/** @throws Error that says which option is wrong. */
export function wishesOf(words: readonly string[]): Wishes {
  const { values } = parseArgs({
    args: [...words],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      server: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      scale: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const { quick, only, server, peers, rounds, scale, out, help } = values
  const plan = scaled(quick ? QUICK : FULL, scale === undefined ? 1 : numberOf('--scale', scale))
  return {
    plan: rounds === undefined ? plan : withRounds(plan, Math.ceil(numberOf('--rounds', rounds))),
    rows: only === undefined ? ROWS : namesIn(only).map(rowNamed),
    kinds: server === undefined ? KINDS : namesIn(server).map(kindNamed),
    peers: peers === undefined ? PEER_NAMES : [...new Set<PeerName>([BASE, ...namesIn(peers).map(peerNamed)])],
    isComplete: !quick && [only, server, peers, rounds, scale].every((value) => value === undefined),
    out,
    isHelp: help,
  }
}

function withRounds(plan: Plan, rounds: number): Plan {
  return { ...plan, rounds, longRounds: rounds, fillRounds: rounds }
}

function namesIn(list: string): readonly string[] {
  return list.split(',').map((name) => name.trim())
}

function rowNamed(name: string): Row {
  const row = ROWS.find((one) => one.name === name)
  if (row === undefined)
    throw new Error(`--only: there is no row ${name}, but ${ROWS.map((one) => one.name).join(', ')}`)
  return row
}

function kindNamed(name: string): Kind {
  const kind = KINDS.find((one) => one === name)
  if (kind === undefined) throw new Error(`--server: there is no ${name}, but ${KINDS.join(', ')}`)
  return kind
}

function peerNamed(name: string): PeerName {
  if (!isPeerName(name)) throw new Error(`--peers: there is no ${name}, but ${PEER_NAMES.join(', ')}`)
  return name
}

function numberOf(option: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`${option}: must be a number above 0`)
  return value
}
