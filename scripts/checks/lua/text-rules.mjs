import { closing, isKeyword, isName, isPunct, separated } from './calls.mjs'

/**
 * @typedef {import('./tokens.mjs').LuaToken} LuaToken
 * @typedef {import('./header-rules.mjs').LuaProblem} LuaProblem
 * @typedef {{ statuses: ReadonlyMap<string, string>, events: ReadonlyMap<string, string> }} Letters by name
 */

const FENCE = 'lib/fence.lua'
const MOVE = 'lib/move.lua'
const PLAN = 'lib/plan.lua'
/** Of keys, which are no records, there is an index, too. */
const RESERVE = 'lib/reserve.lua'
const TABLE = 'lib/status.lua'

const EQUAL = new Set(['==', '~='])
const COMPARING = new Set(['==', '~=', '<', '>', '<=', '>='])
const ORDERING = new Set(['<', '>', '<=', '>='])
/** Names of texts. */
const TEXTS = new Set(['id', 'member', 'cursorId'])
/** Fields with letters of their own: what a record's enqueue was, and how a key is held. */
const OTHER_LETTERS = new Set(['replaced', 'hold'])

/** What no script may use, with the failure that it leads to. @type {Record<string, string>} */
const FORBIDDEN = {
  pcall: 'a caught error leaves half of the writes behind it',
  xpcall: 'a caught error leaves half of the writes behind it',
  cjson: 'it changes numbers, empty arrays and null in what users stored',
  cmsgpack: 'it changes numbers in what users stored',
  tostring: 'a number of more than 14 digits loses some',
  random: 'a replayed script must do the same',
  randomseed: 'a replayed script must do the same',
}

/**
 * What a source may not say: forbidden functions, numbers as text, nothing in a reply, statuses by letter or name, a comparison of attempts, an
 * order of texts, a change of status.
 * @param {string} file below lua/
 * @param {LuaToken[]} tokens
 * @param {Letters} letters
 * @returns {LuaProblem[]}
 */
export function textProblems(file, tokens, letters) {
  return tokens.flatMap((token, at) => {
    if (token.kind === 'string') return aboutString(file, tokens, at, letters)
    if (token.kind === 'punct') return aboutComparison(file, tokens, at)
    if (token.text === 'return') return aboutReply(tokens, at)
    return isKeyword(token) ? [] : aboutWord(file, tokens, at)
  })
}

/** @param {string} file @param {LuaToken[]} tokens @param {number} at @returns {LuaProblem[]} */
function aboutWord(file, tokens, at) {
  const { text, line } = tokens[at] ?? { text: '', line: 0 }
  if (text === 'format' && !isWholeNumber(tokens, at))
    return [
      { line, rule: 'format', what: `a number becomes a text by string.format('%.0f', ...) only: others lose digits` },
    ]
  const owner = isPunct(tokens[at - 1], '.') ? tokens[at - 2]?.text : undefined
  const reason = Object.hasOwn(FORBIDDEN, text) ? FORBIDDEN[text] : undefined
  if (reason !== undefined && (owner === undefined || owner === 'redis' || owner === 'math'))
    return [{ line, rule: 'forbidden', what: `no ${text}: ${reason}` }]
  if (file !== MOVE && owner !== undefined && text === 'status' && isPunct(tokens[at + 1], '='))
    return [{ line, rule: 'move', what: `a status is written by ${MOVE} only: move(...)` }]
  if (isName(tokens, at) && (text === 'enter' || text === 'leave') && isPunct(tokens[at + 1], '('))
    return file === MOVE || file === PLAN || file === RESERVE
      ? []
      : [{ line, rule: 'move', what: `indexes are written by ${MOVE} only` }]
  return []
}

/** Whether the `format` is that of the one call that keeps each digit of a whole number. @param {LuaToken[]} tokens @param {number} at */
function isWholeNumber(tokens, at) {
  const isOfString = isPunct(tokens[at - 1], '.') && tokens[at - 2]?.text === 'string'
  const [bracket, form] = tokens.slice(at + 1)
  return isOfString && isPunct(bracket, '(') && form?.kind === 'string' && form.text === '%.0f'
}

