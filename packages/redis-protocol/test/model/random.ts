/** Choices that a seed determines: a run that failed is repeated by its seed. */
export interface Random {
  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number
  /** Whether something happens that happens so often, from 0 to 1. */
  chance(share: number): boolean
  pick<T>(items: readonly [T, ...T[]]): T
  /** Up to `most` of the items, the same one perhaps twice. */
  some<T>(items: readonly T[], most: number): readonly T[]
  /** By weight. */
  weighted<T>(items: readonly [readonly [number, T], ...(readonly [number, T])[]]): T
}

/** Marsaglia's xorshift with 32 bits. */
export function randomOf(seed: number): Random {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1

  function fraction(): number {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }

  const whole = (least: number, most: number): number => least + Math.floor(fraction() * (most - least + 1))
  const pick: Random['pick'] = (items) => items[whole(0, items.length - 1)] ?? items[0]
  return {
    whole,
    chance: (share) => fraction() < share,
    pick,
    some(items, most) {
      const [first, ...others] = items
      if (first === undefined) return []
      return Array.from({ length: whole(0, most) }, () => pick([first, ...others]))
    },
    weighted(items) {
      let left = fraction() * items.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, item] of items) {
        left -= weight
        if (left < 0) return item
      }
      return items[0][1]
    },
  }
}
