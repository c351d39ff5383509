import { blocksOf } from './calls.mjs'

/**
 * @typedef {import('./tokens.mjs').LuaToken} LuaToken
 * @typedef {import('./header-rules.mjs').LuaProblem} LuaProblem
 */

const MOST_LINES = 200
const MOST_FUNCTION_LINES = 40

/**
 * Short files of short functions.
 * @param {string} text
 * @param {LuaToken[]} tokens
 * @returns {LuaProblem[]}
 */
export function shapeProblems(text, tokens) {
  const lines = text.split('\n').length - 1
  const long = blocksOf(tokens).functions.filter((one) => one.lines > MOST_FUNCTION_LINES)
  return [
    ...(lines > MOST_LINES ? [{ line: 1, rule: 'size', what: `${lines} lines, the most is ${MOST_LINES}` }] : []),
    ...long.map((one) => ({
      line: one.line,
      rule: 'size',
      what: `${one.name} has ${one.lines} lines, the most is ${MOST_FUNCTION_LINES}`,
    })),
  ]
}
