import type { Spread } from './summary.ts'

/** `12 345` or `0.0123`, never more digits than asked for. */
export function numberWords(value: number, digits: number): string {
  return value
    .toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits })
    .replaceAll(',', ' ')
}

/** `12 345` */
export function countWords(count: number): string {
  return numberWords(count, 0)
}

/** `2.1x`, with the range of the rounds if there are several. */
export function ratioWords(spread: Spread, unit = 'x'): string {
  const { median, min, max } = spread
  const digits = median < 0.1 ? 3 : 2
  const [middle, low, high] = [median, min, max].map((value) => numberWords(value, digits))
  return low === high ? `${middle}${unit}` : `${middle}${unit} (${low} to ${high})`
}
