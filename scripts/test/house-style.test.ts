import { expect, it } from 'vitest'
import { houseStyle } from '../checks/house-style.mjs'
import { repository } from './fixture.ts'

const house = {
  'packages/core/src/clock.ts': 'export const clock = { now: () => Date.now() }',
  'packages/core/src/status.ts': `export const STATUS = { running: 'running', expired: 'expired' } as const`,
}
const problemsOf = (files: Record<string, string>): string[] => houseStyle(repository({ ...house, ...files })).problems
const inMemory = (source: string): string[] => problemsOf({ 'packages/memory/src/index.ts': source })
const inTest = (source: string): string[] => problemsOf({ 'packages/memory/test/a.test.ts': source })
const inSuite = (source: string): string[] => problemsOf({ 'packages/conformance/src/a.ts': source })

it.for([
  'let a: any',
  'let a: Record<string, any>',
  'a!.b',
  'const a = b()!',
  'class A { b!: string }',
  'enum A { b }',
  'const a = b as string',
  'const a = [b as string]',
  'const a = { ...(b as object) }',
  'const a = Date.now()',
  'const a = { now: Date.now }',
  `if (status === 'running') stop()`,
  'const a = `running`',
  'class A extends B {}',
  'const A = class extends B {}',
  '// TODO: later',
])('refuses in a source: %s', (source) => {
  expect(inMemory(source)).not.toEqual([])
})

it.for([
  `import { a as b } from 'c'`,
  `import type { A as B } from 'c'`,
  `export { a as b }`,
  `export * as a from 'c'`,
  'const a = [1] as const',
  'type A = { [K in keyof B as K extends string ? K : never]: B[K] }',
  'if (!a && b !== c) d = !e',
  'await Promise.any([a])',
  'class A extends RangeError {}',
  'interface A extends B {}',
  `const text = "is any enum as good as 'running'?" // any as running, a!`,
  `sweep({ what: 'expired' })`,
  `if (request.what === 'expired') return`,
  `oneOf(['stale', 'expired', 'finished'])`,
  `const error = { code: 'expired' }`,
])('accepts in a source: %s', (source) => {
  expect(inMemory(source)).toEqual([])
})

it('wants the clock read at exactly one place', () => {
  expect(problemsOf({ 'packages/core/src/clock.ts': 'export {}' })).toEqual([expect.stringContaining('0 times')])
  expect(problemsOf({ 'packages/core/src/clock.ts': 'Date.now(); Date.now()' })).toEqual([
    expect.stringContaining('2 times'),
  ])
})

it('allows assertions in the one file that proves them', () => {
  expect(problemsOf({ 'packages/core/src/typed.ts': 'export const a = b as string' })).toEqual([])
})

it.for([
  `it.skip('a')`,
  `it.only('a')`,
  `describe.todo('a')`,
  `it.skipIf(true)('a')`,
  `it('a', { retry: 3 }, run)`,
  'setTimeout(done, 5)',
  'globalThis.setTimeout(done, 5)',
  'await sleep(5)',
  `import { setTimeout as wait } from 'node:timers/promises'`,
  '// FIXME',
])('refuses in a test: %s', (source) => {
  expect(inTest(source)).not.toEqual([])
})

it('lets a test drive a clock and name a retry', () => {
  expect(inTest(`await clock.sleep(5); settle({ retry: { afterMs: 5 } }); const a = b as string`)).toEqual([])
})

it('refuses the name of a backend in the suite', () => {
  expect(inSuite(`if (name === 'redis') return`)).toHaveLength(1)
  expect(inSuite('`not on Valkey`')).toHaveLength(1)
  expect(inSuite(`const code = 'out_of_memory'`)).toEqual([])
})
