/** A member of an index: ordered by score, ties by id. */
export interface Entry {
  readonly score: number
  readonly id: string
}

/** Before and after every entry. */
export const START: Entry = { score: -Infinity, id: '' }
export const END: Entry = { score: Infinity, id: '' }

/** Comes after every id, for positions like "after all entries of this score". */
export const LAST_ID = '~'

const LONGEST_CHUNK = 512

/**
 * Entries in order, each at most once. Adding, deleting and seeking cost O(log n): the entries lie in sorted chunks of at
 * most 512. Walks seek for each step, so entries may come and go meanwhile.
 */
export class OrderedSet implements Iterable<Entry> {
  readonly #chunks: Entry[][] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Whether it was new. */
  add({ score, id }: Entry): boolean {
    const entry = { score, id }
    const at = Math.min(this.#chunkNotBefore(entry), this.#chunks.length - 1)
    const chunk = this.#chunks[at]
    if (chunk === undefined) {
      this.#chunks.push([entry])
    } else {
      const index = placeIn(chunk, entry)
      if (isSame(chunk[index], entry)) return false
      chunk.splice(index, 0, entry)
      if (chunk.length > LONGEST_CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(chunk.length >> 1))
    }
    this.#size += 1
    return true
  }

  /** Whether it was there. */
  delete(entry: Entry): boolean {
    const at = this.#chunkNotBefore(entry)
    const chunk = this.#chunks[at] ?? []
    const index = placeIn(chunk, entry)
    if (!isSame(chunk[index], entry)) return false
    chunk.splice(index, 1)
    if (chunk.length === 0) this.#chunks.splice(at, 1)
    this.#size -= 1
    return true
  }

  has(entry: Entry): boolean {
    const chunk = this.#chunks[this.#chunkNotBefore(entry)] ?? []
    return isSame(chunk[placeIn(chunk, entry)], entry)
  }

  first(): Entry | undefined {
    return this.#chunks[0]?.[0]
  }

  /** The nearest entry behind a position, which need not be an entry itself. */
  after(position: Entry): Entry | undefined {
    const at = this.#chunkNotBefore(position)
    const chunk = this.#chunks[at] ?? []
    const index = placeIn(chunk, position)
    return isSame(chunk[index], position) ? (chunk[index + 1] ?? this.#chunks[at + 1]?.[0]) : chunk[index]
  }

  /** The nearest entry in front of a position, which need not be an entry itself. */
  before(position: Entry): Entry | undefined {
    const at = this.#chunkNotBefore(position)
    return this.#chunks[at]?.[placeIn(this.#chunks[at] ?? [], position) - 1] ?? this.#chunks[at - 1]?.at(-1)
  }

  /** How many entries have this score or a lower one. */
  countUpTo(score: number): number {
    const position = { score, id: LAST_ID }
    const at = this.#chunkNotBefore(position)
    const before = this.#chunks.slice(0, at).reduce((sum, chunk) => sum + chunk.length, 0)
    return before + placeIn(this.#chunks[at] ?? [], position)
  }

  *ascending(from: Entry = START): Generator<Entry, void> {
    for (let entry = this.after(from); entry !== undefined; entry = this.after(entry)) yield entry
  }

  *descending(from: Entry = END): Generator<Entry, void> {
    for (let entry = this.before(from); entry !== undefined; entry = this.before(entry)) yield entry
  }

  *[Symbol.iterator](): Generator<Entry, void> {
    for (const chunk of this.#chunks) yield* chunk
  }

  /** The first chunk that ends at or behind a position; the number of chunks if there is none. */
  #chunkNotBefore(position: Entry): number {
    return search(this.#chunks.length, (i) => {
      const last = this.#chunks[i]?.at(-1)
      return last !== undefined && precedes(last, position)
    })
  }
}

export function precedes(a: Entry, b: Entry): boolean {
  return a.score < b.score || (a.score === b.score && a.id < b.id)
}

function isSame(a: Entry | undefined, b: Entry): boolean {
  return a !== undefined && a.score === b.score && a.id === b.id
}

/** The index of the first entry that does not precede a position. */
function placeIn(chunk: readonly Entry[], position: Entry): number {
  return search(chunk.length, (i) => {
    const entry = chunk[i]
    return entry !== undefined && precedes(entry, position)
  })
}

/** The first of `length` indexes for which `isBefore` does not hold; it holds for all in front of that. */
function search(length: number, isBefore: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}
