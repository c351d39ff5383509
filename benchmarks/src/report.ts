import { KINDS, type Kind } from '../../scripts/servers/kinds.mjs'
import { METRIC_WORDS } from './metrics.ts'
import { numberWords, ratioWords } from './number-words.ts'
import { BASE, type PeerName } from './peers/all-peers.ts'
import type { Row } from './rows/row.ts'
import { summaryOf, type Figure, type Summary } from './summary.ts'
import type { Sample } from './sample.ts'
import { mustOn, TARGETS, verdictOf, type Target } from './targets.ts'

export interface Report {
  /** How it was run: the machine, the versions, the load; one line each. */
  readonly circumstances: readonly string[]
  readonly rows: readonly Row[]
  readonly kinds: readonly Kind[]
  readonly peers: readonly PeerName[]
  readonly samples: readonly Sample[]
}

/** RESULTS.md. */
export function reportText({ circumstances, rows, kinds, peers, samples }: Report): string {
  const summary = summaryOf(samples)
  const parts = [
    '# Results',
    'Written by `npm run bench`; how it measures is in the [README](README.md). A ratio is the median over the rounds of the quotient to BullMQ in the same round, with the smallest and the largest in brackets: absolute figures depend on the machine and on what else it does.',
    circumstances.map((line) => `- ${line}`).join('\n'),
    ...targetsPart(summary, kinds),
    ...rows.flatMap((row) => rowPart({ row, summary, kinds, peers, samples })),
  ]
  return `${parts.join('\n\n')}\n`
}

function targetsPart(summary: Summary, kinds: readonly Kind[]): readonly string[] {
  const lines = TARGETS.filter((target) => kinds.some((kind) => target.figure(summary, kind) !== undefined)).map(
    (target) => [target.what, ...kinds.flatMap((kind) => targetCells(target, kind, summary))],
  )
  if (lines.length === 0) return []
  const heads = kinds.flatMap((kind) => [`${KINDS[kind].title}: must`, 'aim', 'measured', 'reached'])
  return ['## What Millrace has to reach', table(['what', ...heads], lines)]
}

function targetCells(target: Target, kind: Kind, summary: Summary): readonly string[] {
  const spread = target.figure(summary, kind)
  const sign = target.better === 'higher' ? '' : '<= '
  const limits = [mustOn(kind, target), target.aim].map((limit) => `${sign}${Number(limit.toFixed(2))}${target.unit}`)
  return spread === undefined
    ? [...limits, 'not measured', '']
    : [...limits, ratioWords(spread, target.unit), verdictOf(target, kind, spread)]
}

interface RowReport extends Omit<Report, 'rows' | 'circumstances'> {
  readonly row: Row
  readonly summary: Summary
}

function rowPart({ row, summary, kinds, peers, samples }: RowReport): readonly string[] {
  const tables = kinds.flatMap((server) => {
    const labels = [
      ...new Set(samples.filter((one) => one.server === server && one.row === row.name).map(({ label }) => label)),
    ]
    const lines = labels.flatMap((label) =>
      METRIC_WORDS.flatMap(({ metric, title, digits }) => {
        const cells = peers.map((peer) => cell(summary, { server, row: row.name, label, peer, metric }, digits))
        return cells.every((text) => text === '') ? [] : [[label, title, ...cells]]
      }),
    )
    const failed = labels.flatMap((label) =>
      peers.flatMap((peer) =>
        summary.failures({ server, row: row.name, label, peer }).map((reason) => `- ${label}, ${peer}: ${reason}`),
      ),
    )
    if (lines.length + failed.length === 0) return []
    const shown = lines.length === 0 ? [] : [table(['case', KINDS[server].title, ...peers], lines)]
    return failed.length === 0 ? shown : [...shown, `Not measured:\n\n${failed.join('\n')}`]
  })
  return tables.length === 0 ? [] : [`## ${row.title}`, row.method, ...tables]
}

function cell(summary: Summary, figure: Figure, digits: number): string {
  const value = summary.values(figure)
  if (value === undefined) return ''
  const shown = numberWords(value.median, digits)
  const ratio = figure.peer === BASE ? undefined : summary.ratios(figure)
  return ratio === undefined ? shown : `${shown}; ${ratioWords(ratio)}`
}

function table(heads: readonly string[], lines: readonly (readonly string[])[]): string {
  const all = [heads, heads.map(() => '---'), ...lines]
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
