import { blocksOf, callsOf, closing, isName, isPunct } from './calls.mjs'

/**
 * @typedef {import('./tokens.mjs').LuaToken} LuaToken
 * @typedef {import('./header-rules.mjs').LuaProblem} LuaProblem
 */

const PLAN = 'lib/plan.lua'
/** What other rules look for: under another name it would pass them by. */
const CALLED_BY_NAME = new Set([
  'clock',
  'commit',
  'commitNew',
  'commitTurn',
  'enter',
  'homeOf',
  'leave',
  'redis',
  'send',
  'unpack',
  'version',
])
/** How a script writes: all that it planned, or what the scripts for plain records know without a plan. */
export const COMMITS = new Set(['commit', 'commitNew', 'commitTurn'])
/** The parts that write. */
export const WRITERS = new Set(['lib/plan.lua', 'lib/plain-commit.lua'])
/** What is going to be written. */
const PLANNED = new Set(['HASH', 'INDEX', 'MESSAGES', 'WAKES'])

/**
 * A script gathers what it is going to write and commits it at its end: commit, return.
 * @param {string} file below lua/
 * @param {LuaToken[]} tokens
 * @returns {LuaProblem[]}
 */
export function planProblems(file, tokens) {
  return [
    ...aboutCommit(file, tokens),
    ...tokens.flatMap((_, at) =>
      isName(tokens, at) ? [...aboutAlias(tokens, at), ...aboutPlanned(file, tokens, at)] : [],
    ),
  ]
}

/** @param {string} file @param {LuaToken[]} tokens @returns {LuaProblem[]} */
function aboutCommit(file, tokens) {
  const { depths } = blocksOf(tokens)
  const commits = callsOf(tokens).filter(({ name }) => COMMITS.has(name))
  return commits.flatMap(({ at, end, line }, index) => {
    const isLast = depths[at] === 0 && tokens[end + 1]?.text === 'return'
    if (file.startsWith('lib/')) return [{ line, rule: 'plan', what: 'a script commits, not a part of it' }]
    if (index > 0) return [{ line, rule: 'plan', what: 'a script commits once' }]
    if (isLast) return []
    return [{ line, rule: 'plan', what: 'a script commits as its last statement before the `return` at its end' }]
  })
}

/** @param {LuaToken[]} tokens @param {number} at @returns {LuaProblem[]} */
function aboutAlias(tokens, at) {
  const { text, line } = tokens[at] ?? { text: '', line: 0 }
  if (!CALLED_BY_NAME.has(text) || tokens[at - 1]?.text === 'function') return []
  const bracket = tokens[text === 'redis' && isPunct(tokens[at + 1], '.') ? at + 3 : at + 1]
  return isPunct(bracket, '(')
    ? []
    : [{ line, rule: 'plan', what: `${text} is called by its own name and nothing else` }]
}

/** @param {string} file @param {LuaToken[]} tokens @param {number} at @returns {LuaProblem[]} */
function aboutPlanned(file, tokens, at) {
  const { text, line } = tokens[at] ?? { text: '', line: 0 }
  if (file === PLAN || !PLANNED.has(text)) return []
  let next = at + 1
  while (isPunct(tokens[next], '[') || isPunct(tokens[next], '.'))
    next = isPunct(tokens[next], '[') ? closing(tokens, next) + 1 : next + 2
  return isPunct(tokens[next], '=') ? [{ line, rule: 'plan', what: `${text} is filled by ${PLAN} only` }] : []
}
