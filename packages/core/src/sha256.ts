/*
 * SHA-256 as FIPS 180-4 has it. The platform's own answers later, and what is enqueued must not be overtaken by a call that is made right after
 * it; for keys of inputs, which are short, this one is fast enough.
 */

const ROUNDS = 64
const BLOCK = 64

/** The first 32 bits behind the point of the square or cube roots of the first primes. */
function fractions(count: number, root: (prime: number) => number): Int32Array {
  const words = new Int32Array(count)
  let found = 0
  for (let candidate = 2; found < count; candidate++)
    if (isPrime(candidate)) words[found++] = (root(candidate) % 1) * 2 ** 32
  return words
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false
  return true
}

const CONSTANTS = fractions(ROUNDS, Math.cbrt)
const START = fractions(8, Math.sqrt)

/** The hash of a text's UTF-8 bytes, in hexadecimal. */
export function sha256(text: string): string {
  const bytes = padded(new TextEncoder().encode(text))
  const view = new DataView(bytes.buffer)
  const state = Int32Array.from(START)
  const words = new Int32Array(ROUNDS)
  for (let at = 0; at < bytes.length; at += BLOCK) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4)
    extend(words)
    compress(state, words)
  }
  return Array.from(state, (part) => (part >>> 0).toString(16).padStart(8, '0')).join('')
}

/** A bit, then none until the number of bits ends a block. */
function padded(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(Math.ceil((bytes.length + 9) / BLOCK) * BLOCK)
  all.set(bytes)
  all[bytes.length] = 0x80
  new DataView(all.buffer).setBigUint64(all.length - 8, BigInt(bytes.length) * 8n)
  return all
}

function extend(words: Int32Array): void {
  for (let i = 16; i < ROUNDS; i++) {
    const early = words[i - 15] ?? 0
    const late = words[i - 2] ?? 0
    const a = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3)
    const b = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10)
    words[i] = ((words[i - 16] ?? 0) + a + (words[i - 7] ?? 0) + b) | 0
  }
}

/** One name at a time: lists would be made anew for each of the rounds, and cost ten times as much. */
function compress(state: Int32Array, words: Int32Array): void {
  let a = state[0] ?? 0
  let b = state[1] ?? 0
  let c = state[2] ?? 0
  let d = state[3] ?? 0
  let e = state[4] ?? 0
  let f = state[5] ?? 0
  let g = state[6] ?? 0
  let h = state[7] ?? 0
  for (let i = 0; i < ROUNDS; i++) {
    const turnedE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const one = (h + turnedE + ((e & f) ^ (~e & g)) + (CONSTANTS[i] ?? 0) + (words[i] ?? 0)) | 0
    const turnedA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const two = (turnedA + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  state[0] = a + (state[0] ?? 0)
  state[1] = b + (state[1] ?? 0)
  state[2] = c + (state[2] ?? 0)
  state[3] = d + (state[3] ?? 0)
  state[4] = e + (state[4] ?? 0)
  state[5] = f + (state[5] ?? 0)
  state[6] = g + (state[6] ?? 0)
  state[7] = h + (state[7] ?? 0)
}
