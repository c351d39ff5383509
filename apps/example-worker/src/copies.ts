import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { boundedKey, type FoundPackage } from './found-packages.ts'
import { inParallel } from './in-parallel.ts'
import { licenceFiles, readLicence } from './licence.ts'
import { isObject, readManifestText } from './manifest.ts'

/**
 * The copies of one name and version: one package where manifest and licence files say the same, further ones where they differ, so
 * that none hides behind another's licence. The first place found keeps the key.
 */
export async function tellApart(copies: readonly FoundPackage[]): Promise<readonly FoundPackage[]> {
  const [first] = copies
  if (first === undefined || copies.length === 1) return copies
  const marks = await inParallel(copies, ({ path }) => markOf(path))
  const byMark = new Map<string, FoundPackage>()
  for (const [index, one] of copies.entries()) {
    const mark = marks[index] ?? ''
    const before = byMark.get(mark)
    if (before !== undefined)
      byMark.set(mark, { ...before, copies: before.copies + 1, direct: before.direct || one.direct })
    else if (one === first) byMark.set(mark, one)
    else byMark.set(mark, { ...one, key: boundedKey(`${one.key}#${mark.slice(0, 16)}`), differsFrom: first.place })
  }
  return [...byMark.values()]
}

/** Equal for copies whose manifests and licence files say the same. */
async function markOf(folder: string): Promise<string> {
  const hash = createHash('sha256')
  const { text, problem } = await readManifestText(folder)
  hash.update(text === null ? `\0${problem}` : withoutNotesOfInstallers(text))
  for (const name of await licenceFiles(folder)) {
    const licence = await readLicence(join(folder, name))
    hash.update(`\0${name}\0${licence.text ?? licence.problem}`)
  }
  return hash.digest('hex')
}

/** Old installers wrote where a copy came from and lies into its manifest, under names that begin with `_`. */
function withoutNotesOfInstallers(text: string): string {
  try {
    const manifest: unknown = JSON.parse(text)
    if (!isObject(manifest)) return text
    return JSON.stringify(Object.entries(manifest).filter(([name]) => !name.startsWith('_')))
  } catch {
    return text
  }
}
