import { invalidArgument } from './errors.ts'

/** A place in a sequence, as opaque text that only the same query takes back. */
export function cursorText(query: string, position: string): string {
  return btoa(JSON.stringify([query, position]))
}

/** @throws QueueError `invalid_argument` for a text that this query did not give out. */
export function cursorPosition(parameter: string, query: string, cursor: string): string {
  const [madeFor, position] = parse(cursor)
  if (madeFor !== query || typeof position !== 'string')
    throw invalidArgument(parameter, 'must be the cursor of the page before, of the same query')
  return position
}

function parse(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(atob(cursor))
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
