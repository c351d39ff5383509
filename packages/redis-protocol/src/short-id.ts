/*
 * Servers store ids as 22 characters instead of 36: 128 bits in an alphabet whose characters sort as their values do, so that ids sort the
 * same in both forms. 31 bytes less per record, in its hash and in its index.
 *
 * A busy worker does this for every record, so both ways go from character codes to character codes: three hexadecimal digits are two
 * characters, and the first pair stands for the first byte alone.
 */

const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789abcdef'
/** Characters of a stored id. */
export const ID_LENGTH = 22
const DASH = 45

const ALPHABET_CODES = codesOf(ALPHABET)
const DIGIT_CODES = codesOf(DIGITS)
const ALPHABET_VALUES = valuesOf(ALPHABET)
const DIGIT_VALUES = valuesOf(DIGITS)

function codesOf(characters: string): Uint8Array {
  return Uint8Array.from(characters, (one) => one.charCodeAt(0))
}

/** By character code; -1 for what stands for nothing. */
function valuesOf(characters: string): Int8Array {
  const values = new Int8Array(65_536).fill(-1)
  for (const [value, code] of codesOf(characters).entries()) values[code] = value
  return values
}

/** Of a canonical UUID. */
export function shortId(id: string): string {
  const a = (digit(id, 0) << 4) | digit(id, 1)
  const b = triple(id, 2, 3, 4)
  const c = triple(id, 5, 6, 7)
  const d = triple(id, 9, 10, 11)
  const e = triple(id, 12, 14, 15)
  const f = triple(id, 16, 17, 19)
  const g = triple(id, 20, 21, 22)
  const h = triple(id, 24, 25, 26)
  const i = triple(id, 27, 28, 29)
  const j = triple(id, 30, 31, 32)
  const k = triple(id, 33, 34, 35)
  return String.fromCharCode(
    code(a >> 6), code(a), code(b >> 6), code(b), code(c >> 6), code(c), code(d >> 6), code(d),
    code(e >> 6), code(e), code(f >> 6), code(f), code(g >> 6), code(g), code(h >> 6), code(h),
    code(i >> 6), code(i), code(j >> 6), code(j), code(k >> 6), code(k),
  ) // prettier-ignore
}

/** The UUID of a stored id; null if it is none. */
export function longId(short: string): string | null {
  if (short.length !== ID_LENGTH) return null
  const a = pair(short, 0)
  const b = pair(short, 2)
  const c = pair(short, 4)
  const d = pair(short, 6)
  const e = pair(short, 8)
  const f = pair(short, 10)
  const g = pair(short, 12)
  const h = pair(short, 14)
  const i = pair(short, 16)
  const j = pair(short, 18)
  const k = pair(short, 20)
  // A UUID of version 7 and of the variant of RFC 9562; a negative value is none.
  const isId = (a | b | c | d | e | f | g | h | i | j | k) >= 0 && a < 256 && ((e >> 4) & 15) === 7 && (f & 12) === 8
  if (!isId) return null
  return String.fromCharCode(
    hex(a >> 4), hex(a), hex(b >> 8), hex(b >> 4), hex(b), hex(c >> 8), hex(c >> 4), hex(c), DASH,
    hex(d >> 8), hex(d >> 4), hex(d), hex(e >> 8), DASH,
    hex(e >> 4), hex(e), hex(f >> 8), hex(f >> 4), DASH,
    hex(f), hex(g >> 8), hex(g >> 4), hex(g), DASH,
    hex(h >> 8), hex(h >> 4), hex(h), hex(i >> 8), hex(i >> 4), hex(i),
    hex(j >> 8), hex(j >> 4), hex(j), hex(k >> 8), hex(k >> 4), hex(k),
  ) // prettier-ignore
}

function digit(id: string, at: number): number {
  return DIGIT_VALUES[id.charCodeAt(at)] ?? -1
}

function triple(id: string, first: number, second: number, third: number): number {
  return (digit(id, first) << 8) | (digit(id, second) << 4) | digit(id, third)
}

function pair(short: string, at: number): number {
  return ((ALPHABET_VALUES[short.charCodeAt(at)] ?? -1) << 6) | (ALPHABET_VALUES[short.charCodeAt(at + 1)] ?? -1)
}

function code(value: number): number {
  return ALPHABET_CODES[value & 63] ?? 0
}

function hex(value: number): number {
  return DIGIT_CODES[value & 15] ?? 0
}

/** The UUIDs in a text of stored ids with a space between them. */
export function idsIn(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ').map((short) => longId(short) ?? short)
}
