import { entryFindings, keyFindings, recordFindings, type Finding } from './findings.ts'
import { INDEX_NAMES } from './filing.ts'
import { nameOf } from './lines.ts'
import type { Namespace } from './namespace.ts'
import type { Entry } from './ordered-set.ts'

/** Things of one kind, each of which an audit looks at. */
export interface Inspection {
  readonly name: string
  size(): number
  look(offset: number, limit: number): { readonly findings: readonly Finding[]; readonly examined: number }
}

/** In the order of their names. Records come before keys: a key that its record takes again dangles no more. */
export function inspectionsOf(namespace: Namespace, now: number): readonly Inspection[] {
  const { rows, keys, lines } = namespace
  const all = [
    inspection('1 records', rows, ([id, stored]) => recordFindings(namespace, { id, stored, now })),
    inspection('2 keys', keys, ([identity, found]) => keyFindings(namespace, { identity, found, now })),
  ]
  for (const line of lines.matching()) {
    for (const index of INDEX_NAMES) {
      const look = (entry: Entry): readonly Finding[] => entryFindings(namespace, { ...entry, line, index })
      all.push(inspection(`3 ${nameOf(line)} ${index}`, line.indexes[index], look))
    }
  }
  return all.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function inspection<T>(
  name: string,
  items: Iterable<T> & { readonly size: number },
  findingsOf: (item: T) => readonly Finding[],
): Inspection {
  return {
    name,
    size: () => items.size,
    look(offset, limit) {
      const some = slice(items, offset, limit)
      return { findings: some.flatMap(findingsOf), examined: some.length }
    },
  }
}

function slice<T>(items: Iterable<T>, offset: number, limit: number): readonly T[] {
  const some: T[] = []
  let left = offset
  for (const item of items) {
    if (some.length === limit) break
    if (left-- <= 0) some.push(item)
  }
  return some
}
