import type { Connection } from '../../../../scripts/servers/connection.mjs'

/** What database 0 holds: a digest of each key. */
export type Snapshot = ReadonlyMap<string, string>

/** The stored data of a server of one's own, to compare and to bring back. */
export interface Store {
  /** Takes what is there for the state to bring back. */
  keep(): Promise<void>
  bringBack(): Promise<void>
  look(): Promise<Snapshot>
}

/** `own` is in database 0; the state to bring back is kept in database 1. */
export function storeOn(own: Connection): Store {
  let kept: readonly string[] = []
  const copied = async (from: 0 | 1, keys: readonly string[]): Promise<void> => {
    const to = 1 - from
    await all([['SELECT', to], ['FLUSHDB'], ['SELECT', from], ...keys.map((key) => ['COPY', key, key, 'DB', to]), ['SELECT', 0]])
  } // prettier-ignore

  async function all(commands: readonly (readonly (string | number)[])[]): Promise<void> {
    await Promise.all(commands.map((words) => own.send(...words)))
  }

  async function names(): Promise<readonly string[]> {
    const reply = await own.send('KEYS', '*')
    return Array.isArray(reply) ? reply.map(String).toSorted() : []
  }

  return {
    async keep() {
      kept = await names()
      await copied(0, kept)
    },
    bringBack: () => copied(1, kept),
    async look() {
      const keys = await names()
      const digests = keys.length === 0 ? [] : await own.send('DEBUG', 'DIGEST-VALUE', ...keys)
      return new Map(keys.map((key, i) => [key, String(Array.isArray(digests) ? digests[i] : null)]))
    },
  }
}

/** Which keys are not the same, but for those that are left out. */
export function differences(before: Snapshot, after: Snapshot, without: string | null = null): readonly string[] {
  const keys = new Set([...before.keys(), ...after.keys()])
  return [...keys].filter((key) => key !== without && before.get(key) !== after.get(key))
}
