import { createIdMaker } from '@millrace/core'
import { expect, it } from 'vitest'
import { idsIn, longId, shortId } from '../src/short-id.ts'

const makeId = createIdMaker({ now: () => 1_800_000_000_000 })
const ids = Array.from({ length: 5_000 }, (_, i) => makeId(i % 1_024))

it('stores an id in 22 characters and reads it back', () => {
  for (const id of ids) {
    expect(shortId(id)).toHaveLength(22)
    expect(longId(shortId(id))).toBe(id)
  }
})

it('sorts stored ids as the ids themselves', () => {
  const later = createIdMaker({ now: () => 9_999_999_999_999 })
  const all = [...ids, later(), later(1_023)]
  expect(all.map(shortId).toSorted().map(longId)).toEqual(all.toSorted())
})

it.for(['', 'x', '-'.repeat(22), '!'.repeat(22), `z${shortId(ids[0] ?? '').slice(1)}`, `${shortId(ids[0] ?? '')}x`])(
  'takes %s for no id',
  (text) => {
    expect(longId(text)).toBeNull()
  },
)

it('reads a list of ids, and shows what is none as it is', () => {
  expect(idsIn('')).toEqual([])
  expect(idsIn(`${shortId(ids[0] ?? '')} foreign`)).toEqual([ids[0], 'foreign'])
})
