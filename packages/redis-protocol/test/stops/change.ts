/** Something that others wait for facts about. */
export interface Change {
  /** Looks again at what is waited for. */
  tell(): void
  /** Resolves when a fact is true. */
  until(fact: () => boolean): Promise<void>
}

export function createChange(): Change {
  let next = Promise.withResolvers<void>()
  return {
    tell() {
      next.resolve()
      next = Promise.withResolvers()
    },
    async until(fact) {
      while (!fact()) await next.promise
    },
  }
}
