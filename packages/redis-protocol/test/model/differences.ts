import { isDeepStrictEqual } from 'node:util'

/** Where two values differ, a line for each place, the first `most` of them: a whole state is too much to read. */
export function differences(answer: unknown, expected: unknown, most = 12): readonly string[] {
  return [...differing('', answer, expected)].slice(0, most)
}

function* differing(path: string, answer: unknown, expected: unknown): Generator<string, void> {
  if (isDeepStrictEqual(answer, expected)) return
  const [ours, theirs] = [partsOf(answer), partsOf(expected)]
  if (ours === null || theirs === null) {
    yield `${path}: ${text(answer)}, expected ${text(expected)}`
    return
  }
  for (const name of new Set([...ours.keys(), ...theirs.keys()]))
    yield* differing(`${path}.${name}`, ours.get(name), theirs.get(name))
}

function partsOf(value: unknown): ReadonlyMap<string, unknown> | null {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : null
}

function text(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 200)
}
