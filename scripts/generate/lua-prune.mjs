/**
 * What stands at the top level of a part: a declaration of one name with all its lines, an addition to a table (`function ENDS.fail`), or a
 * statement that runs.
 * @typedef {{ name: string | null, text: string }} Unit
 */

const DECLARATION = /^local (?:function )?([A-Za-z_]\w*)/
const ADDITION = /^function ([A-Za-z_]\w*)[.:]/

/** Names that a part may declare at once. */
const PREFIX = /^local (function )?/

/**
 * Parts without the functions and values that a script does not use, directly or by what it uses: every execution of a script makes all of
 * its functions anew. What only its own part uses is put out of the others' sight: Lua takes at most 200 names at the top level.
 * @param {string} script
 * @param {string[]} parts in the order in which they are sent
 * @returns {string[]}
 */
export function pruned(script, parts) {
  const units = parts.map(unitsOf)
  /** @type {Set<Unit>} */
  const kept = new Set(units.flat().filter(({ name }) => name === null))
  const words = wordsIn(script)
  for (const { text } of kept) for (const word of wordsIn(text)) words.add(word)
  for (let grows = true; grows;) {
    grows = false
    for (const unit of units.flat()) {
      if (kept.has(unit) || unit.name === null || !words.has(unit.name)) continue
      kept.add(unit)
      for (const word of wordsIn(unit.text)) words.add(word)
      grows = true
    }
  }
  const left = units.map((some) => some.filter((unit) => kept.has(unit)))
  return left.map((some, at) => {
    const others = wordsIn([script, ...left.slice(at + 1).flatMap((part) => part.map(({ text }) => text))].join('\n'))
    return scoped(some, others)
  })
}

/** A block that shows only what others use. @param {Unit[]} units @param {Set<string>} others words */
function scoped(units, others) {
  const declared = units.flatMap(({ name, text }) => (name !== null && PREFIX.test(text) ? [name] : []))
  const shown = declared.filter((name) => others.has(name))
  if (shown.length === declared.length) return units.map(({ text }) => text).join('\n')
  const texts = units.map(({ name, text }) =>
    name !== null && shown.includes(name)
      ? text.replace(PREFIX, (_, isFunction) => (isFunction === undefined ? '' : 'function '))
      : text,
  )
  return [...(shown.length === 0 ? [] : [`local ${shown.join(', ')}`]), 'do', ...texts, 'end'].join('\n')
}

/** @param {string} part @returns {Unit[]} */
function unitsOf(part) {
  /** @type {Unit[]} */
  const units = []
  for (const line of part.split('\n')) {
    const last = units.at(-1)
    const continues = /^(\s|end\b|\}|\)|$)/.test(line) || line.startsWith('--')
    if (continues) {
      if (last !== undefined) last.text += `\n${line}`
      continue
    }
    const declared = DECLARATION.exec(line)?.[1]
    const added = ADDITION.exec(line)?.[1]
    units.push({ name: declared ?? added ?? null, text: line })
  }
  return units
}

/** Names in a text, also those in comments: they can only keep too much. @param {string} text */
function wordsIn(text) {
  return new Set(text.match(/[A-Za-z_]\w*/g))
}
