import { countOf } from './amounts.ts'
import { html, type Markup } from './html.ts'
import type { LicenceCount } from './report.ts'

const MOST_BARS = 10
const ROW_HEIGHT = 40
const BAR_TOP = 22
const BAR_HEIGHT = 10

/**
 * One bar per licence below its name and number; what does not fit is one bar. A bar is its share of all packages; widths
 * are relative, so that the text keeps its size on a small screen.
 */
export function licenceChart(licences: readonly LicenceCount[]): Markup {
  const bars = barsOf(licences)
  const all = Math.max(
    1,
    licences.reduce((sum, { packages }) => sum + packages, 0),
  )
  return html`<svg
    class="chart"
    width="100%"
    height="${bars.length * ROW_HEIGHT}"
    role="img"
    aria-label="Packages by licence"
  >
    ${bars.map((bar, index) => row(bar, index * ROW_HEIGHT, all))}
  </svg>`
}

function barsOf(licences: readonly LicenceCount[]): readonly LicenceCount[] {
  if (licences.length <= MOST_BARS) return licences
  const others = licences.slice(MOST_BARS - 1)
  const packages = others.reduce((sum, one) => sum + one.packages, 0)
  const flag = others.find((one) => one.flag !== null)?.flag ?? null
  return [...licences.slice(0, MOST_BARS - 1), { licence: `${others.length} other licences`, flag, packages }]
}

function row({ licence, flag, packages }: LicenceCount, top: number, all: number): Markup {
  const share = ((packages / all) * 100).toFixed(2)
  const bar = flag === null ? 'bar' : 'bar flagged'
  return html`<text x="0" y="${top + 14}">${licence}</text>
    <text x="100%" y="${top + 14}" class="count">${countOf(packages, 'package')}</text>
    <rect x="0" y="${top + BAR_TOP}" width="100%" height="${BAR_HEIGHT}" rx="3" class="track" />
    <rect x="0" y="${top + BAR_TOP}" width="${share}%" height="${BAR_HEIGHT}" rx="3" class="${bar}" /> `
}
