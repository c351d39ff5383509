import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { certificate } from './certificate.mjs'
import { command } from './connection.mjs'
import { dockerProgram } from './docker.mjs'
import { freePort } from './free-port.mjs'
import { thisMachine } from './machine.mjs'
import { advice, NoServerError, programOnPath } from './program.mjs'
import { ReplyError } from './resp.mjs'
import { lastWords, launch } from './server-process.mjs'
import { watchdog } from './watchdog.mjs'

/**
 * @typedef {object} ServerOptions
 * @property {boolean} [appendOnly] keep every write in a file, so that it outlives the process; flushed to the disk once a second
 * @property {string} [password]
 * @property {boolean} [tls] with a certificate of its own: `ca` of the server
 * @property {Readonly<Record<string, string | number | readonly string[]>>} [settings] further directives of the configuration file, a list
 *   for one that is given several times: `{ maxmemory: '4mb', user: ['reader on >secret ~* +@read'] }`
 *
 * @typedef {object} Server a server of one test's own, in a folder of its own; both are gone when this process ends, however it ends
 * @property {string} url with the password, if it has one
 * @property {string} [ca] the certificate to trust
 * @property {number} port
 * @property {number} pid of its current run
 * @property {string} folder
 * @property {string} version empty if it runs in Docker
 * @property {() => Promise<void>} kill SIGKILL, as a crash would
 * @property {() => Promise<void>} restart on the same port and folder; a server that still runs is first asked to end
 * @property {(name: NodeJS.Signals) => void} signal for example SIGSTOP and SIGCONT
 * @property {() => Promise<void>} stop and remove the folder
 */

const PATIENCE_MS = 30_000
const MOST_PORTS = 5

/**
 * Starts a server and resolves when it answers.
 * @param {import('./kinds.mjs').Kind} kind
 * @param {ServerOptions} [options]
 * @returns {Promise<Server>}
 */
export async function startServer(kind, options = {}) {
  const program = programFor(kind)
  const folder = mkdtempSync(join(tmpdir(), `millrace-${kind}-`))
  const guard = watchdog(folder)
  const tls = options.tls === true ? certificate() : undefined
  if (tls !== undefined) writeFileSync(join(folder, 'tls.pem'), tls.key + tls.certificate, { mode: 0o600 })
  const isBoxed = program.how === 'docker'

  const start = async (/** @type {number} */ port) => {
    writeFileSync(join(folder, 'server.conf'), configuration({ folder, port, isBoxed, options }))
    const run = launch({ kind, program, folder, port, guard })
    await answers({ url: urlOf(port, options), ca: tls?.certificate, pid: isBoxed ? undefined : run.pid }, run, folder)
    return run
  }
  const startSomewhere = async () => {
    for (let tries = 1; ; tries++) {
      const port = await freePort()
      try {
        return { port, run: await start(port) }
      } catch (error) {
        if (tries < MOST_PORTS && /address already in use/i.test(String(error))) continue
        await guard.end()
        throw error
      }
    }
  }

  const started = await startSomewhere()
  const { port } = started
  let { run } = started
  const end = async (/** @type {NodeJS.Signals} */ signal) => {
    run.signal(signal)
    await run.ended()
  }
  return {
    url: urlOf(port, options),
    ...(tls === undefined ? {} : { ca: tls.certificate }),
    port,
    get pid() {
      return run.pid
    },
    folder,
    version: program.how === 'program' ? program.version : '',
    kill: () => end('SIGKILL'),
    async restart() {
      const late = setTimeout(() => run.signal('SIGKILL'), PATIENCE_MS)
      await end('SIGTERM').finally(() => clearTimeout(late))
      run = await start(port)
    },
    signal: (name) => run.signal(name),
    async stop() {
      await end('SIGKILL')
      await guard.end()
    },
  }
}

/** @param {import('./kinds.mjs').Kind} kind */
function programFor(kind) {
  const machine = thisMachine()
  const reasons = []
  for (const find of [programOnPath, dockerProgram]) {
    const found = find(kind, machine)
    if (typeof found !== 'string') return found
    reasons.push(found)
  }
  throw new NoServerError(advice(kind, reasons))
}

/** @param {number} port @param {ServerOptions} options */
function urlOf(port, { password, tls = false }) {
  const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`
  return `redis${tls ? 's' : ''}://${login}127.0.0.1:${port}`
}

/** @param {{ folder: string, port: number, isBoxed: boolean, options: ServerOptions }} server */
function configuration({ folder, port, isBoxed, options: { appendOnly = false, password, tls = false, settings } }) {
  const pem = join(folder, 'tls.pem')
  /** @type {ServerOptions['settings']} */
  const directives = {
    ...(tls
      ? { port: 0, 'tls-port': port, 'tls-cert-file': pem, 'tls-key-file': pem, 'tls-auth-clients': 'no' }
      : { port }),
    ...(isBoxed ? { bind: '0.0.0.0', 'protected-mode': 'no' } : { bind: '127.0.0.1' }),
    dir: folder,
    save: '""',
    appendonly: appendOnly ? 'yes' : 'no',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    'enable-debug-command': 'yes',
    'repl-diskless-sync-delay': 0,
    ...(password === undefined ? {} : { requirepass: JSON.stringify(password) }),
    ...settings,
  }
  const lines = Object.entries(directives).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => `${name} ${one}\n`),
  )
  return lines.join('')
}

/**
 * Resolves when the server has loaded its data and answers. A server that asks for a login answers too.
 * @param {{ url: string, ca: string | undefined, pid: number | undefined }} server
 * @param {import('./server-process.mjs').ServerProcess} run
 * @param {string} folder
 */
async function answers({ url, ca, pid }, run, folder) {
  const target = { url, ...(ca === undefined ? {} : { ca }) }
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    if (run.isOver()) throw new Error(`the server ended at once:\n${lastWords(folder)}`)
    try {
      await command(target, 'PING')
      const about = String(await command(target, 'INFO', 'server'))
      if (pid === undefined || about.includes(`process_id:${pid}\r\n`)) return
    } catch (error) {
      if (error instanceof ReplyError && !/^(LOADING|MASTERDOWN)/.test(error.message)) return
    }
    if (performance.now() > deadline) {
      run.signal('SIGKILL')
      throw new Error(`the server did not answer within ${PATIENCE_MS / 1000} s:\n${lastWords(folder)}`)
    }
    await sleep(10)
  }
}
