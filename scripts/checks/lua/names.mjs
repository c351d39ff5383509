import { closing, isKeyword, isName, isPunct } from './calls.mjs'

/**
 * @typedef {import('./tokens.mjs').LuaToken} LuaToken
 * @typedef {{ name: string, line: number }} Mention
 */

/**
 * Which names a source declares for those that follow it, and which it uses that nobody declared before: a call of a function
 * that comes later, a part that is not in `@use`, a misspelt word. Lua itself tells these only when the line is reached.
 * @param {LuaToken[]} tokens
 * @param {Iterable<string>} known
 * @returns {{ declared: Mention[], unknown: Mention[] }}
 */
export function namesOf(tokens, known) {
  /** @type {Mention[]} */
  const declared = []
  /** @type {Mention[]} */
  const unknown = []
  /** The open blocks, innermost last. @type {{ opener: string, names: Set<string> }[]} */
  const scopes = [{ opener: '', names: new Set(known) }]
  /** The open brackets and functions. @type {string[]} */
  const brackets = []

  /** @param {LuaToken | undefined} token */
  const declare = (token) => {
    if (token === undefined) return
    if (scopes.length === 1) declared.push({ name: token.text, line: token.line })
    scopes.at(-1)?.names.add(token.text)
  }
  /** @param {string} opener */
  const open = (opener) => {
    scopes.push({ opener, names: new Set() })
    if (opener === 'function') brackets.push(opener)
  }
  const close = () => {
    const scope = scopes.length > 1 ? scopes.pop() : undefined
    if (scope?.opener === 'function') brackets.pop()
    return scope
  }

  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (token?.kind === 'punct') {
      if ('([{'.includes(token.text)) brackets.push(token.text)
      if (')]}'.includes(token.text)) brackets.pop()
    }
    if (token?.kind !== 'word') continue
    if (isKeyword(token)) at = keyword(token.text, at)
    else if (isName(tokens, at) && !isTableKey(at) && !scopes.some(({ names }) => names.has(token.text)))
      unknown.push({ name: token.text, line: token.line })
  }
  return { declared, unknown }

  /** What a word of the language does to the blocks. Answers where to go on. @param {string} text @param {number} at */
  function keyword(text, at) {
    if (text === 'function') return functionHead(at)
    if (text === 'local') return tokens[at + 1]?.text === 'function' ? at : nameList(at)
    if (text === 'for') {
      open('for')
      return nameList(at)
    }
    if (text === 'do' && scopes.at(-1)?.opener === 'for') open('loop')
    else if (text === 'do' || text === 'then' || text === 'repeat') open(text)
    else if (text === 'else' || text === 'elseif') {
      close()
      if (text === 'else') open(text)
    } else if (text === 'end') {
      if (close()?.opener === 'loop') close()
    } else if (text === 'until') for (const name of close()?.names ?? []) scopes.at(-1)?.names.add(name)
    return at
  }

  /** @param {number} at */
  function functionHead(at) {
    const isLocal = tokens[at - 1]?.text === 'local'
    const bracket = tokens.findIndex((token, index) => index > at && isPunct(token, '('))
    const first = tokens[at + 1]
    if (isLocal) declare(first)
    else if (first?.kind === 'word' && !scopes.some(({ names }) => names.has(first.text)))
      unknown.push({ name: first.text, line: first.line })
    const end = closing(tokens, bracket)
    open('function')
    for (const token of tokens.slice(bracket, end)) if (token.kind === 'word') declare(token)
    return end
  }

  /** The names behind `local` and `for`. They are known at once, although Lua knows them a little later. @param {number} at */
  function nameList(at) {
    let last = at + 1
    declare(tokens[last])
    for (; isPunct(tokens[last + 1], ','); last += 2) declare(tokens[last + 2])
    return last
  }

  /** @param {number} at */
  function isTableKey(at) {
    return brackets.at(-1) === '{' && isPunct(tokens[at + 1], '=') && '{,;'.includes(tokens[at - 1]?.text ?? ' ')
  }
}
