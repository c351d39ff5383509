import { expect, it } from 'vitest'
import { importsOf, tokenize } from '../checks/tokens.mjs'

const texts = (source: string): string[] => tokenize(source).map(({ text }) => text)

it('drops comments and keeps strings whole', () => {
  expect(texts(`a // 'b\n/* "c" */ 'd // e' "f"`)).toEqual(['a', 'd // e', 'f'])
  expect(texts('#!/usr/bin/env node\na')).toEqual(['a'])
})

it('tells a division from a regular expression', () => {
  const kinds = tokenize(`a / b; x = /'[/]"/g; return /'/`).map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'regex')).toHaveLength(2)
  expect(texts('(a + b) / 2 / c')).toContain('2')
})

it('follows a template into its expressions and out again', () => {
  const tokens = tokenize('`a ${ { b: `c ${d}` } } e` + f')
  expect(tokens.filter(({ kind }) => kind === 'template').map(({ text }) => text)).toEqual(['a ', 'c ', '', ' e'])
  expect(tokens.filter(({ kind }) => kind === 'word').map(({ text }) => text)).toEqual(['b', 'd', 'f'])
})

it('counts lines, also inside comments and templates', () => {
  expect(tokenize('/*\n*/ a\n`\n` b').map(({ line }) => line)).toEqual([2, 3, 4])
})

it('finds every form of import, and which are types only', () => {
  const source = `
    import 'a'
    import b, { x as y } from 'b'
    import type { C } from 'c'
    export * from 'd'
    export type { E } from 'e'
    export { f } from 'f'
    export { local }
    export const url = import.meta.url, g = await import('g')
    export type H = 'not a module'`
  expect(importsOf(tokenize(source)).map(({ from }) => from)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  const types = importsOf(tokenize(source)).filter(({ typeOnly }) => typeOnly)
  expect(types.map(({ from }) => from)).toEqual(['c', 'e'])
})
