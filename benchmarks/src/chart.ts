import { KINDS, type Kind } from '../../scripts/servers/kinds.mjs'
import type { Metric } from './metrics.ts'
import type { PeerName } from './peers/all-peers.ts'
import type { Spread, Summary } from './summary.ts'

/*
 * One picture of the ratios: a mark for the median, a line for the range of the rounds, on a logarithmic scale, so that twice as much and
 * half as much are equally far from BullMQ. Readable on light and on dark, and without colours by the shapes.
 */

const PANELS: readonly { readonly title: string; readonly lines: readonly Line[] }[] = [
  {
    title: 'speed: further right is better',
    lines: [
      { text: 'process, concurrency 1', row: 'process', label: 'c=1', metric: 'rate' },
      { text: 'process, concurrency 10', row: 'process', label: 'c=10', metric: 'rate' },
      { text: 'process, concurrency 50', row: 'process', label: 'c=50', metric: 'rate' },
      { text: 'process, concurrency 100', row: 'process', label: 'c=100', metric: 'rate' },
      { text: 'enqueue, one by one', row: 'enqueue', label: 'awaited one by one', metric: 'rate' },
      { text: 'enqueue, 100 in one tick', row: 'enqueue', label: 'concurrent in one tick', metric: 'rate' },
      { text: 'enqueue, bulk', row: 'enqueue', label: 'bulk', metric: 'rate' },
    ],
  },
  {
    title: 'cost: further left is better',
    lines: [
      { text: 'pick-up, idle worker, p50', row: 'latency', label: 'idle worker', metric: 'pickUpP50' },
      { text: 'pick-up, half load, p99', row: 'latency', label: 'half load', metric: 'pickUpP99' },
      { text: 'server CPU, concurrency 50', row: 'process', label: 'c=50', metric: 'serverUs' },
      { text: 'memory, pending', row: 'memory', label: 'per record', metric: 'pendingBytes' },
      { text: 'memory, completed', row: 'memory', label: 'per record', metric: 'completedBytes' },
    ],
  },
]

interface Line {
  readonly text: string
  readonly row: string
  readonly label: string
  readonly metric: Metric
}

const SERIES: readonly { readonly peer: PeerName; readonly text: string; mark(x: number, y: number): string }[] = [
  { peer: 'bee-queue', text: 'bee-queue', mark: (x, y) => `<rect x="${x - 4}" y="${y - 4}" width="8" height="8"/>` },
  { peer: 'millrace', text: 'Millrace', mark: (x, y) => `<circle cx="${x}" cy="${y}" r="5"/>` },
  {
    peer: 'millrace-prefetch',
    text: 'Millrace with prefetch',
    mark: (x, y) => `<path d="M${x} ${y - 6}l6 6l-6 6l-6-6z"/>`,
  },
]

const TICKS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16]
const LEFT = 195
const PLOT = 300
const GAP = 50
const ROW = 22
const STYLE = `text{font:12px system-ui,sans-serif;fill:#24292f}.s{fill:#57606a}.g{stroke:#d0d7de}.b{stroke:#57606a;stroke-dasharray:4 3}
.bee-queue{fill:#b45309;stroke:#b45309}.millrace{fill:#1d4ed8;stroke:#1d4ed8}.millrace-prefetch{fill:#0f766e;stroke:#0f766e}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.s{fill:#9198a1}.g{stroke:#30363d}.b{stroke:#9198a1}
.bee-queue{fill:#f59e0b;stroke:#f59e0b}.millrace{fill:#60a5fa;stroke:#60a5fa}.millrace-prefetch{fill:#2dd4bf;stroke:#2dd4bf}}`

/** chart.svg: a column for each server. */
export function chartSvg(summary: Summary, kinds: readonly Kind[]): string {
  const width = LEFT + kinds.length * (PLOT + GAP)
  const parts: string[] = [legend(summary, kinds)]
  let y = 70
  for (const { title, lines } of PANELS) {
    parts.push(text(4, y, title, 's'))
    const top = y + 8
    const bottom = top + lines.length * ROW
    parts.push(...kinds.map((_, column) => grid(column, top, bottom)))
    for (const [index, line] of lines.entries()) {
      const middle = top + ROW * (index + 0.5)
      parts.push(text(10, middle + 4, line.text))
      parts.push(...kinds.map((server, column) => marks(summary, server, { line, column, y: middle })))
    }
    y = bottom + 48
  }
  parts.push(
    ...kinds.map((kind, column) => text(LEFT + column * (PLOT + GAP), 50, `on ${KINDS[kind].title}, times BullMQ`)),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y - 20}" role="img" aria-label="Millrace and bee-queue in times of BullMQ">
<style>${STYLE}</style>
${parts.join('\n')}
</svg>
`
}

function legend(summary: Summary, kinds: readonly Kind[]): string {
  const shown = SERIES.filter(({ peer }) =>
    PANELS.some(({ lines }) => lines.some((line) => kinds.some((server) => ratioOf(summary, server, peer, line)))),
  )
  return shown
    .map(({ peer, text: words, mark }, index) => {
      const x = 10 + index * 130
      return `<g class="${peer}">${mark(x, 14)}</g>${text(x + 12, 18, words)}`
    })
    .join('')
}

function grid(column: number, top: number, bottom: number): string {
  return TICKS.map((tick) => {
    const x = xOf(column, tick)
    const line = `<line class="${tick === 1 ? 'b' : 'g'}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`
    return `${line}<text class="s" text-anchor="middle" x="${x}" y="${bottom + 16}">${tick < 1 ? `1/${1 / tick}` : tick}</text>`
  }).join('')
}

function marks(
  summary: Summary,
  server: Kind,
  { line, column, y }: { readonly line: Line; readonly column: number; readonly y: number },
): string {
  return SERIES.map(({ peer, mark }) => {
    const ratio = ratioOf(summary, server, peer, line)
    if (ratio === undefined) return ''
    const [low, middle, high] = [ratio.min, ratio.median, ratio.max].map((value) => xOf(column, value))
    const range = `<line stroke-width="2" x1="${low}" x2="${high}" y1="${y}" y2="${y}"/>`
    return `<g class="${peer}">${range}${mark(middle ?? 0, y)}</g>`
  }).join('')
}

function ratioOf(summary: Summary, server: Kind, peer: PeerName, { row, label, metric }: Line): Spread | undefined {
  return summary.ratios({ server, row, label, metric, peer })
}

/** What lies beyond the scale is drawn at its end. */
function xOf(column: number, value: number): number {
  const [first = 1] = TICKS
  const last = TICKS.at(-1) ?? 1
  const share = Math.log(Math.min(last, Math.max(first, value)) / first) / Math.log(last / first)
  return Math.round((LEFT + column * (PLOT + GAP) + share * PLOT) * 10) / 10
}

function text(x: number, y: number, words: string, style?: string): string {
  return `<text${style === undefined ? '' : ` class="${style}"`} x="${x}" y="${y}">${words}</text>`
}
