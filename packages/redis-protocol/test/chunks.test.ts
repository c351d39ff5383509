import { expect, it } from 'vitest'
import { chunks, MAX_IDS } from '../src/chunks.ts'

const sizes = (pieces: readonly (readonly unknown[])[]): readonly number[] => pieces.map(({ length }) => length)

it('makes no piece of nothing', () => {
  expect(chunks([])).toEqual([])
})

it('gives one script at most 200 items, in order', () => {
  const items = Array.from({ length: 2 * MAX_IDS + 1 }, (_, i) => i)
  expect(sizes(chunks(items))).toEqual([MAX_IDS, MAX_IDS, 1])
  expect(chunks(items).flat()).toEqual(items)
})

it('gives one script at most a megabyte, and a larger item a script of its own', () => {
  const half = 600_000
  expect(sizes(chunks([half, half, 1, 3_000_000, 1, 1], (size) => size))).toEqual([1, 2, 1, 2])
})
