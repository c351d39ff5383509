/*
 * Texts in a packed record are escaped as in JSON, without the quotes, so that none contains the control characters that separate fields.
 * Escaping is one-to-one: two texts that differ stay different.
 */

/** Nothing to escape: no quote, no backslash, no control character. */
const PLAIN = /^[^"\\\p{Cc}]*$/u
/** What separates fields and records, in storage and in replies. Valid JSON has the first three as white space, and the others not at all. */
const SEPARATORS = '\n\r\t\u001d\u001e\u001f'
const ANY_SEPARATOR = new RegExp(`[${SEPARATORS}]`)
const SEPARATOR = new RegExp(`[${SEPARATORS}]`, 'g')

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

/** JSON text without raw separators. */
export function withoutControls(json: string): string {
  return ANY_SEPARATOR.test(json) ? json.replaceAll(SEPARATOR, ' ') : json
}
