import { countOf, formatBytes, formatCount } from './amounts.ts'
import { html, type Markup } from './html.ts'
import type { Flag } from './licence.ts'
import { licenceChart } from './report-chart.ts'
import { STYLE } from './report-style.ts'
import type { Report } from './report.ts'
import type { Inspection } from './tasks/inspect-package.ts'

/** One page that needs nothing else: no script, no font, no image, no network. */
export function reportHtml(report: Report): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Third-party licences · ${countOf(report.totals.packages, 'package')}</title>
        <style>
          ${{ markup: STYLE }}
        </style>
      </head>
      <body>
        <main>
          <h1>Third-party licences</h1>
          <p class="soft">${report.folder}</p>
          <p class="soft">${report.builtAt.replace('T', ' ').replace(/\..*/, ' UTC')}</p>
          ${summary(report)} ${report.problems.length === 0 ? '' : leftOut(report.problems)}
          ${report.packages.length === 0 ? html`<p class="card" style="margin-top: 2rem">There are no packages in this folder.</p>` : details(report)}
        </main>
      </body>
    </html> `
  return page.markup
}

function summary({ totals, licences }: Report): Markup {
  return html`<dl class="tiles">
    ${tile('Packages', formatCount(totals.packages))} ${tile('Direct dependencies', formatCount(totals.direct))}
    ${tile('Licences', formatCount(licences.length))}
    ${tile('Licence to look at', formatCount(totals.flagged), totals.flagged > 0)}
    ${tile('With problems', formatCount(totals.problems), totals.problems > 0)}
    ${tile('Run code at install', formatCount(totals.withInstallScripts), totals.withInstallScripts > 0)}
    ${tile('Files', formatCount(totals.files))} ${tile('Size', formatBytes(totals.bytes))}
  </dl>`
}

function tile(label: string, value: string, needsAttention = false): Markup {
  return html`<div class="${needsAttention ? 'attention' : ''}">
    <dt>${label}</dt>
    <dd>${value}</dd>
  </div>`
}

function leftOut(problems: readonly string[]): Markup {
  return html`<h2>Left out</h2>
    <ul class="soft">
      ${problems.map((problem) => html`<li>${problem}</li>`)}
    </ul>`
}

function details({ licences, packages, totals }: Report): Markup {
  const flagged = packages.filter(({ flag }) => flag !== null)
  return html`<h2>Packages by licence</h2>
    <div class="card">${licenceChart(licences)}</div>
    ${
      flagged.length === 0
        ? ''
        : html`<h2>Licences to look at</h2>
            ${table(flagged)}`
    }
    <h2>All packages</h2>
    ${table(packages)}
    <p class="soft" style="margin-top: .75rem">
      The hash is the beginning of a sha256 over paths and contents; report.json has all of it.
      ${totals.partlyHashed === 0 ? '' : html`Of ${countOf(totals.partlyHashed, 'package')} (marked ~) very large files went in with their size and first part only.`}
    </p>`
}

function table(packages: readonly Inspection[]): Markup {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>Package</th>
          <th>Licence</th>
          <th class="number">Files</th>
          <th class="number">Size</th>
          <th>Hash</th>
          <th>Notes</th>
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
    <td class="name">${name} <span class="version">${version ?? 'without version'}</span></td>
    <td class="licence">
      ${flag === 'unknown' ? '' : licence}${licenceFrom === 'file' ? html` <span class="note">by its text</span>` : ''}${flag === null ? '' : html` <span class="mark">${FLAGS[flag]}</span>`}
    </td>
    <td class="number">${formatCount(files)}</td>
    <td class="number">${formatBytes(bytes)}</td>
    <td><code title="${hash}">${hashed === 'partial' ? '~' : ''}${hash.slice(0, 10)}</code></td>
    <td class="notes">${notes(one)}</td>
  </tr> `
}

function notes({ direct, copies, installScripts, problems }: Inspection): Markup {
  const remarks = [
    ...(direct ? ['direct'] : []),
    ...(copies > 1 ? [`in ${copies} places`] : []),
    ...(installScripts.length > 0 ? [`runs ${installScripts.join(', ')}`] : []),
  ]
  return html`<span class="note">${remarks.join(' · ')}</span
    >${problems.map((problem) => html`<div class="problem">${problem}</div>`)}`
}
