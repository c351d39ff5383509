// Makes the checkout ready: installs exactly what pnpm-lock.yaml says, once. Plain Node without dependencies, since nothing is installed yet.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const OLDEST_NODE = 20
const STAMP = 'node_modules/.setup-stamp'
const OFFLINE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|NO_OFFLINE|dns error|error sending request/i

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const major = Number(process.versions.node.split('.')[0])
if (major < OLDEST_NODE) {
  stop(
    `Millrace needs Node ${OLDEST_NODE} or newer to set itself up; this is ${process.version}.`,
    'Install a current Node and try again.',
  )
}

const wanted = fingerprint()
if (existsSync('node_modules/.bin/node') && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) process.exit(0)

const { pnpm, node } = pinned()
console.log(`Setting up: installing the dependencies with pnpm ${pnpm} (the first time takes about half a minute).`)
console.log(`Everything then runs on Node ${node}, whatever Node is on this machine.`)
const started = Date.now()
rmSync(STAMP, { force: true })
const { code, output } = await install(pnpm)
if (code !== 0) {
  if (OFFLINE.test(output))
    stop(
      'The npm registry could not be reached, so the dependencies are not installed.',
      'Check the network (or the registry and proxy settings of npm) and try again.',
    )
  if (output.includes('OUTDATED_LOCKFILE'))
    stop('pnpm-lock.yaml does not match a package.json.', `Run: npx pnpm@${pnpm} install`)
  stop(
    `The install failed (exit code ${code}). The reason is in the lines above.`,
    'Delete node_modules and try again if they do not help.',
  )
}
writeFileSync(STAMP, wanted)
console.log(`Set up in ${seconds(started)}.\n`)

/** Changes when what has to be installed changes. */
function fingerprint() {
  const hash = createHash('sha256')
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(file))
  return hash.digest('hex')
}

function pinned() {
  return JSON.parse(readFileSync('package.json', 'utf8')).devDependencies
}

/** Runs the pinned pnpm, shows what it prints, and says every two silent seconds that it is still at it. @param {string} pnpm @returns {Promise<{ code: number, output: string }>} */
function install(pnpm) {
  const command = ['--yes', `pnpm@${pnpm}`, 'install', '--frozen-lockfile', '--prefer-offline']
  const child = spawn('npx', command, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, CI: 'true' } })
  let output = ''
  let lastWord = Date.now()
  const show = (/** @type {Buffer} */ chunk) => {
    lastWord = Date.now()
    output += chunk
    process.stdout.write(chunk)
  }
  child.stdout.on('data', show)
  child.stderr.on('data', show)
  const ticker = setInterval(() => {
    if (Date.now() - lastWord >= 1900) console.log(`  still installing (${seconds(started)})`)
  }, 2000)
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: `${output}${error.message}` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  }).finally(() => clearInterval(ticker))
}

/** @param {number} since */
function seconds(since) {
  return `${Math.round((Date.now() - since) / 1000)} s`
}

/** @param {string} problem @param {string} advice @returns {never} */
function stop(problem, advice) {
  console.error(`\n${problem}\n${advice}`)
  process.exit(1)
}
