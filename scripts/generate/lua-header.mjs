/**
 * The signature of a script, or of a part in `lib/`: the comment at its top, lines that begin with `---`.
 * @typedef {{ promise: string, flags: string[], keys: string[], lines: boolean, line: string[], args: string[], items: string | undefined,
 *   reply: string | undefined, use: string[], tags: string[] }} LuaHeader
 */

const TAGS = ['flags', 'keys', 'line', 'args', 'items', 'reply', 'use']
const LINES = '@lines'
const NAME = /^[A-Za-z_]\w*$/
const RESERVED = new Set(
  'and break do else elseif end false for function if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
)

/**
 * @param {string} file for errors
 * @param {string} source
 * @returns {LuaHeader}
 */
export function headerOf(file, source) {
  const { promise, texts } = sections(file, source)
  const keys = words(texts.get('keys'))
  const lines = keys.at(-1) === LINES
  const header = {
    promise,
    flags: words(texts.get('flags'), /[\s,]+/),
    keys: lines ? keys.slice(0, -1) : keys,
    lines,
    line: words(texts.get('line')),
    args: words(texts.get('args')),
    items: texts.get('items'),
    reply: texts.get('reply'),
    use: words(texts.get('use')),
    tags: [...texts.keys()],
  }
  const names = [...header.keys, ...header.line, ...header.args]
  for (const [at, name] of names.entries()) {
    if (!NAME.test(name) || RESERVED.has(name)) throw new Error(`${file}: ${name} can not name a local`)
    if (names.indexOf(name) !== at) throw new Error(`${file}: ${name} is declared twice in @keys, @line and @args`)
  }
  return header
}

/**
 * The header of a script, complete.
 * @param {string} file
 * @param {string} source
 * @param {{ sharedKeys: readonly string[], lineKeys: readonly string[] }} known names of keys
 */
export function signatureOf(file, source, { sharedKeys, lineKeys }) {
  const header = headerOf(file, source)
  if (header.promise === '') throw new Error(`${file}: the header does not begin with a promise`)
  if (!header.reply) throw new Error(`${file}: the header needs @reply`)
  for (const key of header.keys)
    if (!sharedKeys.includes(key))
      throw new Error(`${file}: @keys ${key} is not one of SHARED_KEYS (${sharedKeys.join(', ')})`)
  for (const key of header.line)
    if (!lineKeys.includes(key))
      throw new Error(`${file}: @line ${key} is not one of LINE_KEYS (${lineKeys.join(', ')})`)
  if (header.lines && header.line.length > 0)
    throw new Error(`${file}: it has either any lines (${LINES}) or one (@line)`)
  return header
}

/** What stands before the first tag, and behind each; a line without a tag goes on with the one above. @param {string} file @param {string} source */
function sections(file, source) {
  /** @type {Map<string, string>} */
  const texts = new Map()
  /** @type {string | undefined} */
  let tag
  let promise = ''
  for (const line of source.split('\n')) {
    if (!line.startsWith('---')) break
    const [, name, behind = ''] = /^---\s*(?:@(\w+))?(.*)$/.exec(line) ?? []
    if (name !== undefined && `@${name}` !== LINES) {
      if (!TAGS.includes(name))
        throw new Error(`${file}: @${name} is not one of ${TAGS.map((known) => `@${known}`).join(' ')}`)
      if (texts.has(name)) throw new Error(`${file}: @${name} twice`)
      tag = name
      texts.set(tag, behind.trim())
    } else {
      const text = line.slice(3).trim()
      if (tag === undefined) promise = `${promise} ${text}`.trim()
      else texts.set(tag, `${texts.get(tag) ?? ''} ${text}`.trim())
    }
  }
  return { promise, texts }
}

/** @param {string | undefined} text @param {RegExp} [separator] */
function words(text, separator = /\s+/) {
  return text === undefined || text === '' ? [] : text.split(separator)
}
