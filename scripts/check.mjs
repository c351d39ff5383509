// Runs every check of the house: one line each, the whole output of those that fail. Names as arguments run only these.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { backendSize } from './checks/backend-size.mjs'
import { changeset } from './checks/changeset.mjs'
import { command } from './checks/command.mjs'
import { docLinks } from './checks/doc-links.mjs'
import { fileSizes } from './checks/file-sizes.mjs'
import { houseStyle } from './checks/house-style.mjs'
import { importGraph } from './checks/import-graph.mjs'
import { luaRules } from './checks/lua-rules.mjs'
import { packageContents } from './checks/package-contents.mjs'
import { trackedText } from './checks/tracked-text.mjs'
import { packAll } from './pack.mjs'

/**
 * @typedef {{ ok: boolean, output: string, note?: string }} Verdict
 * @typedef {{ name: string, run: () => Promise<Verdict> | Verdict }} Check
 */

const AT_ONCE = 2
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'millrace-pack-'))
/** @type {ReturnType<typeof packAll> | undefined} */
let packing

/** @type {Check} The packages are built by it, so it always runs, and first. */
const types = { name: 'types', run: tool('tsc', '-b') }

/** @type {Check[]} */
const others = [
  { name: 'lint', run: tool('oxlint', '--deny-warnings') },
  { name: 'format', run: tool('oxfmt', '--check') },
  { name: 'unused', run: tool('knip', '--no-config-hints') },
  { name: 'workspace', run: tool('sherif', '-i', 'typescript') },
  { name: 'publint', run: onTarballs((tarball) => command('publint', ['--strict', tarball])) },
  { name: 'attw', run: onTarballs((tarball) => command('attw', ['--profile', 'esm-only', tarball])) },
  { name: 'package-contents', run: onTarballs(contents) },
  { name: 'import-graph', run: own(importGraph) },
  { name: 'house-style', run: own(houseStyle) },
  { name: 'file-sizes', run: own(fileSizes) },
  { name: 'backend-size', run: own(backendSize) },
  { name: 'lua-rules', run: own(luaRules) },
  { name: 'generated', run: tool('node', 'scripts/generate.mjs', '--check') },
  { name: 'doc-links', run: own(docLinks) },
  { name: 'tracked-text', run: own(trackedText) },
  { name: 'changeset', run: own(changeset) },
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => ![types, ...others].some((check) => check.name === name))
if (unknown.length > 0) {
  console.error(
    `No such check: ${unknown.join(', ')}. There are: ${[types, ...others].map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}

try {
  const isWanted = (/** @type {Check} */ { name }) => wanted.length === 0 || wanted.includes(name)
  const verdicts = [await judge(types)]
  const queue = others.filter(isWanted)
  const lane = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) verdicts.push(await judge(check))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))

  const failed = verdicts.filter(({ ok }) => !ok)
  for (const { name, output } of failed) console.error(`\n--- ${name} ---\n${output.trimEnd()}`)
  const count = verdicts.length
  console.log(failed.length === 0 ? `\nAll ${count} checks are ok.` : `\n${failed.length} of ${count} checks failed.`)
  process.exitCode = failed.length === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** @param {Check} check */
async function judge({ name, run }) {
  const started = performance.now()
  /** @type {Verdict} */
  let verdict
  try {
    verdict = await run()
  } catch (error) {
    verdict = { ok: false, output: String(error) }
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const line = `${name.padEnd(18)} ${verdict.ok ? 'ok    ' : 'FAILED'} ${seconds.padStart(5)} s  ${verdict.note ?? ''}`
  console.log(line.trimEnd())
  return { name, ...verdict }
}

/** A program that says by its exit code whether all is well. @param {string} program @param {string[]} args */
function tool(program, ...args) {
  return () => command(program, args, { cwd: root })
}

/** One of our own checks. @param {(root: string) => { problems: string[], note?: string }} find */
function own(find) {
  return () => {
    const { problems, note } = find(root)
    return { ok: problems.length === 0, output: problems.join('\n'), ...(note === undefined ? {} : { note }) }
  }
}

/** A look at every package as it would be published. @param {(tarball: string) => Promise<Verdict>} look */
function onTarballs(look) {
  return async () => {
    packing ??= packAll(folder)
    const packed = await packing
    let output = ''
    for (const { name, tarball } of packed) {
      const verdict = await look(tarball)
      if (!verdict.ok) output += `${name}\n${verdict.output}\n`
    }
    return { ok: output === '', output, note: `${packed.length} packages` }
  }
}

/** @param {string} tarball */
async function contents(tarball) {
  const list = await command('tar', ['-tzf', tarball])
  const manifest = await command('tar', ['-xzOf', tarball, 'package/package.json'])
  if (!list.ok || !manifest.ok) return { ok: false, output: list.output + manifest.output }
  const files = list.stdout
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''))
  const problems = packageContents({ files, manifest: JSON.parse(manifest.stdout) })
  return { ok: problems.length === 0, output: problems.join('\n') }
}
