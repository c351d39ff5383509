export const PAGE = 'docs/guide/lifecycle.md'
const START = '<!-- generated:lifecycle -->'
const END = '<!-- /generated -->'
const BLANK = `# The life of a record\n\n${START}\n${END}\n`

/**
 * The page about the life of a record, with what the table of transitions says.
 * @param {string | undefined} page as it is
 * @param {readonly string[]} statuses
 * @param {Record<string, { readonly from: readonly string[], readonly to: readonly string[] }>} transitions
 */
export function lifecycle(page, statuses, transitions) {
  return spliced(page ?? BLANK, drawing(statuses, transitions))
}

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
