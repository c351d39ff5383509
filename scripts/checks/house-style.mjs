import { filesBelow, isGenerated, read } from './files.mjs'
import { sourceProblems } from './source-style.mjs'
import { testProblems } from './test-style.mjs'
import { tokenize } from './tokens.mjs'

const CLOCK = 'packages/core/src/clock.ts'
const STATUS_TABLE = 'packages/core/src/status.ts'
const PLACES = [
  'packages',
  'apps',
  'benchmarks',
  'docs/backends',
  'docs/measure',
  'docs/test',
  'scripts/test',
  'scripts/servers/test',
]
const SOURCE = /^((packages|apps)\/[^/]+|benchmarks)\/src\//
/** The conformance suite is both. */
const TEST = /(^|\/)test\/|^packages\/conformance\/src\//

/**
 * The style rules of the house that no other tool knows.
 * @param {string} root
 */
export function houseStyle(root) {
  const files = PLACES.flatMap((place) => filesBelow(root, place)).filter((file) => file.endsWith('.ts'))
  const statuses = statusNames(root)
  const problems = []
  let clocks = 0
  for (const file of files) {
    const text = read(root, file)
    if (isGenerated(text)) continue
    const tokens = tokenize(text)
    const isSource = SOURCE.test(file)
    const found = isSource ? sourceProblems(file, tokens, statuses) : []
    if (TEST.test(file)) found.push(...testProblems(tokens))
    found.push(...unfinished(text))
    problems.push(...found.map(({ line, what }) => `${file}:${line}: ${what}`))
    if (isSource && file.startsWith('packages/')) clocks += tokens.filter((_, at) => isClock(tokens, at)).length
  }
  if (files.length > 0 && clocks !== 1) problems.push(`packages/*/src: Date.now is used ${clocks} times, not once`)
  if (files.length > 0 && !files.includes(CLOCK)) problems.push(`${CLOCK}: missing, the one place for Date.now`)
  return { problems, note: `${files.length} files` }
}

/** @param {import('./tokens.mjs').Token[]} tokens @param {number} at */
function isClock(tokens, at) {
  return tokens[at]?.text === 'Date' && tokens[at + 1]?.text === '.' && tokens[at + 2]?.text === 'now'
}

/** The names in the one table of statuses: `STATUS = { name: 'name', ... }`. @param {string} root */
function statusNames(root) {
  if (!filesBelow(root, 'packages/core/src').includes(STATUS_TABLE)) return new Set()
  const tokens = tokenize(read(root, STATUS_TABLE))
  const named = tokens.filter((token, at) => token.kind === 'string' && tokens[at - 2]?.text === token.text)
  return new Set(named.map((token) => token.text))
}

/** @param {string} text */
function unfinished(text) {
  return text.split('\n').flatMap((line, index) => {
    const mark = /\b(TODO|FIXME|XXX|HACK)\b/.exec(line)?.[1]
    return mark === undefined ? [] : [{ line: index + 1, what: `${mark}: open an issue instead` }]
  })
}
