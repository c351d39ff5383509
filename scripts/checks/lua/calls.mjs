/**
 * @typedef {import('./tokens.mjs').LuaToken} LuaToken
 * @typedef {{ name: string, args: LuaToken[][], at: number, end: number, line: number }} LuaCall
 * `name` with its dots (`redis.call`), `at` the index of its first word, `end` that of the closing bracket.
 * @typedef {{ name: string, line: number, lines: number }} LuaFunction
 */

const OPENING = new Set(['(', '[', '{'])
const CLOSING = new Set([')', ']', '}'])
const KEYWORDS = new Set(
  'and break do else elseif end false for function if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
)

/** Whether a word is one of the language. @param {LuaToken | undefined} token */
export function isKeyword(token) {
  return token?.kind === 'word' && KEYWORDS.has(token.text)
}

/** Whether a word stands for itself, not for a field of something. @param {LuaToken[]} tokens @param {number} at */
export function isName(tokens, at) {
  const before = tokens[at - 1]
  const isField = before?.kind === 'punct' && (before.text === '.' || before.text === ':')
  return tokens[at]?.kind === 'word' && !isKeyword(tokens[at]) && !isField
}

/**
 * Every call with brackets, also those inside others. What is called by another name is not found.
 * @param {LuaToken[]} tokens
 * @returns {LuaCall[]}
 */
export function callsOf(tokens) {
  /** @type {LuaCall[]} */
  const calls = []
  for (const [at, token] of tokens.entries()) {
    if (!isName(tokens, at) || tokens[at - 1]?.text === 'function') continue
    let open = at + 1
    let name = token.text
    while (isPunct(tokens[open], '.') || isPunct(tokens[open], ':')) {
      name += `.${tokens[open + 1]?.text ?? ''}`
      open += 2
    }
    if (!isPunct(tokens[open], '(')) continue
    const end = closing(tokens, open)
    calls.push({ name, args: separated(tokens.slice(open + 1, end)), at, end, line: token.line })
  }
  return calls
}

/** @param {LuaToken | undefined} token @param {string} text */
export function isPunct(token, text) {
  return token?.kind === 'punct' && token.text === text
}

/** The index of the bracket that closes the one at `open`. @param {LuaToken[]} tokens @param {number} open */
export function closing(tokens, open) {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at]
    if (token?.kind !== 'punct') continue
    if (OPENING.has(token.text)) depth++
    if (CLOSING.has(token.text) && --depth === 0) return at
  }
  return tokens.length
}

/** Cut at the commas that are not inside brackets. @param {LuaToken[]} tokens */
export function separated(tokens) {
  /** @type {LuaToken[][]} */
  const parts = []
  let depth = 0
  let from = 0
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'punct') continue
    if (OPENING.has(token.text)) depth++
    if (CLOSING.has(token.text)) depth--
    if (token.text === ',' && depth === 0) {
      parts.push(tokens.slice(from, at))
      from = at + 1
    }
  }
  return tokens.length === 0 ? [] : [...parts, tokens.slice(from)]
}

const OPENERS = new Set(['function', 'if', 'do', 'repeat'])
const CLOSERS = new Set(['end', 'until'])

/**
 * Every function with the lines that it takes, and per token how many blocks are open around it.
 * @param {LuaToken[]} tokens
 */
export function blocksOf(tokens) {
  /** @type {LuaFunction[]} */
  const functions = []
  /** @type {number[]} */
  const depths = []
  /** @type {{ isFunction: boolean, name: string, line: number }[]} */
  const open = []
  for (const [at, { kind, text, line }] of tokens.entries()) {
    depths.push(open.length)
    if (kind !== 'word') continue
    if (OPENERS.has(text)) open.push({ isFunction: text === 'function', name: nameBehind(tokens, at), line })
    if (!CLOSERS.has(text)) continue
    const block = open.pop()
    if (block?.isFunction) functions.push({ name: block.name, line: block.line, lines: line - block.line + 1 })
  }
  return { functions, depths }
}

/** @param {LuaToken[]} tokens @param {number} at */
function nameBehind(tokens, at) {
  const open = tokens.findIndex((token, index) => index > at && isPunct(token, '('))
  const name = tokens.slice(at + 1, open).map(({ text }) => text)
  return name.length === 0 ? 'a function' : name.join('')
}
