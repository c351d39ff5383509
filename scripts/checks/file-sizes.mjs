import { filesBelow, isGenerated, read } from './files.mjs'

const LONGEST = 350
const LONGEST_DECISION = 60
const DECISION = /^docs\/decisions\/.*\.md$/
const MEDIAN = 90
const EMPTY_NAMES = new Set(['util', 'utils', 'helper', 'helpers', 'types', 'common', 'manager'])

/**
 * A file is one noun or one verb: short, and named for what it is.
 * @param {string} root
 */
export function fileSizes(root) {
  const sources = filesBelow(root)
    .filter((file) => /\.(ts|mjs|lua)$/.test(file) || DECISION.test(file))
    .map((file) => ({ file, text: read(root, file) }))
    .filter(({ text }) => !isGenerated(text))
    .map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))

  const problems = sources.flatMap(({ file, lines }) => {
    const most = DECISION.test(file) ? LONGEST_DECISION : LONGEST
    return lines > most ? [`${file}: ${lines} lines, the most is ${most}`] : []
  })
  for (const { file } of sources) {
    const name = file.replace(/^.*\//, '').replace(/\..*$/, '')
    const empty = name.split('-').find((part) => EMPTY_NAMES.has(part))
    if (empty !== undefined) problems.push(`${file}: "${empty}" does not say what is inside`)
  }

  const middle = median(
    sources.filter(({ file }) => /^packages\/[^/]+\/src\/.*\.ts$/.test(file)).map(({ lines }) => lines),
  )
  if (middle > MEDIAN) problems.push(`packages/*/src: the median file has ${middle} lines, the most is ${MEDIAN}`)
  return { problems, note: `median ${middle} lines` }
}

/** @param {number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
