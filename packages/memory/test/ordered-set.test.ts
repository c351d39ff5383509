import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { END, LAST_ID, OrderedSet, precedes, START, type Entry } from '../src/ordered-set.ts'

const entry = fc.record({ score: fc.integer({ min: -20, max: 20 }), id: fc.constantFrom('a', 'b', 'c', 'd') })
const step = fc.record({ adds: fc.boolean(), entry })

/** What an ordered set promises, at the price of a full sort. */
function sorted(entries: Iterable<Entry>): readonly Entry[] {
  return [...entries].toSorted((a, b) => (precedes(a, b) ? -1 : precedes(b, a) ? 1 : 0))
}

function nameOf({ score, id }: Entry): string {
  return `${score}${id}`
}

describe('an ordered set', () => {
  it('does what a sorted array would do', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), entry, (steps, position) => {
        const set = new OrderedSet()
        const model = new Map<string, Entry>()
        for (const { adds, entry } of steps) {
          const isKnown = model.has(nameOf(entry))
          expect(set.has(entry)).toBe(isKnown)
          if (adds) {
            expect(set.add(entry)).toBe(!isKnown)
            model.set(nameOf(entry), entry)
          } else {
            expect(set.delete(entry)).toBe(isKnown)
            model.delete(nameOf(entry))
          }
        }
        const all = sorted(model.values())
        const behind = all.filter((one) => precedes(position, one))
        const inFront = all.filter((one) => precedes(one, position)).toReversed()
        expect([...set]).toEqual(all)
        expect(set.size).toBe(all.length)
        expect(set.first()).toEqual(all[0])
        expect(set.after(position)).toEqual(behind[0])
        expect(set.before(position)).toEqual(inFront[0])
        expect([...set.ascending(position)]).toEqual(behind)
        expect([...set.descending(position)]).toEqual(inFront)
        expect(set.countUpTo(position.score)).toBe(all.filter(({ score }) => score <= position.score).length)
      }),
    )
  })

  it('stays in order over many chunks, filled from any side and emptied again', () => {
    const set = new OrderedSet()
    const ids = Array.from({ length: 5_000 }, (_, i) => String((i * 7_919) % 5_000).padStart(4, '0'))
    for (const id of ids) set.add({ score: 0, id })
    expect([...set].map(({ id }) => id)).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)))
    expect(set.countUpTo(0)).toBe(5_000)
    expect(set.countUpTo(-1)).toBe(0)
    expect(set.after({ score: 0, id: '2499' })).toEqual({ score: 0, id: '2500' })
    expect(set.before({ score: 0, id: '2500' })).toEqual({ score: 0, id: '2499' })
    for (const id of ids) expect(set.delete({ score: 0, id })).toBe(true)
    expect(set.size).toBe(0)
    expect(set.first()).toBeUndefined()
  })

  it('has nothing before its start, behind its end, or in it while it is empty', () => {
    const set = new OrderedSet()
    expect([set.after(START), set.before(END), set.countUpTo(Infinity)]).toEqual([undefined, undefined, 0])
    set.add({ score: -Infinity, id: 'dead' })
    expect(set.after(START)).toEqual({ score: -Infinity, id: 'dead' })
    expect(set.before(START)).toBeUndefined()
    expect(set.after({ score: -Infinity, id: LAST_ID })).toBeUndefined()
  })

  it('is walked while its entries come and go', () => {
    const set = new OrderedSet()
    for (let score = 0; score < 2_000; score++) set.add({ score, id: 'a' })
    const seen: number[] = []
    for (const one of set.ascending()) {
      seen.push(one.score)
      set.delete(one)
      if (one.score === 10) set.add({ score: 10.5, id: 'late' })
      if (one.score === 20) set.delete({ score: 21, id: 'a' })
    }
    expect(seen).toHaveLength(2_000)
    expect(seen.slice(10, 22)).toEqual([10, 10.5, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
    expect(set.size).toBe(0)
  })

  it('keeps copies', () => {
    const set = new OrderedSet()
    const given = { score: 1, id: 'a' }
    set.add(given)
    given.score = 2
    expect(set.has({ score: 1, id: 'a' })).toBe(true)
  })
})
