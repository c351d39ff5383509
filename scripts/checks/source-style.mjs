import { endOfImport } from './tokens.mjs'

const TYPED = 'packages/core/src/typed.ts'
const STATUS_TABLE = 'packages/core/src/status.ts'
const CLOCK = 'packages/core/src/clock.ts'
const STATUS_FREE = /^packages\/(core|memory|worker|testing|redis-protocol|redis|valkey)\/src\//
const SUITE = /^packages\/conformance\/src\//
const BACKEND_NAME = /\b(redis|valkey|memory)\b/i
const KEYWORD = new Set(
  'return typeof case in of delete void throw new await yield else do instanceof extends'.split(' '),
)

/**
 * @typedef {import('./tokens.mjs').Token} Token
 * @typedef {{ line: number, what: string }} Problem
 */

/**
 * @param {string} file
 * @param {Token[]} tokens
 * @param {Set<string>} statuses
 * @returns {Problem[]}
 */
export function sourceProblems(file, tokens, statuses) {
  const renames = renamesIn(tokens)
  /** @type {Problem[]} */
  const problems = []
  for (const [at, token] of tokens.entries()) {
    const what =
      token.kind === 'word'
        ? aboutWord(file, tokens, at, renames)
        : token.kind === 'string' || token.kind === 'template'
          ? aboutText(file, tokens, at, statuses)
          : isNonNull(tokens, at)
            ? 'no non-null `!`: narrow it, or refuse'
            : undefined
    if (what !== undefined) problems.push({ line: token.line, what })
  }
  return problems
}

/** @param {string} file @param {Token[]} tokens @param {number} at @param {Set<number>} renames @returns {string | undefined} */
function aboutWord(file, tokens, at, renames) {
  const { text } = tokens[at] ?? { text: '' }
  const before = tokens[at - 1]?.text ?? ''
  const after = tokens[at + 1]?.text ?? ''
  if (before === '.' || before === '?.') return
  if (text === 'any' && after !== ':' && after !== '(' && after !== '?') return 'no `any`'
  if (text === 'enum' && tokens[at + 1]?.kind === 'word') return 'no `enum`: an object `as const`'
  if (text === 'as' && isAssertion(tokens, at) && !renames.has(at) && file !== TYPED)
    return `no \`as\` outside ${TYPED} (\`as const\` anywhere)`
  if (text === 'Date' && after === '.' && tokens[at + 2]?.text === 'now' && file !== CLOCK)
    return `Date.now belongs to ${CLOCK}: take the clock that is given`
  if (text === 'class') return aboutClass(tokens, at)
}

/** @param {string} file @param {Token[]} tokens @param {number} at @param {Set<string>} statuses @returns {string | undefined} */
function aboutText(file, tokens, at, statuses) {
  const token = tokens[at] ?? { text: '' }
  if (statuses.has(token.text) && STATUS_FREE.test(file) && file !== STATUS_TABLE && !meansAnother(tokens, at))
    return `the status '${token.text}' is written in ${STATUS_TABLE} only: refer to it`
  if (SUITE.test(file) && BACKEND_NAME.test(token.text)) return 'the suite names no backend'
}

/**
 * The same word in another sense: the sweep's duties are stale, expired, finished; an error has a code.
 * @param {Token[]} tokens @param {number} at
 */
function meansAnother(tokens, at) {
  if (['what', 'code'].includes(tokens[at - 2]?.text ?? '')) return true
  return [tokens[at - 2], tokens[at + 2]].some(
    (near) => near?.kind === 'string' && ['stale', 'finished'].includes(near.text),
  )
}

/** @param {Token[]} tokens @param {number} at @returns {string | undefined} */
function aboutClass(tokens, at) {
  const end = tokens.findIndex((token, index) => index > at && token.text === '{')
  const head = tokens.slice(at, end)
  const base = head[head.findIndex((token) => token.text === 'extends') + 1]?.text ?? ''
  if (head.some((token) => token.text === 'extends') && !base.endsWith('Error')) return 'no inheritance, except errors'
}

/** @param {Token[]} tokens @param {number} at */
function isNonNull(tokens, at) {
  const token = tokens[at]
  const before = tokens[at - 1]
  if (token?.text !== '!' || before?.line !== token.line) return false
  if (before.kind === 'punct') return before.text === ')' || before.text === ']'
  return before.kind !== 'word' || !KEYWORD.has(before.text)
}

/** `value as Type`; not `as const`, not the key of a mapped type, not a property. @param {Token[]} tokens @param {number} at */
function isAssertion(tokens, at) {
  const after = tokens[at + 1]
  if (after === undefined || after.text === 'const' || [':', '(', ',', '?', '=', ')'].includes(after.text)) return false
  let depth = 0
  for (let index = at - 1; index >= 0; index--) {
    const text = tokens[index]?.text ?? ''
    if (')]}'.includes(text) && text !== '') depth++
    if ('([{'.includes(text) && text !== '' && depth-- === 0) return !(text === '[' && tokens[index + 2]?.text === 'in')
  }
  return true
}

/** Where an `as` only renames: inside `import { a as b }` and `export { a as b }`. @param {Token[]} tokens */
function renamesIn(tokens) {
  /** @type {Set<number>} */
  const renames = new Set()
  for (const [start, token] of tokens.entries()) {
    if (token.kind !== 'word' || (token.text !== 'import' && token.text !== 'export')) continue
    for (let at = start; at <= endOfImport(tokens, start); at++) renames.add(at)
  }
  return renames
}
