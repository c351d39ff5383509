import { createHash } from 'node:crypto'
import type { Manifest, ManifestReading } from './manifest.ts'

/** One package by name and version; the first place found speaks for its copies. */
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
  readonly all: readonly FoundPackage[]
}

export function foundPackages(): FoundPackages {
  const byKey = new Map<string, FoundPackage>()
  const keys = new Map<string, string>()
  return {
    add(where, reading) {
      const one = described(where, reading)
      const before = byKey.get(one.key)
      keys.set(where.path, one.key)
      byKey.set(
        one.key,
        before === undefined ? one : { ...before, copies: before.copies + 1, direct: before.direct || one.direct },
      )
    },
    markDirect(path) {
      const one = byKey.get(keys.get(path) ?? '')
      if (one !== undefined) byKey.set(one.key, { ...one, direct: true })
    },
    get all() {
      return [...byKey.values()]
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
    hasInstallScripts: manifest.installScripts.length > 0,
    hasLicenceField: manifest.licence !== undefined && manifest.licence !== null,
  }
}

const MAX_KEY_BYTES = 512

function keyOf({ name, version }: Manifest, place: string): string {
  const key = name === null || version === null ? `unnamed:${place.toWellFormed()}` : `${name}@${version}`
  return Buffer.byteLength(key) <= MAX_KEY_BYTES ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`
}
