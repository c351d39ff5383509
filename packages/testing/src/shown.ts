const LONGEST = 200

/** A value in a message: JSON where it can be, on one line, and not longer than a line or two. */
export function shown(value: unknown): string {
  const text = textOf(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text
}

function textOf(value: unknown): string {
  if (value === undefined) return 'missing'
  const matcher = matcherText(value)
  if (matcher !== null) return matcher
  try {
    return JSON.stringify(value, (_name, part: unknown) => matcherText(part) ?? part) ?? String(value)
  } catch {
    return String(value)
  }
}

/** What a matcher of a test framework calls itself: `Any<String>`. */
function matcherText(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('toAsymmetricMatcher' in value)) return null
  const { toAsymmetricMatcher } = value
  return typeof toAsymmetricMatcher === 'function' ? String(Reflect.apply(toAsymmetricMatcher, value, [])) : null
}
