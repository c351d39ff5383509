/**
 * @typedef {{ kind: 'word' | 'number' | 'string' | 'punct', text: string, line: number }} LuaToken
 * For strings `text` is what stands between the quotes, as it is written.
 * @typedef {{ start: number, end: number }} Span
 */

const SPACE = /\s+/y
const LONG = /(?:--)?\[=*\[/y
const COMMENT = /--[^\n]*/y
const WORD = /[A-Za-z_]\w*/y
const NUMBER = /0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y
const STRING = /'(?:\\[^\n]|[^'\\\n])*'|"(?:\\[^\n]|[^"\\\n])*"/y
const PUNCT = /\.\.\.|\.\.|[=~<>]=|[-+*/%^#<>=(){}[\];:,.]/y

/**
 * The tokens of a Lua 5.1 source, and where its comments lie. A scanner, not a parser. Long brackets and strings over several
 * lines are refused: without them a line can be trimmed, whatever stands in it.
 * @param {string} source
 * @returns {{ tokens: LuaToken[], comments: Span[] }}
 */
export function scan(source) {
  /** @type {LuaToken[]} */
  const tokens = []
  /** @type {Span[]} */
  const comments = []
  let at = 0
  let line = 1

  /** @param {RegExp} pattern */
  const take = (pattern) => {
    pattern.lastIndex = at
    const text = pattern.exec(source)?.[0]
    if (text === undefined) return
    at += text.length
    line += text.split('\n').length - 1
    return text
  }

  while (at < source.length) {
    const start = at
    if (take(SPACE) !== undefined) continue
    if (take(LONG) !== undefined) throw new Error(`line ${line}: long brackets are not understood here`)
    if (take(COMMENT) !== undefined) {
      comments.push({ start, end: at })
      continue
    }
    const word = take(WORD)
    if (word !== undefined) tokens.push({ kind: 'word', text: word, line })
    else {
      const number = take(NUMBER)
      const string = number === undefined ? take(STRING) : undefined
      const punct = number ?? string ?? take(PUNCT)
      if (punct === undefined)
        throw new Error(`line ${line}: ${JSON.stringify(source[at])} is not Lua, or a string does not end`)
      if (number !== undefined) tokens.push({ kind: 'number', text: number, line })
      else if (string !== undefined) tokens.push({ kind: 'string', text: string.slice(1, -1), line })
      else tokens.push({ kind: 'punct', text: punct, line })
    }
  }
  return { tokens, comments }
}

/**
 * The same program without comments, indentation and blank lines: what goes over the wire and stays in a server's cache.
 * @param {string} source
 */
export function stripped(source) {
  const lines = withoutComments(source)
    .split('\n')
    .map((line) => line.trim())
  return lines.filter((line) => line !== '').join('\n')
}

/** The code, line by line as it stands. @param {string} source */
export function withoutComments(source) {
  let kept = ''
  let from = 0
  for (const { start, end } of scan(source).comments) {
    kept += source.slice(from, start)
    from = end
  }
  return kept + source.slice(from)
}
