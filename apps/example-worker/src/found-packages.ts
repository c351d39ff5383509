import { createHash } from 'node:crypto'
import type { Manifest, ManifestReading } from './manifest.ts'

/** One package by name and version; the first place found speaks for the copies that are equal to it. */
export interface FoundPackage {
  /** `name@version`; of a package without one of the two, its place. At most 512 bytes. */
  readonly key: string
  readonly name: string
  readonly version: string | null
  /** Absolute, without links. */
  readonly path: string
  /** Relative to the folder that was scanned. */
  readonly place: string
  /** The project itself asks for it. */
  readonly direct: boolean
  /** In how many places it lies. */
  readonly copies: number
  /** Where another package of this name and version lies whose manifest or licence says something else; null: nowhere. */
  readonly differsFrom: string | null
  readonly hasInstallScripts: boolean
  readonly hasLicenceField: boolean
}

interface Whereabouts {
  readonly path: string
  readonly place: string
  /** With its scope. */
  readonly folderName: string
  readonly isDirect: boolean
}

export interface FoundPackages {
  add(where: Whereabouts, reading: ManifestReading): void
  /** The package at this path, found before, is one that the project asks for. */
  markDirect(path: string): void
  /** By name and version: the copies of each, in the order in which they were found. */
  readonly groups: readonly (readonly FoundPackage[])[]
}

export function foundPackages(): FoundPackages {
  const byKey = new Map<string, Map<string, FoundPackage>>()
  const keys = new Map<string, string>()
  return {
    add(where, reading) {
      const one = described(where, reading)
      const copies = byKey.get(one.key) ?? new Map<string, FoundPackage>()
      keys.set(where.path, one.key)
      byKey.set(one.key, copies.set(where.path, one))
    },
    markDirect(path) {
      const copies = byKey.get(keys.get(path) ?? '')
      const one = copies?.get(path)
      if (one !== undefined) copies?.set(path, { ...one, direct: true })
    },
    get groups() {
      return [...byKey.values()].map((copies) => [...copies.values()])
    },
  }
}

function described({ path, place, folderName, isDirect }: Whereabouts, { manifest }: ManifestReading): FoundPackage {
  return {
    key: keyOf(manifest, place),
    name: manifest.name ?? folderName.toWellFormed(),
    version: manifest.version,
    path,
    place,
    direct: isDirect,
    copies: 1,
    differsFrom: null,
    hasInstallScripts: manifest.installScripts.length > 0,
    hasLicenceField: manifest.licence !== undefined && manifest.licence !== null,
  }
}

const MAX_KEY_BYTES = 512

function keyOf({ name, version }: Manifest, place: string): string {
  return boundedKey(name === null || version === null ? `unnamed:${place.toWellFormed()}` : `${name}@${version}`)
}

/** As it is, or as its hash if it is too long for a key. */
export function boundedKey(key: string): string {
  return Buffer.byteLength(key) <= MAX_KEY_BYTES ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`
}
