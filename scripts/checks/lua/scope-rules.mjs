import { inOrder } from '../../generate/lua-script.mjs'
import { isName, isPunct } from './calls.mjs'
import { namesOf } from './names.mjs'

/**
 * @typedef {import('./tokens.mjs').LuaToken} LuaToken
 * @typedef {import('./header-rules.mjs').LuaHeader} LuaHeader
 * @typedef {import('./header-rules.mjs').LuaProblem} LuaProblem
 * @typedef {{ text: string, tokens: LuaToken[] }} LuaSource
 */

/** What the server and the generator give. */
const GIVEN =
  'ARGV ARG_COUNT KEYS KEY_COUNT LINE_KEYS error ipairs math next pairs redis string table tonumber type unpack'.split(
    ' ',
  )

/** What the generator gives a script that is about one line. */
const OF_ONE_LINE = ['LINE_NAME', 'ITEM']

/** @type {Record<string, Set<string>>} */
const MEMBERS = {
  redis: new Set(['call', 'error_reply', 'pcall']),
  math: new Set(['abs', 'ceil', 'floor', 'huge', 'max', 'min', 'random', 'randomseed']),
}

/**
 * A script with its parts as the server gets them, one behind the other: every name is declared before it is used, and once.
 * The parts see no key and no argument of the script but those that they are given.
 * @param {string} file
 * @param {{ source: LuaSource, header: LuaHeader }} script
 * @param {ReadonlyMap<string, LuaSource>} libs
 * @returns {{ used: string[], problems: (LuaProblem & { file: string })[] }}
 */
export function scopeProblems(file, { source, header }, libs) {
  const used = inOrder(file, header.use, new Map([...libs].map(([name, { text }]) => [name, text])))
  /** @type {(LuaProblem & { file: string })[]} */
  const problems = []
  const own = [...header.keys, ...header.line, ...header.args, ...(header.line.length > 0 ? OF_ONE_LINE : [])]
  /** @type {Map<string, string>} */
  const places = new Map(own.map((name) => [name, `the header of ${file}`]))
  const known = new Set(GIVEN)
  /** @param {string} where @param {LuaToken[]} tokens */
  const add = (where, tokens) => {
    const { declared, unknown } = namesOf(tokens, known)
    for (const { name, line } of unknown)
      problems.push({
        file: where,
        line,
        rule: 'names',
        what: `${name} is not declared at this point (as a part of ${file})`,
      })
    for (const { name, line } of declared) {
      const before = places.get(name)
      if (before !== undefined)
        problems.push({
          file: where,
          line,
          rule: 'names',
          what: `${name} hides the one of ${before} (as a part of ${file})`,
        })
      places.set(name, where)
      known.add(name)
    }
  }
  for (const name of used) add(`lib/${name}.lua`, libs.get(name)?.tokens ?? [])
  for (const name of own) known.add(name)
  add(file, source.tokens)
  return { used, problems }
}

/** Only what is known to be the same on every server. @param {LuaToken[]} tokens @returns {LuaProblem[]} */
export function memberProblems(tokens) {
  return tokens.flatMap(({ text, line }, at) => {
    const members =
      isName(tokens, at) && isPunct(tokens[at + 1], '.') && Object.hasOwn(MEMBERS, text) ? MEMBERS[text] : undefined
    const member = tokens[at + 2]?.text ?? ''
    return members === undefined || members.has(member)
      ? []
      : [{ line, rule: 'names', what: `no ${text}.${member} in a script` }]
  })
}
