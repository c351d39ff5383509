/*
 * Texts in a packed record are escaped as in JSON, without the quotes, so that none contains the control characters that separate fields.
 * Escaping is one-to-one: two texts that differ stay different.
 */

/** Nothing to escape: no quote, no backslash, no control character. */
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const PLAIN = /^[^"\\\u0000-\u001f]*$/

/** '' for null; no text of a record is empty. */
export function escapeText(text: string | null): string {
  if (text === null) return ''
  return PLAIN.test(text) ? text : JSON.stringify(text).slice(1, -1)
}

/** @throws SyntaxError for what `escapeText` did not write. */
export function unescapeText(text: string): string | null {
  if (text === '') return null
  if (!text.includes('\\')) return text
  const value: unknown = JSON.parse(`"${text}"`)
  return String(value)
}

/** JSON text without raw control characters: valid JSON has them as white space only. */
export function withoutControls(json: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return /[\u0000-\u001f]/.test(json) ? json.replaceAll(/[\u0000-\u001f]/g, ' ') : json
}
