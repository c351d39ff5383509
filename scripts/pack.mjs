// Packs every public package into a folder, as it would be published: npm run pack:all -- <folder>
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command } from './checks/command.mjs'
import { packagesOf } from './checks/files.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * @param {string} folder
 * @returns {Promise<{ name: string, tarball: string }[]>}
 */
export async function packAll(folder) {
  mkdirSync(folder, { recursive: true })
  const packages = packagesOf(root).filter(({ manifest }) => manifest.private !== true)
  return Promise.all(
    packages.map(async ({ folder: source, name, manifest }) => {
      const tarball = join(folder, `millrace-${name}.tgz`)
      const { ok, output } = await command('pnpm', ['pack', '--out', tarball], { cwd: join(root, source) })
      if (!ok) throw new Error(`${manifest.name} could not be packed:\n${output}`)
      return { name: manifest.name, tarball }
    }),
  )
}

if (import.meta.main) {
  const folder = process.argv[2]
  if (folder === undefined) {
    console.error('Say where to: npm run pack:all -- <folder>')
    process.exit(2)
  }
  const packed = await packAll(resolve(folder))
  for (const { name, tarball } of packed) console.log(`${name.padEnd(24)} ${tarball}`)
}
