import { join } from 'node:path'
import { readText, type TextReading } from './read-text.ts'

/** What the inventory needs of a package.json; `null` or empty where it says nothing usable. */
export interface Manifest {
  readonly name: string | null
  readonly version: string | null
  /** `license`, or else the legacy `licenses`, as found; undefined: neither is there, null: there is no manifest to hold them. */
  readonly licence: unknown
  /** Scripts that run when the package is installed. */
  readonly installScripts: readonly string[]
  /** Names of everything it depends on directly. */
  readonly dependencies: readonly string[]
}

export interface ManifestReading {
  readonly manifest: Manifest
  readonly missing: boolean
  /** Sentences that begin with `package.json`. */
  readonly problems: readonly string[]
}

const MAX_MANIFEST_BYTES = 1_048_576
const MAX_NAME_LENGTH = 214
const MAX_VERSION_LENGTH = 256
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'] as const
const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies'] as const
const EMPTY: Manifest = { name: null, version: null, licence: null, installScripts: [], dependencies: [] }

/** Whatever the file holds, there is an answer: what could be used, and what was wrong. */
export async function readManifest(folder: string): Promise<ManifestReading> {
  const reading = await readManifestText(folder)
  if (reading.text === null)
    return { manifest: EMPTY, missing: reading.missing, problems: [`package.json ${reading.problem}`] }
  return { ...parseManifest(reading.text), missing: false }
}

export async function readManifestText(folder: string): Promise<TextReading> {
  return await readText(join(folder, 'package.json'), MAX_MANIFEST_BYTES)
}

export function parseManifest(text: string): Omit<ManifestReading, 'missing'> {
  const whole = parsed(text)
  if (whole === undefined)
    return { manifest: EMPTY, problems: [`package.json ${text.trim() === '' ? 'is empty' : 'is not valid JSON'}`] }
  if (!isObject(whole)) return { manifest: EMPTY, problems: [`package.json holds ${kindOf(whole)}, not an object`] }
  const problems: string[] = []
  const name = textOf(whole, 'name', MAX_NAME_LENGTH, problems)
  const version = textOf(whole, 'version', MAX_VERSION_LENGTH, problems)
  const scripts = member(whole, 'scripts')
  return {
    manifest: {
      name,
      version,
      licence: member(whole, 'license') ?? member(whole, 'licenses') ?? undefined,
      installScripts: INSTALL_SCRIPTS.filter((script) => isObject(scripts) && Object.hasOwn(scripts, script)),
      dependencies: DEPENDENCIES.flatMap((kind) => {
        const names = member(whole, kind)
        return isObject(names) ? Object.keys(names) : []
      }),
    },
    problems,
  }
}

/** undefined: no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function textOf(whole: object, property: string, maxLength: number, problems: string[]): string | null {
  const value = member(whole, property)
  const text = typeof value === 'string' ? value.trim().toWellFormed() : ''
  if (text !== '' && text.length <= maxLength) return text
  problems.push(
    value === undefined || value === null || value === ''
      ? `package.json has no ${property}`
      : text === ''
        ? `package.json: ${property} is ${kindOf(value)}, not a text`
        : `package.json: ${property} is longer than ${maxLength} characters`,
  )
  return null
}

/** Own members only: a manifest with a property `__proto__` or `constructor` must not answer for others. */
export function member(object: object, property: string): unknown {
  return Object.hasOwn(object, property) ? Reflect.get(object, property) : undefined
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : typeof value === 'string' ? 'blank' : `a ${typeof value}`
}
