const NOT_RUN = new Set(['skip', 'only', 'todo', 'skipIf', 'runIf', 'fails'])
const WAITING = new Set(['setTimeout', 'setInterval', 'sleep'])

/**
 * A test runs, runs once, and waits for a fact instead of for a time.
 * @param {import('./tokens.mjs').Token[]} tokens
 * @returns {import('./source-style.mjs').Problem[]}
 */
export function testProblems(tokens) {
  return tokens.flatMap((token, at) => {
    const what = aboutTest(token, tokens[at - 1]?.text ?? '', tokens.slice(at + 1, at + 3))
    return what === undefined ? [] : [{ line: token.line, what }]
  })
}

/** @param {import('./tokens.mjs').Token} token @param {string} before @param {import('./tokens.mjs').Token[]} after @returns {string | undefined} */
function aboutTest(token, before, after) {
  const isMember = before === '.' || before === '?.'
  const next = after[0]?.text ?? ''
  if (token.kind === 'string' && /\btimers\/promises$/.test(token.text)) return 'no timers in tests: drive the clock'
  if (token.kind !== 'word') return
  if (isMember && NOT_RUN.has(token.text)) return `\`.${token.text}\`: every test runs`
  if (token.text === 'retry' && next === ':' && after[1]?.kind === 'number') return '`retry:` hides a test that fails'
  if (WAITING.has(token.text) && next === '(' && (!isMember || token.text !== 'sleep'))
    return `\`${token.text}\`: no timers in tests, drive the clock or wait for a fact`
}
