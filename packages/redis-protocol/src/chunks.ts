/** Ids that one script gets at most: it stays within a few milliseconds. */
export const MAX_IDS = 200
/** UTF-16 units of values that one script gets at most; one larger record goes alone. */
const MAX_SIZE = 1_048_576

/** Pieces that one script each can take, in order. */
export function chunks<T>(items: readonly T[], sizeOf: (item: T) => number = () => 0): readonly (readonly T[])[] {
  const pieces: T[][] = []
  let size = 0
  for (const item of items) {
    const last = pieces.at(-1)
    const added = sizeOf(item)
    if (last === undefined || last.length === MAX_IDS || size + added > MAX_SIZE) {
      pieces.push([item])
      size = added
    } else {
      last.push(item)
      size += added
    }
  }
  return pieces
}
