import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { merge } from '../src/merge.ts'

const ascending = (a: number, b: number): boolean => a < b

describe('a merge', () => {
  it('gives all items of all sources in order', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 50 })), { maxLength: 12 }), (lists) => {
        const sources = lists.map((list) => list.toSorted((a, b) => a - b).values())
        expect([...merge(sources, ascending)]).toEqual(lists.flat().toSorted((a, b) => a - b))
      }),
    )
  })

  it('asks a source for more only after its last item was dealt with', () => {
    const dealtWith: number[] = []
    function* source(): Generator<number, void> {
      yield 1
      if (!dealtWith.includes(1)) yield 2
    }
    for (const item of merge([source(), [1.5].values()], ascending)) dealtWith.push(item)
    expect(dealtWith).toEqual([1, 1.5])
  })
})
