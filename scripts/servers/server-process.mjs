import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { KINDS } from './kinds.mjs'

/**
 * One run of a server. With Docker `pid` is that of its client, so signals go through `signal`.
 * @typedef {object} ServerProcess
 * @property {number} pid
 * @property {() => Promise<unknown>} ended resolves when it is over; only then does it keep this process waiting
 * @property {() => boolean} isOver
 * @property {(name: NodeJS.Signals) => void} signal
 */

/**
 * Starts the program with the configuration in its folder.
 * @param {{ kind: import('./kinds.mjs').Kind, program: import('./program.mjs').Program, folder: string, port: number,
 *   guard: import('./watchdog.mjs').Watchdog }} how
 * @returns {ServerProcess}
 */
export function launch({ kind, program, folder, port, guard }) {
  const configuration = join(folder, 'server.conf')
  const container = `millrace-${randomUUID()}`
  const [file = '', ...args] =
    program.how === 'program'
      ? [program.file, configuration]
      : ['docker', ...inContainer({ container, folder, port }), program.image, KINDS[kind].program, configuration]
  const log = openSync(logOf(folder), 'a')
  const child = spawn(file, args, { detached: true, cwd: folder, stdio: ['ignore', log, log] })
  closeSync(log)
  child.unref()
  let isOver = false
  const pid = child.pid ?? 0
  const ended = new Promise((resolve) => {
    const over = () => {
      isOver = true
      guard.onEnd('')
      resolve(undefined)
    }
    child.once('exit', over)
    child.once('error', ({ message }) => {
      appendFileSync(logOf(folder), `${message}\n`)
      over()
    })
  })
  guard.onEnd(program.how === 'docker' ? `docker rm --force ${container}` : pid === 0 ? '' : `kill -9 ${pid}`)
  return {
    pid,
    ended() {
      child.ref()
      return ended
    },
    isOver: () => isOver,
    signal(name) {
      if (program.how === 'docker') spawnSync('docker', ['kill', '--signal', name, container], { stdio: 'ignore' })
      else if (!isOver) child.kill(name)
    },
  }
}

/** The last things the server said. @param {string} folder */
export function lastWords(folder) {
  return readFileSync(logOf(folder), 'utf8').trim().split('\n').slice(-8).join('\n')
}

/** @param {string} folder */
function logOf(folder) {
  return join(folder, 'server.log')
}

/** The folder has the same name inside, and the files stay ours. @param {{ container: string, folder: string, port: number }} where */
function inContainer({ container, folder, port }) {
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`
  const published = `127.0.0.1:${port}:${port}`
  const mounted = `${folder}:${folder}`
  return ['run', '--rm', '--name', container, '--user', user, '--publish', published, '--volume', mounted]
}
