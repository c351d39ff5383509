import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

/**
 * What the choice of a server depends on. A test gives another one.
 * @typedef {object} Machine
 * @property {NodeJS.ProcessEnv} env
 * @property {boolean} isRoot
 * @property {string} osRelease the text of os-release, empty where there is none
 * @property {string} apt the folder of apt's configuration
 */

/** @returns {Machine} */
export function thisMachine() {
  return { env: process.env, isRoot: process.getuid?.() === 0, osRelease: textOf('/etc/os-release'), apt: '/etc/apt' }
}

/** Whether nobody is there who could read what did not run: what is needed has to be there. @param {Pick<Machine, 'env'>} machine */
export function isCi({ env }) {
  return !['', '0', 'false'].includes(env['CI'] ?? '')
}

/** Where a program is. @param {string} name @param {Machine} machine */
export function onPath(name, { env }) {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/**
 * What a program prints, if it ends well and soon.
 * @param {string} program @param {string[]} args @param {Machine} machine @returns {string | undefined}
 */
export function outputOf(program, args, { env }) {
  const { status, stdout } = spawnSync(program, args, {
    env: { ...env, LC_ALL: 'C' },
    encoding: 'utf8',
    timeout: 10_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return status === 0 ? stdout : undefined
}

/** One value of os-release. @param {string} name @param {Machine} machine */
export function osField(name, { osRelease }) {
  return new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? ''
}

/** @param {string} file */
function textOf(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
