// npm test: builds the packages, in CI runs the checks of the house, then every test. Arguments go to vitest.
// The last line of the output is the tally: N passed, N failed, N skipped. A failed build or check counts as a failure.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { verdictOf } from './checks/tally.mjs'
import { isCi } from './servers/machine.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const inCi = isCi(process)
const folder = mkdtempSync(join(tmpdir(), 'millrace-tally-'))
const file = join(folder, 'tally.json')

let brokenSteps = 0
if (!step('Build: every package, as it would be published', 'node', ['scripts/build.mjs'])) brokenSteps++
if (inCi && !step('Check: the rules of the house', 'node', ['scripts/check.mjs'])) brokenSteps++
const args = ['run', ...process.argv.slice(2)]
const isGreen = step('Test: every package, the example, the documentation, the scripts', 'vitest', args)

const { line, problems, ok } = verdictOf({ tally: readTally(), brokenSteps, isGreen, inCi })
rmSync(folder, { recursive: true, force: true })
for (const problem of problems) console.log(problem)
process.exitCode = ok ? 0 : 1
console.log(line)

/** Says what is about to happen, does it, and tells whether it worked. @param {string} heading @param {string} program @param {string[]} args */
function step(heading, program, args) {
  console.log(`\n== ${heading}`)
  const { status, error } = spawnSync(program, args, {
    stdio: 'inherit',
    env: { ...process.env, MILLRACE_TALLY: file },
  })
  if (error) console.log(`${program} could not start (${error.message}). Start the tests with: npm test`)
  return status === 0
}

function readTally() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return
  }
}
