import { countOf, formatBytes, formatCount } from './amounts.ts'
import { html, type Markup } from './html.ts'
import { licenceChart } from './report-chart.ts'
import { STYLE } from './report-style.ts'
import { breakable, packageTable } from './report-table.ts'
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
  const running = packages.filter(({ installScripts }) => installScripts.length > 0)
  return html`<h2>Packages by licence</h2>
    <div class="card">${licenceChart(licences)}</div>
    ${
      flagged.length === 0
        ? ''
        : html`<h2>Licences to look at</h2>
            ${packageTable(flagged)}`
    }
    ${running.length === 0 ? '' : runsAtInstall(running)}
    <h2>All packages</h2>
    ${packageTable(packages)}
    <p class="soft" style="margin-top: .75rem">
      The hash is the beginning of a sha256 over paths and contents; report.json has all of it.
      ${totals.partlyHashed === 0 ? '' : html`Of ${countOf(totals.partlyHashed, 'package')} (marked ~) very large files went in with their size and first part only.`}
    </p>`
}

function runsAtInstall(packages: readonly Inspection[]): Markup {
  return html`<h2>Packages that run code at install</h2>
    <ul class="plain">
      ${packages.map(
        ({ name, version, installScripts }) =>
          html`<li>
            <strong>${breakable(name)}</strong> <span class="version">${version ?? 'without version'}</span>
            <span class="note">runs ${installScripts.join(', ')}</span>
          </li>`,
      )}
    </ul>`
}
