/**
 * @typedef {object} Source one place that packages come from
 * @property {string[]} types `deb`, `deb-src`
 * @property {string[]} uris
 * @property {string[]} suites
 * @property {string[]} components
 * @property {readonly (readonly [name: string, value: string])[]} options as fields of a `.sources` file: which key signs it, and the like
 */

/** The long names of what the one-line form abbreviates, where they differ (sources.list(5)). Their values are lists. */
const LONG_NAMES = new Map([
  ['arch', 'Architectures'],
  ['lang', 'Languages'],
  ['target', 'Targets'],
])
const OWN_FIELDS = new Set(['types', 'uris', 'suites', 'components', 'enabled'])
const STABLE = ['stable', 'oldstable', 'oldoldstable']

/**
 * The machine's own mirror of Debian serves the backports too. Answers the places to try, the likeliest first, each as the text of a
 * `.sources` file with the options of the entry it comes from; none if backports are set up already.
 * @param {readonly Source[]} sources
 * @param {string} codename of the Debian release: `bookworm`
 */
export function backportsFrom(sources, codename) {
  const backports = `${codename}-backports`
  const packages = sources.filter(({ types, components }) => types.includes('deb') && components.includes('main'))
  if (packages.some(({ suites }) => suites.includes(backports))) return []
  const mirrors = packages.filter(
    ({ suites, uris }) =>
      suites.some((suite) => [codename, ...STABLE].includes(suite)) && !uris[0]?.startsWith('cdrom:'),
  )
  const texts = mirrors
    .toSorted((a, b) => rank(b, packages) - rank(a, packages))
    .map((source) => paragraph(source, backports))
  return [...new Set(texts)]
}

/** The sources in a file of apt's configuration. @param {string} name of the file @param {string} text @returns {Source[]} */
export function sourcesIn(name, text) {
  return name.endsWith('.sources')
    ? text.split(/\n(?:[ \t]*\n)+/).flatMap((part) => fromParagraph(part))
    : text.split('\n').flatMap((line) => fromLine(line))
}

/** Others than Debian also call their suite after its release; only Debian's own mirror has the updates beside it. @param {Source} source @param {Source[]} all */
function rank({ uris }, all) {
  const hasUpdates = all.some(
    (other) => other.suites.some((suite) => suite.endsWith('-updates')) && other.uris.some((uri) => uris.includes(uri)),
  )
  return (hasUpdates ? 2 : 0) + (uris.some((uri) => /\/debian\/?$/.test(uri)) ? 1 : 0)
}

/** @param {Source} source @param {string} suite */
function paragraph({ uris, options }, suite) {
  const fields = [['Types', 'deb'], ['URIs', uris.join(' ')], ['Suites', suite], ['Components', 'main'], ...options]
  return fields.map(([name, value]) => `${name}: ${value}\n`).join('')
}

/** `deb [signed-by=/path arch=amd64] uri suite component...` @param {string} line @returns {Source[]} */
function fromLine(line) {
  const text = line.replace(/#.*/, '').trim()
  const [, type, bracket = '', uri, suite, rest = ''] =
    /^(deb|deb-src)\s+(?:\[([^\]]*)\]\s*)?((?:cdrom:\[[^\]]*\])?\S+)\s+(\S+)(.*)$/.exec(text) ?? []
  if (type === undefined || uri === undefined || suite === undefined) return []
  const options = words(bracket).flatMap((option) => {
    const [, name = '', value = ''] = /^([\w-]+)=(.*)$/.exec(option) ?? []
    const long = LONG_NAMES.get(name.toLowerCase())
    const field = long ?? name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
    return name === '' ? [] : [/** @type {const} */ ([field, long === undefined ? value : value.replaceAll(',', ' ')])]
  })
  return [{ types: [type], uris: [uri], suites: [suite], components: words(rest), options }]
}

/** Fields of a paragraph; a line that begins with a space goes on with the field before it. @param {string} part @returns {Source[]} */
function fromParagraph(part) {
  /** @type {[name: string, value: string][]} */
  const fields = []
  for (const line of part.split('\n')) {
    const [, name, value = ''] = /^([\w-]+):[ \t]*(.*)$/.exec(line) ?? []
    const last = fields.at(-1)
    if (line.startsWith('#')) continue
    if (name !== undefined) fields.push([name, value.trimEnd()])
    else if (last !== undefined && /^[ \t]/.test(line)) last[1] += `\n${line.trimEnd()}`
  }
  const list = (/** @type {string} */ wanted) =>
    words(fields.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? '')
  if (['no', 'false', 'off', '0', 'without', 'disable'].includes(list('enabled')[0]?.toLowerCase() ?? '')) return []
  const options = fields.filter(([name]) => !OWN_FIELDS.has(name.toLowerCase()))
  const source = {
    types: list('types'),
    uris: list('uris'),
    suites: list('suites'),
    components: list('components'),
    options,
  }
  return source.uris.length === 0 ? [] : [source]
}

/** @param {string} text */
function words(text) {
  return text.split(/\s+/).filter((word) => word !== '')
}
