// Draws the life of a record from the one table of transitions: npm run generate. With --check it only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { STATUSES, TRANSITIONS } from '../packages/core/src/status.ts'

const PAGE = 'docs/guide/lifecycle.md'
const START = '<!-- generated:lifecycle -->'
const END = '<!-- /generated -->'
const file = fileURLToPath(new URL(`../${PAGE}`, import.meta.url))

/**
 * @param {readonly string[]} statuses
 * @param {Record<string, { readonly from: readonly string[], readonly to: readonly string[] }>} transitions
 */
export function drawing(statuses, transitions) {
  const edges = Object.entries(transitions).flatMap(([event, { from, to }]) => {
    const sources = from.length === 0 ? ['[*]'] : from
    const targets = to.length === 0 ? ['[*]'] : to
    return sources.flatMap((source) =>
      targets.filter((target) => target !== source).map((target) => ({ source, target, event })),
    )
  })
  const merged = Object.groupBy(edges, ({ source, target }) => `${source} --> ${target}`)
  const arrows = Object.entries(merged).map(
    ([arrow, same = []]) => `  ${arrow}: ${same.map(({ event }) => event).join(', ')}`,
  )
  const rows = Object.entries(transitions).map(([event, { from, to }]) => `| ${event} | ${cell(from)} | ${cell(to)} |`)
  const states = statuses.map((status) => `  ${status}`)
  return [
    '```mermaid',
    'stateDiagram-v2',
    ...states,
    ...arrows,
    '```',
    '',
    '| event | from | to |',
    '|---|---|---|',
    ...rows,
  ].join('\n')
}

/**
 * The page with the drawing between its markers.
 * @param {string} page
 * @param {string} drawn
 */
export function spliced(page, drawn) {
  const start = page.indexOf(START)
  const end = page.indexOf(END, start)
  if (start === -1 || end === -1) throw new Error(`${PAGE} needs the markers ${START} and ${END}`)
  return `${page.slice(0, start + START.length)}\n\n${drawn}\n\n${page.slice(end)}`
}

/** @param {readonly string[]} names */
function cell(names) {
  return names.length === 0 ? '(none)' : names.join(', ')
}

if (import.meta.main) {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : `# The life of a record\n\n${START}\n${END}\n`
  const after = spliced(before, drawing(STATUSES, TRANSITIONS))
  const isFresh = existsSync(file) && before === after
  if (process.argv.includes('--check')) {
    if (!isFresh) {
      console.error(`${PAGE} does not show the table of transitions. Run: npm run generate`)
      process.exitCode = 1
    }
  } else if (!isFresh) {
    writeFileSync(file, after)
    console.log(`${PAGE} written`)
  }
}
