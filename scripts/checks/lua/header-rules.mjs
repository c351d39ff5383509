import { signatureOf } from '../../generate/lua-header.mjs'
import { callsOf, isName } from './calls.mjs'
import { COMMITS } from './plan-rules.mjs'

/**
 * @typedef {import('./tokens.mjs').LuaToken} LuaToken
 * @typedef {{ line: number, rule: string, what: string }} LuaProblem
 * @typedef {import('../../generate/lua-header.mjs').LuaHeader} LuaHeader
 */

/** The only scripts that a full server must refuse: all others go through and drain it. */
const REFUSED_WHEN_FULL = new Set(['enqueue', 'enqueue-one', 'enqueue-plain'])
/** What only a script with lines has. */
const LINE_WORDS = ['LINES', 'LINE_KEYS', 'LINE_NAMES', 'lineOf']

/**
 * A script is what its header says: all that is declared is used, and its flags fit to what it does.
 * @param {string} name
 * @param {string} text
 * @param {LuaToken[]} tokens
 * @param {{ sharedKeys: readonly string[], lineKeys: readonly string[] }} known names of keys
 * @returns {{ problems: LuaProblem[], header: LuaHeader | undefined }}
 */
export function headerProblems(name, text, tokens, known) {
  /** @type {LuaProblem[]} */
  const problems = []
  /** @param {string} what */
  const report = (what) => problems.push({ line: 1, rule: 'header', what })
  /** @type {LuaHeader} */
  let header
  try {
    header = signatureOf(`${name}.lua`, text, known)
  } catch (error) {
    report(error instanceof Error ? error.message : String(error))
    return { problems, header: undefined }
  }
  const names = new Set(tokens.filter((_, at) => isName(tokens, at)).map((token) => token.text))
  for (const key of [...header.keys, ...header.line])
    if (!names.has(key)) report(`the key ${key} is declared and not used`)
  for (const arg of header.args) if (!names.has(arg)) report(`the argument ${arg} is declared and not used`)
  const readsItems = names.has('ITEM') || names.has('ARGV')
  if (readsItems && header.items === undefined) report('ARGV is read beyond the arguments: say in @items what is there')
  if (!readsItems && header.items !== undefined) report('@items are declared and not read')

  if (!header.lines && LINE_WORDS.some((word) => names.has(word))) report('it looks at lines: @lines')

  const writes = callsOf(tokens).some((call) => COMMITS.has(call.name))
  const wanted = writes ? (REFUSED_WHEN_FULL.has(name) ? '' : 'allow-oom') : 'no-writes'
  const flags = header.flags.join(',')
  if (flags !== wanted)
    problems.push({ line: 1, rule: 'flags', what: `@flags ${flags || '(none)'}: ${flagReason(wanted)}` })
  return { problems, header }
}

/** @param {string} wanted */
function flagReason(wanted) {
  if (wanted === 'no-writes') return 'it commits nothing, so it is `no-writes`'
  if (wanted === 'allow-oom')
    return `it writes, and only ${[...REFUSED_WHEN_FULL].join(' and ')} may be refused by a full server: \`allow-oom\``
  return 'it is the one that a full server has to refuse: none'
}
