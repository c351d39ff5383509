import { isId } from '@millrace/core'

/*
 * Servers store ids as 22 characters instead of 36: 128 bits in an alphabet whose characters sort as their values do, so that ids sort the
 * same in both forms. 31 bytes less per record, in its hash and in its index.
 */

const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'
/** Two characters for each value of 12 bits, and back. */
const PAIRS: readonly string[] = Array.from({ length: 4_096 }, (_, i) => `${ALPHABET[i >> 6]}${ALPHABET[i & 63]}`)
const DIGITS: ReadonlyMap<string, string> = new Map(PAIRS.map((pair, i) => [pair, i.toString(16).padStart(3, '0')]))
const LENGTH = 22

/** Of a canonical UUID. */
export function shortId(id: string): string {
  const hex = id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24)
  let short = PAIRS[Number.parseInt(hex.slice(0, 2), 16)] ?? ''
  for (let at = 2; at < 32; at += 6) {
    const value = Number.parseInt(hex.slice(at, at + 6), 16)
    short += (PAIRS[value >>> 12] ?? '') + (PAIRS[value & 0xfff] ?? '')
  }
  return short
}

/** The UUID of a stored id; null if it is none. */
export function longId(short: string): string | null {
  if (short.length !== LENGTH) return null
  let hex = ''
  for (let at = 0; at < LENGTH; at += 2) {
    const digits = DIGITS.get(short.slice(at, at + 2))
    if (digits === undefined) return null
    hex += digits
  }
  // The first pair stands for the first byte alone.
  hex = hex.slice(1)
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  return isId(id) ? id : null
}

/** The UUIDs in a text of stored ids with a space between them. */
export function idsIn(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ').map((short) => longId(short) ?? short)
}
