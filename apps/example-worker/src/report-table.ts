import { formatBytes, formatCount } from './amounts.ts'
import { html, type Markup } from './html.ts'
import type { Flag } from './licence.ts'
import type { Inspection } from './tasks/inspect-package.ts'

/** What matters comes first: on a small screen the measures are found by scrolling sideways. */
export function packageTable(packages: readonly Inspection[]): Markup {
  return html`<p class="sideways">Scroll the table sideways for the rest.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Packages">
      <table>
        <thead>
          <tr>
            <th>Package</th>
            <th>Licence</th>
            <th>Notes</th>
            <th class="number">Files</th>
            <th class="number">Size</th>
            <th>Hash</th>
          </tr>
        </thead>
        <tbody>
          ${packages.map(row)}
        </tbody>
      </table>
    </div>`
}

const FLAGS: Readonly<Record<Flag, string>> = {
  unknown: 'unknown',
  copyleft: 'GPL-like',
  unlicensed: 'all rights reserved',
}

function row(one: Inspection): Markup {
  const { name, version, licence, licenceFrom, flag, files, bytes, hash, hashed } = one
  return html`<tr>
    <td class="name">${breakable(name)} <span class="version">${breakable(version ?? 'without version')}</span></td>
    <td class="licence">
      ${flag === 'unknown' ? '' : licence}${licenceFrom === 'file' ? html` <span class="note">by its text</span>` : ''}${flag === null ? '' : html` <span class="mark">${FLAGS[flag]}</span>`}
    </td>
    <td class="notes">${notes(one)}</td>
    <td class="number">${formatCount(files)}</td>
    <td class="number">${formatBytes(bytes)}</td>
    <td><code title="${hash}">${hashed === 'partial' ? '~' : ''}${hash.slice(0, 10)}</code></td>
  </tr> `
}

function notes({ direct, copies, place, differsFrom, installScripts, problems }: Inspection): Markup {
  const remarks = [
    ...(direct ? ['direct'] : []),
    ...(copies > 1 ? [`in ${copies} places`] : []),
    ...(installScripts.length > 0 ? [`runs ${installScripts.join(', ')}`] : []),
  ]
  const lines = [
    ...(differsFrom === null
      ? []
      : [`${place} says something else than ${differsFrom}, a package of the same name and version`]),
    ...problems,
  ]
  return html`<span class="note">${remarks.join(' · ')}</span
    >${lines.map((line) => html`<div class="problem">${breakable(line)}</div>`)}`
}

/** Where a long name may go on in the next line: behind what parts its words, not inside of them. */
export function breakable(text: string): Markup {
  const parts = text.split(/(?<=[/@._-])(?=[^/@._\s-])/)
  return { markup: parts.map((part) => html`${part}`.markup).join('<wbr />') }
}
