import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from '@millrace/conformance/suite'
import { expect, it } from 'vitest'
import { methodNames } from './methods.ts'

const page = readFileSync(fileURLToPath(new URL('../backends/writing-a-backend.md', import.meta.url)), 'utf8')
const rows = page.split('\n').flatMap((line) => {
  const [, method, , , groups] = line.split('|').map((cell) => cell.trim())
  return method === undefined || groups === undefined || !groups.startsWith('`')
    ? []
    : [{ method, groups: codes(groups) }]
})

function codes(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name = '']) => name)
}

it('the contract table has a row for each method of a backend, and one for what all of them keep', () => {
  const named = methodNames().map((name) => `\`${name}\``)
  expect(rows.map(({ method }) => method)).toEqual([...named.toSorted(), 'every one'].toSorted(byPage))
})

/** The order of the rows is the page's. */
function byPage(a: string, b: string): number {
  return page.indexOf(`| ${a} |`) - page.indexOf(`| ${b} |`)
}

it('the contract table names every group of the suite and no other', () => {
  const named = new Set(rows.flatMap(({ groups }) => groups))
  expect([...named].toSorted()).toEqual(suite.map(({ name }) => name).toSorted())
})

it('the page counts the cases of the suite', () => {
  const cases = suite.reduce((sum, group) => sum + group.cases.length, 0)
  expect(page).toContain(`${cases}`.replace(/\B(?=(\d{3})+$)/g, ' '))
})
