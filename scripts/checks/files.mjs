import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.git', '.turbo', '.blocks'])

/**
 * Every file below `root/folder` that people wrote, as paths from `root` with forward slashes, sorted.
 * @param {string} root
 * @param {string} [folder]
 * @returns {string[]}
 */
export function filesBelow(root, folder = '.') {
  const start = join(root, folder)
  if (!existsSync(start)) return []
  return readdirSync(start, { withFileTypes: true })
    .flatMap((entry) => {
      if (NOT_OURS.has(entry.name)) return []
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return filesBelow(root, path)
      return entry.isFile() ? [relative('.', path).split(sep).join('/')] : []
    })
    .toSorted()
}

/** @param {string} root @param {string} path */
export function read(root, path) {
  return readFileSync(join(root, path), 'utf8')
}

/**
 * The folders of `packages/` that hold a package, with their package.json.
 * @param {string} root
 * @param {string} [parent]
 * @returns {{ folder: string, name: string, manifest: Manifest }[]}
 */
export function packagesOf(root, parent = 'packages') {
  const start = join(root, parent)
  if (!existsSync(start)) return []
  return readdirSync(start)
    .toSorted()
    .filter((name) => existsSync(join(start, name, 'package.json')))
    .map((name) => ({ folder: `${parent}/${name}`, name, manifest: JSON.parse(read(start, `${name}/package.json`)) }))
}

/**
 * @typedef {{ name: string, private?: boolean, scripts?: Record<string, string>, dependencies?: Record<string, string>,
 *   devDependencies?: Record<string, string>, peerDependencies?: Record<string, string>,
 *   optionalDependencies?: Record<string, string> }} Manifest
 */
