import { blocksOf, callsOf, isName, isPunct } from './calls.mjs'
import { issuedIn, KEYLESS, literal, READS, SENDERS, triedIn, WRITES } from './commands.mjs'
import { WRITERS } from './plan-rules.mjs'

/**
 * @typedef {import('./tokens.mjs').LuaToken} LuaToken
 * @typedef {import('./calls.mjs').LuaCall} LuaCall
 * @typedef {import('./header-rules.mjs').LuaProblem} LuaProblem
 */

const PLAN = 'lib/plan.lua'
const CLOCK = 'lib/clock.lua'
const LINE = 'lib/line.lua'
const READ = 'lib/read.lua'
/** Functions of the parts that take a key first. */
const KEYED = new Set(['put', 'drop', 'peek', 'enter', 'leave', 'readFields', 'readScores', 'awaitedBy', 'load'])
/** Functions of the parts that answer with declared keys. */
const KEY_FUNCTIONS = new Set(['homeOf', 'keysOf'])

/**
 * What is sent to the server: known commands on declared keys, writes by the plan alone.
 * @param {string} file below lua/
 * @param {LuaToken[]} tokens
 * @param {readonly string[]} args those of the script: no key is among them
 * @returns {LuaProblem[]}
 */
export function callProblems(file, tokens, args) {
  const calls = callsOf(tokens)
  return [
    ...calls.filter(({ name }) => SENDERS.has(name)).flatMap((call) => aboutCommand(file, call)),
    ...calls.flatMap((call) => aboutKey(call, tokens, args)),
    ...calls.filter(({ name }) => name === 'unpack').flatMap((call) => aboutUnpack(file, call)),
    ...aboutKeysTable(file, tokens),
    ...aboutTime(file, tokens, calls),
  ]
}

/**
 * The permission check of a namespace is complete: it tries exactly what scripts use.
 * @param {LuaToken[]} probe
 * @param {LuaToken[][]} all
 * @returns {LuaProblem[]}
 */
export function trialProblems(probe, all) {
  const tried = new Set(triedIn(probe))
  const issued = new Set(all.flatMap(issuedIn))
  const missing = [...issued]
    .filter((command) => !tried.has(command))
    .map((command) => `${command} is used and not tried`)
  const spare = [...tried]
    .filter((command) => !issued.has(command))
    .map((command) => `${command} is tried and not used`)
  return [...missing, ...spare].map((what) => ({ line: 1, rule: 'trials', what }))
}

/** @param {string} file @param {LuaCall} call @returns {LuaProblem[]} */
function aboutCommand(file, { name, args, line }) {
  const command = literal(args[0])
  if (command === undefined) {
    const isSender = file === PLAN && args[0]?.length === 1 && args[0][0]?.text === 'command'
    return isSender ? [] : [{ line, rule: 'commands', what: 'the command is not written out' }]
  }
  if (!READS.has(command) && !WRITES.has(command))
    return [{ line, rule: 'commands', what: `${command} is not a command that scripts may issue` }]
  if (!WRITERS.has(file) && (WRITES.has(command) || name === 'send'))
    return [{ line, rule: 'plan', what: `${command} writes: put it into the plan, ${PLAN} writes it at the end` }]
  return []
}

/** @param {LuaCall} call @param {LuaToken[]} tokens @param {readonly string[]} args @returns {LuaProblem[]} */
function aboutKey({ name, args: given, line }, tokens, args) {
  const command = SENDERS.has(name) ? literal(given[0]) : undefined
  if (!KEYED.has(name) && (!SENDERS.has(name) || (command !== undefined && KEYLESS.has(command)))) return []
  const key = KEYED.has(name) ? given[0] : given[1]
  if (key === undefined) return []
  const root = key[0]?.text === 'unpack' ? key[2] : key[0]
  /** @param {string} what @returns {LuaProblem[]} */
  const problem = (what) => [{ line, rule: 'keys', what }]
  if (root?.kind !== 'word') return problem('a key is a declared one, not a text')
  if (key.some((token) => isPunct(token, '..')) || isJoined(root.text, tokens))
    return problem('a key is never put together')
  if (args.includes(root.text) || root.text === 'ARGV')
    return problem(`${root.text} is an argument, not a declared key`)
  const call = key.findIndex((token) => isPunct(token, '('))
  const isPlain =
    call === -1 || (KEY_FUNCTIONS.has(root.text) && call === key.indexOf(root) + 1) || key[0]?.text === 'unpack'
  return isPlain ? [] : problem(`${root.text}(...) does not answer with a declared key`)
}

/** Whether a name is somewhere given a value with `..` in it. @param {string} name @param {LuaToken[]} tokens */
function isJoined(name, tokens) {
  return tokens.some((token, at) => {
    if (token.text !== name || !isName(tokens, at) || !isPunct(tokens[at + 1], '=')) return false
    return tokens.slice(at).some((later) => later.line === token.line && isPunct(later, '..'))
  })
}

/** More values than a stack takes end a script in the middle: they go in pieces. @param {string} file @param {LuaCall} call @returns {LuaProblem[]} */
function aboutUnpack(file, { args, line }) {
  const isInPieces = args.length === 3 && args[2]?.[0]?.text === 'math' && args[2][2]?.text === 'min'
  const isOfOneLine = args.length === 1 && KEY_FUNCTIONS.has(args[0]?.[0]?.text ?? '')
  if ((file === PLAN || file === READ) && (isInPieces || isOfOneLine)) return []
  return [
    {
      line,
      rule: 'unpack',
      what: `unpack only in ${PLAN} and ${READ}, in pieces: unpack(values, from, math.min(...))`,
    },
  ]
}

/** @param {string} file @param {LuaToken[]} tokens @returns {LuaProblem[]} */
function aboutKeysTable(file, tokens) {
  if (file === LINE) return []
  const found = tokens.filter((token, at) => token.text === 'KEYS' && isName(tokens, at))
  return found.map(({ line }) => ({ line, rule: 'keys', what: `KEYS is read by ${LINE} only: name the keys in @keys` }))
}

/** @param {string} file @param {LuaToken[]} tokens @param {LuaCall[]} calls @returns {LuaProblem[]} */
function aboutTime(file, tokens, calls) {
  const times = calls.filter(({ name, args }) => SENDERS.has(name) && literal(args[0]) === 'TIME')
  const spare = times.filter((_, index) => file !== CLOCK || index > 0)
  return [
    ...spare.map(({ line }) => ({ line, rule: 'clock', what: `TIME is asked once, by ${CLOCK}` })),
    ...aboutClock(file, tokens, calls),
  ]
}

/** The clock asks each time that it is called. @param {string} file @param {LuaToken[]} tokens @param {LuaCall[]} calls @returns {LuaProblem[]} */
function aboutClock(file, tokens, calls) {
  const clocks = calls.filter(({ name }) => name === 'clock' || name === 'version')
  if (clocks.length === 0 && !file.startsWith('lib/'))
    return [
      {
        line: 1,
        rule: 'clock',
        what: 'a script calls clock(...) or version(...): others may have written the namespace',
      },
    ]
  const { depths } = blocksOf(tokens)
  return clocks
    .filter(({ at }, index) => file.startsWith('lib/') || index > 0 || depths[at] !== 0)
    .map(({ line }) => ({
      line,
      rule: 'clock',
      what: 'a script calls clock(...) or version(...) once, in no block and no part of it',
    }))
}
