import { realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packagesOf } from '../../scripts/checks/files.mjs'
import { packAll } from '../../scripts/pack.mjs'
import { run } from './programs.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FLAGS = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
/** Nobody installs it: it has to come along as a dependency. */
const ENGINE = '@millrace/redis-protocol'
/** A peer that nobody needs to have. */
const OPTIONAL = 'vitest'

/**
 * Packs everything that is published, and installs it in a folder as a user of npm would. Needs no network: the packages of others are
 * linked to where this repository has them. Answers with the names of ours.
 */
export async function installPacked(folder: string): Promise<readonly string[]> {
  const packed = await packAll(join(folder, 'packed'))
  const tarballs = packed.map(({ name, tarball }): Spec => [name, `file:${tarball}`])
  const manifest = {
    private: true,
    type: 'module',
    dependencies: Object.fromEntries([...tarballs.filter(([name]) => name !== ENGINE), ...linked('peerDependencies')]),
    // Where a package gets what it asks for, which is all that a registry would do here.
    overrides: Object.fromEntries([...tarballs.filter(([name]) => name === ENGINE), ...linked('dependencies')]),
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  const { exitCode, stdout, stderr } = await run(folder, ['npm', 'install', '--prefix', folder, ...FLAGS])
  if (exitCode !== 0) throw new Error(`npm install failed (${exitCode}):\n${stdout}${stderr}`)
  return packed.map(({ name }) => name)
}

type Spec = readonly [name: string, spec: string]

/** The packages of others that ours need, with where they are. */
function linked(why: 'dependencies' | 'peerDependencies'): readonly Spec[] {
  return packagesOf(ROOT).flatMap(({ folder, manifest }) =>
    Object.keys(manifest[why] ?? {})
      .filter((name) => !name.startsWith('@millrace/') && name !== OPTIONAL)
      .map((name): Spec => [name, `file:${realpathSync(join(ROOT, folder, 'node_modules', name))}`]),
  )
}
