import { utf8Length } from './json.ts'

/** JSON text made with the longest beginning of `text` with which it fits, found by halving; null if nothing fits. */
export function fit(text: string, maxBytes: number, build: (part: string) => object | string): string | null {
  let low = 0
  let high = text.length
  let best: string | null = null
  while (low <= high) {
    const middle = (low + high) >> 1
    const encoded = JSON.stringify(build(cut(text, middle)))
    if (utf8Length(encoded) <= maxBytes) {
      best = encoded
      low = middle + 1
    } else {
      high = middle - 1
    }
  }
  return best
}

/** At most `length` UTF-16 units, never ending in half a code point. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)
}
