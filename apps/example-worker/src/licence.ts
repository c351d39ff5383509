import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject, member } from './manifest.ts'
import { recogniseLicence } from './licence-text.ts'
import { readText, type TextReading } from './read-text.ts'
import { formatExpression, mustAccept, parseExpression } from './spdx.ts'

export const UNKNOWN = 'unknown'
export const FLAGS = ['unknown', 'copyleft', 'unlicensed'] as const
/** Why somebody should look: no licence found, GPL-like, or all rights reserved. */
export type Flag = (typeof FLAGS)[number]
export const SOURCES = ['manifest', 'file', 'none'] as const

export interface LicenceFinding {
  /** A licence expression, `UNLICENSED`, or `unknown`. */
  readonly licence: string
  readonly licenceFrom: (typeof SOURCES)[number]
  readonly flag: Flag | null
  readonly problems: readonly string[]
}

/** From the manifest if it names one, else from the text of a licence file. `field` is what the manifest holds; null: there is no manifest. */
export async function findLicence(folder: string, field: unknown): Promise<LicenceFinding> {
  const declared = licenceInManifest(field)
  if (declared.licence !== null)
    return { licence: declared.licence, licenceFrom: 'manifest', flag: flagOf(declared.licence), problems: [] }
  const licence = await licenceInFiles(folder)
  const problem = field === undefined ? 'package.json has no licence field' : declared.problem
  const problems = problem === null ? [] : [problem]
  if (licence === null) return { licence: UNKNOWN, licenceFrom: 'none', flag: 'unknown', problems }
  return { licence, licenceFrom: 'file', flag: flagOf(licence), problems }
}

export interface Declared {
  readonly licence: string | null
  readonly problem: string | null
}

const NOTHING: Declared = { licence: null, problem: null }

/** `license` as text or `{ type }`, the legacy `licenses` as a list of either: several of them are a choice. */
export function licenceInManifest(field: unknown): Declared {
  if (field === undefined || field === null) return NOTHING
  if (typeof field === 'string') return declaredText(field)
  if (isObject(field)) {
    const type = member(field, 'type') ?? member(field, 'name')
    return typeof type === 'string' ? declaredText(type) : notUnderstood('an object without a type')
  }
  if (!Array.isArray(field)) return notUnderstood(`a ${typeof field}`)
  const each = field.filter((one) => !Array.isArray(one)).map((one: unknown) => licenceInManifest(one))
  const named = [...new Set(each.flatMap(({ licence }) => licence ?? []))]
  if (named.length === 0) return field.length === 0 ? NOTHING : (each[0] ?? notUnderstood('a list of lists'))
  return declaredText(named.length === 1 ? (named[0] ?? '') : named.map((one) => `(${one})`).join(' OR '))
}

export function flagOf(licence: string): Flag | null {
  if (licence === 'UNLICENSED') return 'unlicensed'
  const expression = parseExpression(licence)
  if (licence === UNKNOWN || expression === null) return 'unknown'
  return mustAccept(expression, (id) => GPL_LIKE.test(id)) ? 'copyleft' : null
}

/** Also as `AGPLv3`, which is no SPDX identifier but is what it says. */
const GPL_LIKE = /^(?:A?GPL|LGPL|SSPL|EUPL|OSL)(?:v?\d|\b)/i
/** Words in the place of a licence that grant nothing; they would pass for identifiers. */
const GRANTS_NOTHING =
  /^(?:un-?licen[cs]ed|proprietary|commercial|private|internal|none|no[- ]licen[cs]e|(?:copyright.*)?all rights reserved\.?)$/i
const SEE_FILE = /^see licen[cs]e\b/i

/** What people write, in lower case without "the", "license" and punctuation. */
const ALIASES: Readonly<Record<string, string>> = {
  mit: 'MIT',
  'mit x11': 'MIT',
  isc: 'ISC',
  bsd: 'BSD',
  'new bsd': 'BSD-3-Clause',
  'bsd 3 clause': 'BSD-3-Clause',
  'simplified bsd': 'BSD-2-Clause',
  'bsd 2 clause': 'BSD-2-Clause',
  apache: 'Apache-2.0',
  'apache 2': 'Apache-2.0',
  'apache 2 0': 'Apache-2.0',
  'apache version 2 0': 'Apache-2.0',
  'mpl 2 0': 'MPL-2.0',
  'public domain': 'Unlicense',
  gplv2: 'GPL-2.0',
  gplv3: 'GPL-3.0',
  lgplv3: 'LGPL-3.0',
}

function declaredText(field: string): Declared {
  const text = field.trim()
  if (text === '' || SEE_FILE.test(text)) return NOTHING
  if (GRANTS_NOTHING.test(text)) return { licence: 'UNLICENSED', problem: null }
  const plain = text
    .toLowerCase()
    .replaceAll(/\b(?:the|licen[cs]e)\b|[^a-z\d]+/g, ' ')
    .trim()
    .replaceAll(/\s+/g, ' ')
  const expression = parseExpression((Object.hasOwn(ALIASES, plain) ? ALIASES[plain] : undefined) ?? text)
  return expression === null
    ? notUnderstood(`“${text.slice(0, 60).toWellFormed()}”`)
    : { licence: formatExpression(expression), problem: null }
}

function notUnderstood(what: string): Declared {
  return { licence: null, problem: `package.json: the licence is ${what}, not an SPDX expression` }
}

const LICENCE_FILE = /^(?:un)?licen[cs]e|^copying|^notice/i
const BEST_FIRST = ['licen', 'unlicen', 'copying', 'notice']
const MAX_LICENCE_BYTES = 1_048_576

async function licenceInFiles(folder: string): Promise<string | null> {
  for (const name of await licenceFiles(folder)) {
    const { text } = await readLicence(join(folder, name))
    const licence = text === null ? null : recogniseLicence(text)
    if (licence !== null) return licence
  }
  return null
}

/** Names of the files in which a licence may stand, the likeliest first. */
export async function licenceFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => [])
  const rank = (name: string): number => BEST_FIRST.findIndex((start) => name.toLowerCase().startsWith(start))
  return names.filter((name) => LICENCE_FILE.test(name)).toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

export async function readLicence(path: string): Promise<TextReading> {
  return await readText(path, MAX_LICENCE_BYTES)
}
