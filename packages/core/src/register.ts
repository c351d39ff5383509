/**
 * What comes and goes, by id, in the order in which it came. A `Map` alone would do: but whenever its table is full it makes another one, and
 * the old one keeps pointing to that with all that it held. Once an old table has itself grown old, it keeps alive whatever passed through
 * the map since, until a full collection: a third of a busy worker's time went into copying that. So the map is replaced now and then.
 */
export interface Register<T> {
  readonly size: number
  get(id: string): T | undefined
  set(id: string, value: T): void
  delete(id: string): void
  keys(): MapIterator<string>
  values(): MapIterator<T>
}

/** A map that holds more lives longer, so that copying it costs less than what is removed from it. */
const FEWEST_REMOVALS = 64

export function createRegister<T>(): Register<T> {
  let map = new Map<string, T>()
  let removals = 0
  return {
    get size() {
      return map.size
    },
    get: (id) => map.get(id),
    set: (id, value) => void map.set(id, value),
    delete(id) {
      if (!map.delete(id) || ++removals < Math.max(FEWEST_REMOVALS, map.size)) return
      const copy = new Map<string, T>()
      // By a function, because an iterator makes a pair of each.
      map.forEach((value, held) => copy.set(held, value))
      map = copy
      removals = 0
    },
    keys: () => map.keys(),
    values: () => map.values(),
  }
}
