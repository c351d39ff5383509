import type { Dirent } from 'node:fs'
import { access, lstat, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { tellApart } from './copies.ts'
import { foundPackages, type FoundPackage } from './found-packages.ts'
import { inParallel } from './in-parallel.ts'
import { readManifest } from './manifest.ts'
import { codeOf } from './refusal.ts'

export interface Scan {
  readonly packages: readonly FoundPackage[]
  /** What was left out and why, as sentences. */
  readonly problems: readonly string[]
}

export interface ScanOptions {
  /** Links that lead out of this folder are not followed; null: they are. */
  readonly boundary: string | null
  readonly signal?: AbortSignal
}

/** A folder that holds packages. */
interface Shelf {
  readonly path: string
  readonly isTop: boolean
}

/** A folder, or a link to one, that may be a package. */
interface Candidate {
  readonly place: string
  /** With its scope. */
  readonly folderName: string
  readonly isTop: boolean
}

const MODULES = 'node_modules'

/**
 * Every package below a node_modules folder, where each folder is meant as one: plain, scoped, nested, and as pnpm lays them out. A
 * folder without one is searched for packages directly inside. Breadth first, each folder once, so that no circle of links is walked twice.
 * @throws what the file system says of `folder` itself.
 */
export async function scanPackages(folder: string, options: ScanOptions): Promise<Scan> {
  const root = await realpath(folder)
  const boundary = options.boundary === null ? null : await realpath(options.boundary)
  const top = basename(root) !== MODULES && (await isThere(join(root, MODULES))) ? join(root, MODULES) : root
  const inModules = basename(top) === MODULES
  const direct = new Set((await readManifest(dirname(top))).manifest.dependencies)
  const found = foundPackages()
  const seen = new Set<string>()
  const problems: string[] = []
  const outside: string[] = []
  const elsewhere: string[] = []
  const own: string[] = []

  const showPlace = (path: string): string => relative(root, path).split(sep).join('/') || '.'

  function isFirst(path: string): boolean {
    const isNew = !seen.has(path)
    seen.add(path)
    return isNew
  }

  /** What lies on a shelf: packages, and further shelves in a pnpm store. */
  async function look({
    path,
    isTop,
  }: Shelf): Promise<{ candidates: readonly Candidate[]; shelves: readonly Shelf[] }> {
    options.signal?.throwIfAborted()
    const entries = (await entriesOf(path)).filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    const shelves = entries.some(({ name }) => name === '.pnpm') ? await storeShelves(join(path, '.pnpm')) : []
    const candidates = await inParallel(entries, async ({ name }) => {
      const place = join(path, name)
      if (name.startsWith('.')) return []
      if (!name.startsWith('@')) return [{ place, folderName: name, isTop }]
      const scope = await realFolder(place)
      const scoped = scope === null ? [] : await entriesOf(scope)
      return scoped
        .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
        .map((entry) => ({ place: join(place, entry.name), folderName: `${name}/${entry.name}`, isTop }))
    })
    return { candidates: candidates.flat(), shelves }
  }

  async function storeShelves(store: string): Promise<readonly Shelf[]> {
    const entries = (await entriesOf(store)).filter((entry) => entry.isDirectory())
    const paths = entries.map(({ name }) => (name === MODULES ? join(store, name) : join(store, name, MODULES)))
    const there = await inParallel(paths, isThere)
    return paths.filter((_, index) => there[index]).map((path) => ({ path, isTop: false }))
  }

  /** Takes the packages that were not seen before; the answer is the shelves inside them. */
  async function take(candidates: readonly Candidate[]): Promise<readonly Shelf[]> {
    const alsoDirect: string[] = []
    const paths = await inParallel(candidates, ({ place }) => realFolder(place))
    const fresh = candidates.flatMap(({ folderName, isTop }, index) => {
      const path = paths[index] ?? null
      const isDirect = isTop && direct.has(folderName)
      if (path === null) return []
      if (isFirst(path)) return [{ path, folderName, isDirect }]
      if (isDirect) alsoDirect.push(path)
      return []
    })
    const readings = await inParallel(fresh, ({ path }) => readManifest(path))
    const packages = fresh.filter((one, index) => {
      const reading = readings[index]
      if (reading === undefined || (reading.missing && !inModules)) return false
      found.add({ ...one, place: showPlace(one.path) }, reading)
      return true
    })
    for (const path of alsoDirect) found.markDirect(path)
    const nested = packages.map(({ path }) => join(path, MODULES))
    const there = await inParallel(nested, isThere)
    return nested.filter((_, index) => there[index]).map((path) => ({ path, isTop: false }))
  }

  /** Where a folder or a link to one really is; null for anything else, and for what is left out. */
  async function realFolder(place: string): Promise<string | null> {
    try {
      const path = await realpath(place)
      if (!(await stat(path)).isDirectory()) return null
      if (boundary !== null && !isWithin(boundary, path)) outside.push(showPlace(place))
      else if (!inModules || path.split(sep).includes(MODULES)) return path
      // No third party's: a workspace of this project, or something of another one that was linked in.
      else (isWithin(dirname(top), path) ? own : elsewhere).push(showPlace(place))
    } catch (error) {
      problems.push(`${showPlace(place)} ${await reasonOf(error, place)}`)
    }
    return null
  }

  async function entriesOf(path: string): Promise<readonly Dirent[]> {
    try {
      const entries = await readdir(path, { withFileTypes: true })
      return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    } catch (error) {
      if (path === top) throw error
      problems.push(`${showPlace(path)} ${await reasonOf(error, path)}`)
      return []
    }
  }

  for (let shelves: readonly Shelf[] = [{ path: top, isTop: true }]; shelves.length > 0;) {
    const paths = await inParallel(shelves, ({ path }) => realFolder(path))
    const fresh = shelves.flatMap(({ isTop }, index) => {
      const path = paths[index] ?? null
      return path === null || !isFirst(path) ? [] : [{ path, isTop }]
    })
    const looks = await inParallel(fresh, look)
    const inside = await take(looks.flatMap(({ candidates }) => candidates))
    shelves = [...looks.flatMap((one) => one.shelves), ...inside]
  }
  const leftOut = [
    ...summary(outside, 'out of the permitted folder'),
    ...summary(elsewhere, 'out of the project, and not into a node_modules folder'),
    ...summary(own, "to the project's own code, outside of node_modules"),
  ]
  const packages = (await inParallel(found.groups, tellApart)).flat()
  return { packages, problems: [...problems.toSorted(), ...leftOut] }
}

async function reasonOf(thrown: unknown, place: string): Promise<string> {
  const code = codeOf(thrown)
  if (code !== 'ENOENT') return REASONS[code] ?? 'could not be looked at'
  const isLink = await lstat(place).then(
    (entry) => entry.isSymbolicLink(),
    () => false,
  )
  if (isLink) return 'is a link that leads nowhere'
  // What was listed cannot be found under the name as it was listed.
  return place.includes('\uFFFD') ? 'has a name that is not UTF-8' : 'is no longer there'
}

const REASONS: Readonly<Record<string, string>> = {
  ELOOP: 'is a link that leads to itself',
  EACCES: 'may not be read',
  EPERM: 'may not be read',
  ENOTDIR: 'is not a folder',
}

function summary(places: readonly string[], where: string): readonly string[] {
  const [first, ...others] = places.toSorted()
  if (first === undefined) return []
  return [`${first}${others.length === 0 ? ' leads' : ` and ${others.length} more lead`} ${where}`]
}

export function isWithin(boundary: string, path: string): boolean {
  return path === boundary || path.startsWith(boundary.endsWith(sep) ? boundary : boundary + sep)
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
