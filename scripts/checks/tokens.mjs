/**
 * @typedef {{ kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'punct', text: string, line: number }} Token
 * For strings and templates `text` is what stands between the quotes; a template is cut at each `${`.
 */

const SPACE = /\s+/y
/** Also a program's first line, by which a system finds its interpreter. */
const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\/|(?<![^])#![^\n]*/y
const WORD = /[A-Za-z_$#@][\w$]*/y
const NUMBER = /\d[\w.]*/y
const STRING = /'(?:\\[^]|[^'\\\n])*'|"(?:\\[^]|[^"\\\n])*"/y
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y
const TEMPLATE = /(?:\\[^]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y
const PUNCT = /=>|\?\?=?|\?\.|\.\.\.|[=!]==?|&&=?|\|\|=?|[-+*/%<>]=?|[^]/y

/** After one of these a slash begins a regular expression; after any other word it divides. */
const BEFORE_VALUE = new Set('return typeof case in of delete void throw new await yield else do instanceof'.split(' '))

/**
 * The tokens of a TypeScript or JavaScript source, without its comments. A scanner, not a parser: it knows where words,
 * strings, templates and regular expressions begin and end, and nothing of grammar.
 * @param {string} source
 * @returns {Token[]}
 */
export function tokenize(source) {
  /** @type {Token[]} */
  const tokens = []
  /** @type {string[]} The open braces; a template's `${` is one of them. */
  const braces = []
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
  /** @param {Token['kind']} kind @param {string} text @param {number} start */
  const add = (kind, text, start) => tokens.push({ kind, text, line: start })
  const template = () => {
    const start = line
    const text = take(TEMPLATE)
    if (text === undefined) throw new Error(`unterminated template at line ${start}`)
    const open = text.endsWith('${')
    if (open) braces.push('${')
    add('template', text.slice(0, open ? -2 : -1), start)
  }

  while (at < source.length) {
    const start = line
    if (take(SPACE) !== undefined || take(COMMENT) !== undefined) continue
    const word = take(WORD)
    if (word !== undefined) {
      add('word', word, start)
      continue
    }
    const number = take(NUMBER)
    if (number !== undefined) {
      add('number', number, start)
      continue
    }
    const string = take(STRING)
    if (string !== undefined) {
      add('string', string.slice(1, -1), start)
      continue
    }
    const regex = beginsValue(tokens.at(-1)) ? take(REGEX) : undefined
    if (regex !== undefined) {
      add('regex', regex, start)
      continue
    }
    const punct = take(PUNCT) ?? ''
    if (punct === '`') {
      template()
      continue
    }
    if (punct === '{') braces.push('{')
    if (punct === '}' && braces.pop() === '${') template()
    else add('punct', punct, start)
  }
  return tokens
}

/** @param {Token | undefined} before */
function beginsValue(before) {
  if (before === undefined) return true
  if (before.kind === 'word') return BEFORE_VALUE.has(before.text)
  return before.kind === 'punct' && ![')', ']', '}'].includes(before.text)
}

/**
 * What a module imports and re-exports, also dynamically.
 * @param {Token[]} tokens
 * @returns {{ from: string, typeOnly: boolean, line: number }[]}
 */
export function importsOf(tokens) {
  const found = []
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word' || (token.text !== 'import' && token.text !== 'export')) continue
    if (tokens[index - 1]?.text === '.') continue
    const end = endOfImport(tokens, index)
    const source = tokens[end]
    if (source?.kind === 'string')
      found.push({ from: source.text, typeOnly: tokens[index + 1]?.text === 'type', line: token.line })
  }
  return found
}

/**
 * The index of an import's or export's module name; of its last token if it names none.
 * @param {Token[]} tokens
 * @param {number} start
 */
export function endOfImport(tokens, start) {
  let at = start + 1
  if (tokens[at]?.text === '(') return at + 1
  if (tokens[at]?.text === 'type' && ['{', '*'].includes(tokens[at + 1]?.text ?? '')) at++
  const isExport = tokens[start]?.text === 'export'
  if (isExport && tokens[at]?.text !== '{' && tokens[at]?.text !== '*') return start
  while (at < tokens.length) {
    const token = tokens[at]
    if (token?.kind === 'string') return at
    if (token?.text === '}' && tokens[at + 1]?.text !== 'from') return at
    if (token?.text === '.' || token?.text === '=') return start
    at++
  }
  return start
}
