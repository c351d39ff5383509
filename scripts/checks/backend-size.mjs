import { filesBelow, read } from './files.mjs'
import { tokenize } from './tokens.mjs'

const FILE = 'packages/core/src/backend.ts'
const MOST = { Backend: 20, part: 6 }
const PARTS = ['controls', 'schedules', 'history']

/**
 * The contract stays small enough for one page: what an adapter's author has to implement.
 * @param {string} root
 */
export function backendSize(root) {
  const interfaces = interfacesBelow(root)
  const backend = interfaces.get('Backend')
  if (backend === undefined) return { problems: [`${FILE}: no interface Backend`] }

  const problems = []
  if (backend.length > MOST.Backend)
    problems.push(`${FILE}: Backend has ${backend.length} members, the most is ${MOST.Backend}`)
  for (const { name, type } of backend.filter((member) => PARTS.includes(member.name))) {
    const part = interfaces.get(type)
    if (part !== undefined && part.length > MOST.part)
      problems.push(`${FILE}: ${name} (${type}) has ${part.length} members, the most is ${MOST.part}`)
  }
  return { problems, note: `${backend.length} members` }
}

/**
 * @typedef {{ name: string, type: string }} Member
 * @param {string} root
 */
function interfacesBelow(root) {
  /** @type {Map<string, Member[]>} */
  const found = new Map()
  for (const file of filesBelow(root, 'packages/core/src')) {
    const tokens = tokenize(read(root, file))
    for (const [index, { text }] of tokens.entries()) {
      if (text !== 'interface') continue
      const open = tokens.findIndex((token, at) => at > index && token.text === '{')
      found.set(tokens[index + 1]?.text ?? '', membersFrom(tokens, open + 1))
    }
  }
  return found
}

/**
 * The members of the braces that open before `start`: each is a word, at depth 0, before `(`, `<`, `:` or `?`.
 * @param {import('./tokens.mjs').Token[]} tokens
 * @param {number} start
 */
function membersFrom(tokens, start) {
  /** @type {Member[]} */
  const members = []
  let depth = 0
  let line = 0
  for (let at = start; depth >= 0 && at < tokens.length; at++) {
    const { kind, text, line: here } = tokens[at] ?? { kind: 'punct', text: '}', line: 0 }
    const next = tokens[at + 1]?.text ?? ''
    if (kind === 'word' && text !== 'readonly' && depth === 0 && here !== line && '(<:?'.includes(next)) {
      const type = tokens[at + (next === '?' ? 3 : 2)]?.text ?? ''
      members.push({ name: text, type })
      line = here
    }
    if ('({[<'.includes(text)) depth++
    if (')}]>'.includes(text)) depth--
  }
  return members
}
