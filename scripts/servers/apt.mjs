import { spawn } from 'node:child_process'
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { backportsFrom, sourcesIn } from './apt-sources.mjs'
import { isOlder, KINDS } from './kinds.mjs'
import { onPath, osField, outputOf } from './machine.mjs'
import { watchdog } from './watchdog.mjs'

/**
 * @typedef {import('./machine.mjs').Machine} Machine
 * @typedef {{ machine: Machine, folder: string, say: (doing: string) => void }} Job
 */

/** The longest that one call of apt may take. */
const MOST_SECONDS = 300
const INSTALL = fileURLToPath(new URL('apt-install.sh', import.meta.url))

/**
 * Installs a server with apt, on Debian and Ubuntu as root. Where a release of Debian has it in its backports only, those are read for this
 * one call: nothing in apt's configuration changes. No service is started.
 * @param {import('./kinds.mjs').Kind} kind
 * @param {Machine} machine
 * @param {(doing: string) => void} say
 * @returns {Promise<string | undefined>} why it could not be; undefined if it is installed
 */
export async function installByApt(kind, machine, say) {
  const family = `${osField('ID', machine)} ${osField('ID_LIKE', machine)}`
  if (!/\b(debian|ubuntu)\b/.test(family)) return 'apt: not a Debian or Ubuntu'
  if (onPath('apt-get', machine) === undefined) return 'apt: apt-get is not on PATH'
  if (!machine.isRoot) return 'apt: this user is not root and can not install'

  const folder = mkdtempSync(join(tmpdir(), 'millrace-apt-'))
  const guard = watchdog(folder)
  try {
    return await install(kind, { machine, folder, say })
  } finally {
    await guard.end()
  }
}

/** @param {import('./kinds.mjs').Kind} kind @param {Job} job */
async function install(kind, job) {
  const { program, oldest } = KINDS[kind]
  const seen = []
  for (const options of places(job)) {
    job.say(`looking for ${program} with apt`)
    const update = await run('timeout', ['--kill-after=10', String(MOST_SECONDS), 'apt-get', 'update', ...options], job)
    const found = candidate(program, options, job)
    if (found !== undefined && !isOlder(found, oldest)) {
      job.say(`installing ${program} ${found} with apt`)
      const packages = ['install', '--yes', '--no-install-recommends', ...options, program]
      const { ok, tail } = await run('sh', [INSTALL, String(MOST_SECONDS), ...packages], job)
      return ok ? undefined : `apt could not install ${program}: ${tail}`
    }
    seen.push(found === undefined ? (update.ok ? 'none' : `none (${update.tail})`) : found)
  }
  return `apt has no ${program} of ${oldest} or newer: ${seen.join(', ')}`
}

/** apt's options for each place to look in: as the machine is set up, and then with the backports beside it. @param {Job} job */
function* places({ machine, folder }) {
  const base = ['-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=20', '-o', 'DPkg::Lock::Timeout=60']
  yield base
  if (osField('ID', machine) !== 'debian') return
  const parts = join(machine.apt, 'sources.list.d')
  const names = existsSync(parts) ? readdirSync(parts).filter((name) => /^[\w.-]+\.(list|sources)$/.test(name)) : []
  const files = [join(machine.apt, 'sources.list'), ...names.map((name) => join(parts, name))].filter((file) =>
    existsSync(file),
  )
  const sources = files.flatMap((file) => sourcesIn(file, readFileSync(file, 'utf8')))
  for (const text of backportsFrom(sources, osField('VERSION_CODENAME', machine))) {
    const together = join(folder, 'sources.list.d')
    rmSync(together, { recursive: true, force: true })
    if (existsSync(parts)) cpSync(parts, together, { recursive: true })
    mkdirSync(together, { recursive: true })
    writeFileSync(join(together, 'millrace-backports.sources'), text)
    yield [...base, '-o', `Dir::Etc::sourceparts=${together}`]
  }
}

/** The version that apt would install, without its epoch. @param {string} name @param {string[]} options @param {Job} job */
function candidate(name, options, { machine }) {
  const text = outputOf('apt-cache', ['policy', ...options, name], machine) ?? ''
  return /^\s*Candidate: (?:\d+:)?(\d+(?:\.\d+)*)/m.exec(text)?.[1]
}

/**
 * Runs apt on its own, with its output in a file: if this process is killed, apt still comes to an end, instead of leaving packages half
 * installed.
 * @param {string} program @param {string[]} args @param {Job} job @returns {Promise<{ ok: boolean, tail: string }>}
 */
function run(program, args, { machine, folder }) {
  const file = join(folder, 'apt.log')
  const log = openSync(file, 'w')
  const env = { ...machine.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' }
  const child = spawn(program, args, { detached: true, env, stdio: ['ignore', log, log] })
  closeSync(log)
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ ok: false, tail: message }))
    child.once('exit', (code) => {
      const tail = code === 124 ? `no end after ${MOST_SECONDS} s` : lastLine(readFileSync(file, 'utf8'))
      resolve({ ok: code === 0, tail })
    })
  })
}

/** @param {string} text */
function lastLine(text) {
  const lines = text.trim().split('\n')
  return lines.findLast((line) => line.startsWith('E: ')) ?? lines.at(-1) ?? ''
}
