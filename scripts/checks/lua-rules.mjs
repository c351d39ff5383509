import { filesBelow, read } from './files.mjs'
import { callProblems, trialProblems } from './lua/call-rules.mjs'
import { headerProblems } from './lua/header-rules.mjs'
import { planProblems } from './lua/plan-rules.mjs'
import { memberProblems, scopeProblems } from './lua/scope-rules.mjs'
import { shapeProblems } from './lua/shape-rules.mjs'
import { textProblems } from './lua/text-rules.mjs'
import { scan } from './lua/tokens.mjs'
import { tokenize } from './tokens.mjs'

/**
 * @typedef {import('./lua/scope-rules.mjs').LuaSource} LuaSource
 * @typedef {import('./lua/header-rules.mjs').LuaProblem & { file: string }} Found
 */

const PACKAGE = 'packages/redis-protocol'
const LUA = `${PACKAGE}/lua`
const PROBE = 'probe.lua'
const TABLE = 'lib/status.lua'

/** Where a rule does not hold, and why nothing is lost by it. An exemption that nothing needs is a problem itself. */
const EXEMPT = [
  {
    file: 'destroy.lua',
    rule: 'plan',
    why: 'it removes whole keys: nothing it reads decides what a later write does, and the next call finishes a half',
  },
  { file: 'destroy.lua', rule: 'flags', why: 'it writes without a plan, so no commit shows that it does' },
  { file: PROBE, rule: 'flags', why: 'it writes without a plan, so no commit shows that it does' },
  { file: PROBE, rule: 'clock', why: 'it belongs to open(), which looks at the version itself' },
  { file: PROBE, rule: 'forbidden', why: 'the error of a command is its answer' },
  {
    file: PROBE,
    rule: 'commands',
    why: 'its commands are those of the table above the call, which is compared with what all scripts use',
  },
  { file: PROBE, rule: 'unpack', why: 'as many values as a trial has, which is a handful' },
  {
    file: 'lib/plain-commit.lua',
    rule: 'unpack',
    why: 'a script gets at most 200 ids to settle and takes at most 200, so its longest list has 800 values',
  },
  { file: 'lib/describe.lua', rule: 'unpack', why: 'at most three texts per record of a reply' },
]

/**
 * The rules that keep a script all or nothing, legal on a cluster and the same on every server.
 * @param {string} root
 */
export function luaRules(root) {
  const files = filesBelow(root, LUA).filter((file) => file.endsWith('.lua'))
  if (files.length === 0) return { problems: isPackage(root) ? [`${LUA}: no scripts`] : [] }
  /** @type {Map<string, LuaSource>} */
  const sources = new Map()
  for (const path of files) {
    const text = read(root, path)
    try {
      sources.set(path.slice(LUA.length + 1), { text, tokens: scan(text).tokens })
    } catch (error) {
      return { problems: [`${path}: ${error instanceof Error ? error.message : String(error)}`] }
    }
  }
  const found = problemsIn(sources, keysOf(root))
  const isExempt = (/** @type {Found} */ { file, rule }) => EXEMPT.some((one) => one.file === file && one.rule === rule)
  const idle = EXEMPT.filter(
    ({ file, rule }) => sources.has(file) && !found.some((one) => one.file === file && one.rule === rule),
  )
  const problems = found
    .filter((one) => !isExempt(one))
    .map(({ file, line, rule, what }) => `${LUA}/${file}:${line}: ${what} (${rule})`)
  problems.push(
    ...idle.map(({ file, rule }) => `${LUA}/${file}: is exempt from the rule "${rule}" and does not need it`),
  )
  return { problems: [...new Set(problems)], note: `${files.length} files` }
}

/** @param {Map<string, LuaSource>} sources by path below lua/ @param {{ sharedKeys: string[], lineKeys: string[] }} keys @returns {Found[]} */
function problemsIn(sources, keys) {
  const letters = { statuses: lettersIn(sources, 'STATUS'), events: lettersIn(sources, 'EVENT') }
  const libs = new Map(
    [...sources].filter(([file]) => isLib(file)).map(([file, source]) => [file.slice(4, -4), source]),
  )
  /** @type {Found[]} */
  const found = []
  const used = new Set()
  for (const [file, source] of sources) {
    const { text, tokens } = source
    const { problems, header } = isLib(file)
      ? { problems: [], header: undefined }
      : headerProblems(file.slice(0, -4), text, tokens, keys)
    problems.push(...callProblems(file, tokens, header?.args ?? []))
    problems.push(...textProblems(file, tokens, letters), ...memberProblems(tokens))
    problems.push(...planProblems(file, tokens), ...shapeProblems(text, tokens))
    if (file === PROBE)
      problems.push(
        ...trialProblems(
          tokens,
          [...sources.values()].map((one) => one.tokens),
        ),
      )
    found.push(...problems.map((problem) => ({ ...problem, file })))
    if (header === undefined) continue
    try {
      const scope = scopeProblems(file, { source, header }, libs)
      for (const name of scope.used) used.add(name)
      found.push(...scope.problems)
    } catch (error) {
      found.push({ file, line: 1, rule: 'header', what: error instanceof Error ? error.message : String(error) })
    }
  }
  for (const name of libs.keys())
    if (!used.has(name)) found.push({ file: `lib/${name}.lua`, line: 1, rule: 'header', what: 'no script uses it' })
  return found
}

/** @param {string} root */
function isPackage(root) {
  return filesBelow(root, PACKAGE).includes(`${PACKAGE}/package.json`)
}

/** @param {string} file */
function isLib(file) {
  return file.startsWith('lib/')
}

/** The letters of the generated table: `local STATUS = { name = 'x', ... }`. @param {Map<string, LuaSource>} sources @param {string} table */
function lettersIn(sources, table) {
  const tokens = sources.get(TABLE)?.tokens ?? []
  const start = tokens.findIndex((token, at) => token.text === table && tokens[at - 1]?.text === 'local')
  const end = tokens.findIndex((token, at) => at > start && token.text === '}')
  const inside = start === -1 ? [] : tokens.slice(start, end)
  return new Map(
    inside.flatMap((token, at) => (token.kind === 'string' ? [[inside[at - 2]?.text ?? '', token.text]] : [])),
  )
}

/** `SHARED_KEYS = ['meta', ...]` and `LINE_KEYS = ['external', STATUS.pending, ...]` in src/keys.ts. @param {string} root */
function keysOf(root) {
  const tokens = tokenize(read(root, `${PACKAGE}/src/keys.ts`))
  return { sharedKeys: namesIn(tokens, 'SHARED_KEYS'), lineKeys: namesIn(tokens, 'LINE_KEYS') }
}

/** The texts of a list, and the fields of STATUS, which are named as what they stand for. @param {ReturnType<typeof tokenize>} tokens @param {string} list */
function namesIn(tokens, list) {
  const start = tokens.findIndex((token) => token.text === list)
  const value = tokens.findIndex((token, at) => at > start && token.text === '=')
  const end = tokens.findIndex((token, at) => at > value && token.text === ']')
  const inside = tokens.slice(value, end)
  return inside.flatMap((token, at) =>
    token.kind === 'string' || inside[at - 2]?.text === 'STATUS' ? [token.text] : [],
  )
}
