import type { Clock } from './clock.ts'

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Partitions of a namespace fit into the last bits of an id. */
export const PARTITION_BITS = 10

/** Makes the id of a new record, in the given partition (0 if there is only one). */
export type IdMaker = (partition?: number) => string

/** A canonical lower-case UUIDv7. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value)
}

/** The partition that an id says it lives in. */
export function partitionOf(id: string): number {
  return Number.parseInt(id.slice(-3), 16) & ((1 << PARTITION_BITS) - 1)
}

/**
 * UUIDv7 (RFC 9562, method 1) in the order made: 48 bits of ms, a 12-bit counter within the ms, 52 random bits, 10 partition bits.
 * A full counter borrows the next ms; the last ms is kept while the clock steps back. So ids of one producer sort as enqueued.
 */
export function createIdMaker(clock: Pick<Clock, 'now'>): IdMaker {
  // Asked for rarely: what a call takes is mostly the call.
  const random = new Uint32Array(4_096)
  let used = random.length
  let ms = 0
  let counter = -1
  let prefix = timePrefix(ms)

  return (partition = 0) => {
    const now = clock.now()
    if (now > ms) {
      ms = now
      counter = 0
      prefix = timePrefix(ms)
    } else if (++counter > 0xfff) {
      ms += 1
      counter = 0
      prefix = timePrefix(ms)
    }
    if (used === random.length) {
      crypto.getRandomValues(random)
      used = 0
    }
    const high = 0x80000000 | ((random[used++] ?? 0) >>> 2)
    const low = ((random[used++] ?? 0) << PARTITION_BITS) | partition
    return prefix + tail(counter, high, low)
  }
}

const DASH = 45
const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/** What follows the time, from character codes: the fastest way there is, and a producer needs one for every record. */
function tail(counter: number, high: number, low: number): string {
  return String.fromCharCode(
    DASH, hex(7), hex(counter >> 8), hex(counter >> 4), hex(counter),
    DASH, hex(high >> 28), hex(high >> 24), hex(high >> 20), hex(high >> 16),
    DASH, hex(high >> 12), hex(high >> 8), hex(high >> 4), hex(high),
    hex(low >> 28), hex(low >> 24), hex(low >> 20), hex(low >> 16), hex(low >> 12), hex(low >> 8), hex(low >> 4), hex(low),
  ) // prettier-ignore
}

function hex(value: number): number {
  return DIGITS[value & 15] ?? 0
}

function timePrefix(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}`
}
