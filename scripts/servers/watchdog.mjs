import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * The shell remembers the last line it was told. When nobody can tell it anything any more, this process has ended, in whatever way (also
 * by SIGKILL): then it does what that line says and removes the folder.
 */
const SCRIPT = 'while IFS= read -r line; do last=$line; done; $last; rm -rf "$1" || { sleep 1; rm -rf "$1"; }'

/**
 * @typedef {object} Watchdog
 * @property {(command: string) => void} onEnd the command to run at the end, instead of the one before
 * @property {() => Promise<void>} end now
 */

/**
 * Ends what this process started, even if this process can not any more.
 * @param {string} folder removed at the end
 * @returns {Watchdog}
 */
export function watchdog(folder) {
  const shell = spawn('sh', ['-c', SCRIPT, 'watchdog', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.unref()
  const ended = once(shell, 'exit')
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref()
  shell.stdin.on('error', () => undefined)
  return {
    onEnd: (command) => void shell.stdin.write(`${command}\n`),
    async end() {
      shell.ref()
      shell.stdin.end()
      await ended
    },
  }
}
