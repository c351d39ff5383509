import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { BUDGETS } from '../../packages/redis-protocol/test/costs/budgets.ts'
import { methodNames } from './methods.ts'

const page = readFileSync(fileURLToPath(new URL('../guide/performance.md', import.meta.url)), 'utf8')
const rows = page.split('\n').flatMap((line) => {
  const [, method = '', , , operations = ''] = line.split('|').map((cell) => cell.trim())
  const [, name] = /^`([\w.]+)`$/.exec(method) ?? []
  return name === undefined ? [] : [{ name, operations: codes(operations) }]
})

function codes(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name = '']) => name)
}

it('the table of costs has a row for each method of a backend', () => {
  expect(rows.map(({ name }) => name).toSorted()).toEqual(methodNames().toSorted())
})

it('the table of costs names every operation that is counted beside two backlogs, and no other', () => {
  const named = rows.flatMap(({ operations }) => operations)
  expect(named.toSorted()).toEqual(Object.keys(BUDGETS).toSorted())
})
