import { describe, expect, test } from 'vitest'
import { escapeHtml, html } from '../src/html.ts'
import { reportHtml } from '../src/report-html.ts'
import { reportOf, type Report } from '../src/report.ts'
import type { Inspection } from '../src/tasks/inspect-package.ts'
import { completedInspection, record } from './records.ts'
import { checkPage } from './page.ts'

const HOSTILE = `</td><script>alert('x')</script><img src=x onerror="alert(1)">&amp;\u202E\u0000`

async function report(rows: readonly Partial<Inspection>[], problems: readonly string[] = []): Promise<Report> {
  const records = rows.map(completedInspection)
  const source = { inventory: 'i', folder: '/srv/<b>app', startedAt: 1_800_000_000_000, builtAt: 1_800_000_001_000 }
  return await reportOf({ ...source, expected: records.length, records, problems })
}

describe('the page', () => {
  test('is well-formed and needs nothing from elsewhere', async () => {
    const page = reportHtml(await report([{ name: 'a' }, { name: 'b', flag: 'copyleft', licence: 'GPL-3.0' }]))
    checkPage(page)
    expect(page).not.toMatch(/<script|<link|src=|url\(|https?:/)
    expect(page).toContain('GPL-like')
  })

  test('shows hostile text as text', async () => {
    const one = {
      name: HOSTILE,
      version: HOSTILE,
      licence: HOSTILE,
      place: HOSTILE,
      installScripts: [HOSTILE],
      problems: [HOSTILE],
    }
    const page = reportHtml(await report([one], [HOSTILE]))
    checkPage(page)
    expect(page).not.toContain('<script')
    expect(page).not.toContain('<img')
    expect(page).not.toContain('\u202E')
    expect(page).not.toContain('\u0000')
    expect(page).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;amp;')
    expect(page).toContain('/srv/&lt;b&gt;app')
  })

  test('lists the packages that run code at install', async () => {
    const page = reportHtml(
      await report([{ name: 'quiet' }, { name: 'loud', version: '2.0.0', installScripts: ['preinstall', 'install'] }]),
    )
    checkPage(page)
    const [, section = ''] = page.split('<h2>Packages that run code at install</h2>')
    expect(section.split('<h2>')[0]).toMatch(/<strong>loud<\/strong>[^]*2\.0\.0[^]*runs preinstall, install/)
    expect(section.split('<h2>')[0]).not.toContain('quiet')
    expect(reportHtml(await report([{ name: 'quiet' }]))).not.toContain('run code at install</h2>')
  })

  test('notes copies that differ, each in a row of its own', async () => {
    const { packages, totals } = await report([
      { name: 'c', place: 'b/c', licence: 'GPL-3.0', flag: 'copyleft', differsFrom: 'c' },
      { name: 'c', place: 'c', licence: 'MIT' },
    ])
    expect(packages.map(({ place }) => place)).toEqual(['c', 'b/c'])
    expect(totals).toMatchObject({ packages: 2, flagged: 1 })
    const page = reportHtml(await report(packages))
    checkPage(page)
    expect(page.replaceAll('<wbr />', '')).toContain(
      'b/c says something else than c, a package of the same name and version',
    )
  })

  test('puts what matters first, and breaks names where their words part', async () => {
    const page = reportHtml(await report([{ name: '@scope/a-long.name' }]))
    const heads = [...page.matchAll(/<th[^>]*>([^<]*)<\/th>/g)].map(([, head]) => head)
    expect(heads).toEqual(['Package', 'Licence', 'Notes', 'Files', 'Size', 'Hash'])
    expect(page).toContain('@<wbr />scope/<wbr />a-<wbr />long.<wbr />name')
    expect(page).toContain('Scroll the table sideways')
  })

  test('of no packages says so', async () => {
    const page = reportHtml(await report([]))
    checkPage(page)
    expect(page).toContain('There are no packages in this folder.')
    expect(page).not.toContain('<svg')
  })

  test('gathers rare licences in one bar', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({ name: `p${i}`, licence: `L-${i}` }))
    const page = reportHtml(await report(rows))
    checkPage(page)
    expect(page).toContain('21 other licences')
    expect(page.match(/class="bar/g)).toHaveLength(10)
  })
})

describe('the report', () => {
  test('counts, and puts packages in the order of their names', async () => {
    const { totals, licences, packages } = await report([
      { name: 'b', bytes: 3, files: 2, direct: true },
      { name: 'a', version: '2.0.0', bytes: 4, files: 1, flag: 'unknown', licence: 'unknown', problems: ['x'] },
      { name: 'a', version: '1.0.0', hashed: 'partial', installScripts: ['install'] },
    ])
    expect(packages.map(({ name, version }) => `${name}@${version}`)).toEqual(['a@1.0.0', 'a@2.0.0', 'b@1.0.0'])
    expect(licences).toEqual([
      { licence: 'MIT', flag: null, packages: 2 },
      { licence: 'unknown', flag: 'unknown', packages: 1 },
    ])
    expect(totals).toEqual({
      packages: 3,
      files: 3,
      bytes: 7,
      direct: 1,
      withInstallScripts: 1,
      flagged: 1,
      partlyHashed: 1,
      problems: 1,
    })
  })

  test('has a row for an inspection that failed, and for one that cannot be read', async () => {
    const kwargs = { name: 'a', version: '1.0.0', place: 'a', path: '/a', direct: false, copies: 1, differsFrom: null }
    const error = { name: 'Error', message: 'the disk is gone' }
    const records = [
      record({ key: 'a@1.0.0', status: 'failed', kwargs, error }),
      record({ key: 'b@1.0.0', status: 'completed', kwargs: {}, result: 'what?' }),
    ]
    const { packages, problems } = await reportOf({
      inventory: 'i',
      folder: '/',
      startedAt: 0,
      builtAt: 0,
      expected: 3,
      records,
      problems: [],
    })
    expect(packages.map(({ name, licence, problems: why }) => [name, licence, why])).toEqual([
      ['a', 'unknown', ['not inspected: the disk is gone']],
      ['b@1.0.0', 'unknown', ['not inspected: its result cannot be read']],
    ])
    expect(problems).toEqual(['1 inspections are no longer on record'])
  })
})

test('markup is escaped once, and only what is not markup already', () => {
  expect(html`<p>${'<'}${html`<b>${'&'}</b>`}${[html`1`, html`2`]}${7}</p>`.markup).toBe('<p>&lt;<b>&amp;</b>127</p>')
  expect(escapeHtml('a\uD800b\u0007c\td')).toBe('a\uFFFDb\uFFFDc\td')
})