/** A client gets an array up to its first nil, and a false as nothing. @param {LuaToken[]} tokens @param {number} at that of the `return` */
function aboutReply(tokens, at) {
  if (!isPunct(tokens[at + 1], '{')) return []
  const elements = separated(tokens.slice(at + 2, closing(tokens, at + 1)))
  const hasKey = (/** @type {LuaToken[]} */ element) => isPunct(element[0], '[') || isPunct(element[1], '=')
  return elements
    .filter((element) => !hasKey(element) && mayBeNothing(element))
    .map(([first]) => ({
      line: first?.line ?? 1,
      rule: 'reply',
      what: 'a nil ends the array that a client gets, and a false is none: a text says that there is nothing',
    }))
}

/** Whether what an element amounts to is written there as nil or false: alone, or as one side of `and` or `or`. @param {LuaToken[]} element */
function mayBeNothing(element) {
  return element.some(({ kind, text }, at) => {
    if (kind !== 'word' || (text !== 'nil' && text !== 'false')) return false
    const isSide = (/** @type {LuaToken | undefined} */ token) =>
      token === undefined || isPunct(token, ';') || (isKeyword(token) && ['and', 'or'].includes(token.text))
    return isSide(element[at - 1]) && isSide(element[at + 1])
  })
}

/** @param {string} file @param {LuaToken[]} tokens @param {number} at @param {Letters} letters @returns {LuaProblem[]} */
function aboutString(file, tokens, at, { statuses, events }) {
  const { text, line } = tokens[at] ?? { text: '', line: 0 }
  if (file === TABLE) return []
  if (statuses.has(text))
    return [{ line, rule: 'status', what: `the status '${text}' is written in ${TABLE} only: NAME[...]` }]
  const operator = [at - 1, at + 1].find((near) => tokens[near]?.kind === 'punct' && EQUAL.has(tokens[near].text))
  if (operator === undefined) return []
  const other =
    operator < at
      ? tokens.slice(startOfOperand(tokens, operator), operator)
      : tokens.slice(operator + 1, endOfOperand(tokens, operator))
  const field = other.at(-1)?.text ?? ''
  const isStatus = [...statuses.values()].includes(text) && !OTHER_LETTERS.has(field)
  const isEvent = [...events.values()].includes(text) && field === 'event'
  if (isEvent) return [{ line, rule: 'status', what: `the letter '${text}' is written in ${TABLE} only: EVENT...` }]
  if (isStatus) return [{ line, rule: 'status', what: `the letter '${text}' is written in ${TABLE} only: STATUS...` }]
  return []
}

/** @param {string} file @param {LuaToken[]} tokens @param {number} at @returns {LuaProblem[]} */
function aboutComparison(file, tokens, at) {
  const { text, line } = tokens[at] ?? { text: '', line: 0 }
  if (ORDERING.has(text) && [at - 1, endOfOperand(tokens, at) - 1].some((end) => TEXTS.has(tokens[end]?.text ?? '')))
    return [{ line, rule: 'order', what: `texts are ordered by isBefore(...): ${text} goes by the server's language` }]
  if (file === FENCE || !COMPARING.has(text)) return []
  const operands = tokens.slice(startOfOperand(tokens, at), endOfOperand(tokens, at))
  if (!operands.some((token) => token.kind === 'word' && token.text === 'attempt')) return []
  return [{ line, rule: 'fence', what: `attempts are compared by ${FENCE} only: holds(...)` }]
}

/** Words and signs that end what is compared, on either side. */
const BOUNDS = new Set([
  ...COMPARING,
  ',',
  ';',
  '=',
  ...'and or not if elseif while until return then do local'.split(' '),
])

/** @param {LuaToken[]} tokens @param {number} at that of the comparison */
function startOfOperand(tokens, at) {
  let depth = 0
  for (let index = at - 1; index >= 0; index--) {
    const { kind, text } = tokens[index] ?? { kind: 'punct', text: ';' }
    if (kind === 'string' || kind === 'number') continue
    if (')]}'.includes(text)) depth++
    if ('([{'.includes(text) && depth-- === 0) return index + 1
    if (depth === 0 && BOUNDS.has(text)) return index + 1
  }
  return 0
}

/** @param {LuaToken[]} tokens @param {number} at that of the comparison */
function endOfOperand(tokens, at) {
  const line = tokens[at]?.line
  let depth = 0
  for (let index = at + 1; index < tokens.length; index++) {
    const { kind, text, line: own } = tokens[index] ?? { kind: 'punct', text: ';', line: 0 }
    if (depth === 0 && own !== line) return index
    if (kind === 'string' || kind === 'number') continue
    if ('([{'.includes(text)) depth++
    if (')]}'.includes(text) && depth-- === 0) return index
    if (depth === 0 && BOUNDS.has(text)) return index
  }
  return tokens.length
}
