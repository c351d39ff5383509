import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PACKAGES = ['core', 'worker', 'redis-protocol', 'redis', 'valkey']

/** Which Millrace is measured, in words. */
export function commitWords(): string {
  try {
    const git = (...words: readonly string[]): string =>
      execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).trim()
    const changed = git('status', '--porcelain', '--', ...PACKAGES.map((name) => `packages/${name}/src`))
    return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : ' with changes that are not committed'}`
  } catch {
    return 'an unknown commit'
  }
}

/** Of what runs: another one at the end than at the beginning means that the figures are of two different programs. */
export function buildMark(): string {
  const hash = createHash('sha256')
  for (const name of PACKAGES) {
    const folder = join(ROOT, 'packages', name, 'dist')
    for (const file of readdirSync(folder)
      .filter((one) => one.endsWith('.js'))
      .toSorted())
      hash.update(readFileSync(join(folder, file)))
  }
  return hash.digest('hex')
}
