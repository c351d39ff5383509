/** A name at the top level that stands for a number or a text, and a table of such. */
const CONSTANT = /^local ([A-Z][A-Z0-9_]*) = (-?\d+|'(?:[^'\\]|\\.)*')$/gm
const TABLE = /^local ([A-Z][A-Z0-9_]*) = \{\n((?: {2}\w+ = '[^'\\]*',\n)+)\}$/gm
const FIELD = /^ {2}(\w+) = ('[^'\\]*'),$/gm
const ASSIGNED = /(?<!local )\b([A-Z][A-Z0-9_]*) = /g
/** Texts, which stay as they are, and names with what is behind them. */
const NAMES = /'(?:[^'\\\n]|\\.)*'|(?<![.\w])([A-Z][A-Z0-9_]*)(?:\.(\w+))?(?![\w])/g

/**
 * Sources with the values of constants in place of their names: what each execution of a script would make and look up again is part of its
 * code then. Of a table only the fields are replaced that are written out.
 * @param {readonly string[]} sources without comments
 * @returns {string[]}
 */
export function inlined(sources) {
  const whole = sources.join('\n')
  const assigned = new Set(Array.from(whole.matchAll(ASSIGNED), ([, name]) => name))
  /** @type {Map<string, string>} */
  const values = new Map()
  for (const [, name = '', value = ''] of whole.matchAll(CONSTANT)) if (!assigned.has(name)) values.set(name, value)
  for (const [, name = '', fields = ''] of whole.matchAll(TABLE))
    for (const [, field = '', value = ''] of fields.matchAll(FIELD)) values.set(`${name}.${field}`, value)
  return sources.map((source) =>
    source
      .split('\n')
      .map((line) =>
        /^local [A-Z][A-Z0-9_]* = (-?\d+|')/.test(line) && !line.includes(' .. ') ? line : replaced(line, values),
      )
      .join('\n'),
  )
}

/** @param {string} line @param {ReadonlyMap<string, string>} values */
function replaced(line, values) {
  return line.replaceAll(NAMES, (whole, name, field) => {
    if (name === undefined) return whole
    return values.get(field === undefined ? name : `${name}.${field}`) ?? whole
  })
}
