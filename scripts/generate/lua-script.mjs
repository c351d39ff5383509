import { createHash } from 'node:crypto'
import { stripped, withoutComments } from '../checks/lua/tokens.mjs'
import { inlined } from './lua-inline.mjs'
import { headerOf, signatureOf } from './lua-header.mjs'
import { pruned } from './lua-prune.mjs'

/**
 * @typedef {{ sharedKeys: readonly string[], lineKeys: readonly string[], libs: ReadonlyMap<string, string> }} Surroundings
 * What a script may refer to: names of keys, and the sources in `lib/` by name.
 * @typedef {{ name: string, sha1: string, source: string, keys: string[], lines: boolean, line: string[], args: string[] }} Compiled
 */

/**
 * One script as the server gets it: the names of its keys and arguments, the parts that it uses, itself.
 * @param {string} name
 * @param {string} text
 * @param {Surroundings} surroundings
 * @returns {Compiled}
 */
export function compiled(name, text, { sharedKeys, lineKeys, libs }) {
  const file = `${name}.lua`
  const { flags, keys, lines, line, args, use } = signatureOf(file, text, { sharedKeys, lineKeys })
  const isOfOne = line.length > 0
  const used = inOrder(file, use, libs)
  const files = [file, ...used.map((lib) => `lib/${lib}.lua`)]
  const texts = [text, ...used.map((lib) => libs.get(lib) ?? '')]
  const [main = '', ...parts] = inlined(texts.map((one, at) => understood(files[at] ?? '', one)))
  const body = stripped(main)
  const source = [
    ...(flags.length === 0 ? [] : [`#!lua flags=${flags.join(',')}`]),
    ...locals([...keys, ...line], 'KEYS'),
    ...(isOfOne ? [] : [`local KEY_COUNT=${keys.length}`]),
    ...locals([...args, ...(isOfOne ? ['LINE_NAME'] : [])], 'ARGV'),
    isOfOne ? `local ITEM=${args.length + 2}` : `local ARG_COUNT=${args.length}`,
    ...(lines ? [`local LINE_KEYS={${lineKeys.map((key) => `'${key}'`).join(',')}}`] : []),
    ...pruned(body, parts).map((part) => stripped(part)),
    body,
  ]
    .filter((part) => part !== '')
    .join('\n')
  return { name, sha1: createHash('sha1').update(source).digest('hex'), source, keys, lines, line, args }
}

/** @param {string[]} names @param {string} from */
function locals(names, from) {
  return names.length === 0 ? [] : [`local ${names.join(',')}=${names.map((_, at) => `${from}[${at + 1}]`).join(',')}`]
}

/**
 * All that is used, directly or not: each once, after what it uses itself.
 * @param {string} file
 * @param {string[]} use
 * @param {ReadonlyMap<string, string>} libs
 */
export function inOrder(file, use, libs) {
  /** @type {string[]} */
  const order = []
  /** @param {string} name @param {string[]} path of files */
  const visit = (name, path) => {
    const part = `lib/${name}.lua`
    if (order.includes(name)) return
    if (path.includes(part)) throw new Error(`@use goes round: ${[...path, part].join(' -> ')}`)
    const text = libs.get(name)
    if (text === undefined) throw new Error(`${path.at(-1)}: @use ${name}, but there is no ${part}`)
    const header = headerOf(part, text)
    const foreign = header.tags.find((tag) => tag !== 'use')
    if (foreign !== undefined) throw new Error(`${part}: @${foreign} belongs to a script, a part has @use only`)
    for (const used of header.use) visit(used, [...path, part])
    order.push(name)
  }
  for (const name of use) visit(name, [file])
  return order
}

/** A source without its comments. @param {string} file @param {string} text */
function understood(file, text) {
  try {
    return withoutComments(text)
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
