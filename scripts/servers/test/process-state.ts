import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** As `ps` shows it: S sleeps, R runs, T is stopped, Z has ended and nobody has asked how yet; undefined if there is no such process. */
export function stateOf(pid: number): string | undefined {
  if (!existsSync('/proc/self/stat')) return spawnSync('ps', ['-o', 'state=', '-p', String(pid)]).stdout.toString()[0]
  try {
    return /^\d+ \(.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

export function isRunning(pid: number): boolean {
  return ![undefined, 'Z', 'X'].includes(stateOf(pid))
}
