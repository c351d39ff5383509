import { expect, it } from 'vitest'
import { backendSize } from '../checks/backend-size.mjs'
import { repository } from './fixture.ts'

const methods = (count: number): string =>
  Array.from(
    { length: count },
    (_, i) => `  /** Promise ${i}. */\n  m${i}(a: { b: string; c?: number }): Promise<Map<string, D>>\n`,
  ).join('')
const sizeOf = (source: string): { problems: string[]; note?: string } =>
  backendSize(repository({ 'packages/core/src/backend.ts': source }))

it('counts methods and properties, not what is inside them', () => {
  const { problems, note } = sizeOf(
    `export interface Backend {\n${methods(18)}  readonly a: B\n  readonly c?: never\n}`,
  )
  expect({ problems, note }).toEqual({ problems: [], note: '20 members' })
})

it('refuses a contract that grew', () => {
  expect(sizeOf(`export interface Backend {\n${methods(21)}}`).problems).toEqual([
    expect.stringContaining('21 members'),
  ])
})

it('refuses a part that grew', () => {
  const source = `export interface Backend {\n  readonly controls: Controls\n}\nexport interface Controls {\n${methods(7)}}`
  expect(sizeOf(source).problems).toEqual([expect.stringContaining('controls (Controls) has 7 members')])
})

it('refuses to be green without a contract', () => {
  expect(sizeOf('export interface Other {}').problems).toHaveLength(1)
})
