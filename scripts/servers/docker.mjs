import { spawn } from 'node:child_process'
import { KINDS } from './kinds.mjs'
import { onPath, outputOf } from './machine.mjs'

/**
 * @typedef {import('./machine.mjs').Machine} Machine
 * @typedef {import('./program.mjs').Program} Program
 */

const MOST_SECONDS = 300

/** Docker, or why it will not do. @param {import('./kinds.mjs').Kind} kind @param {Machine} machine @returns {Program | string} */
export function dockerProgram(kind, machine) {
  if (onPath('docker', machine) === undefined) return 'Docker is not installed'
  if (outputOf('docker', ['info'], machine) === undefined) return 'Docker does not answer (docker info)'
  return { how: 'docker', image: KINDS[kind].image }
}

/**
 * Fetches the image if it is not there yet. A program needs nothing.
 * @param {Program} program
 * @param {Machine} machine
 * @param {(doing: string) => void} say
 * @returns {Promise<string | undefined>} why it could not be
 */
export async function pull(program, machine, say) {
  if (program.how !== 'docker') return
  if (outputOf('docker', ['image', 'inspect', program.image], machine) !== undefined) return
  say(`fetching ${program.image} with Docker`)
  const child = spawn('docker', ['pull', '--quiet', program.image], {
    env: machine.env,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: MOST_SECONDS * 1000,
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text))
  return await new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(`Docker can not be run: ${message}`))
    child.once('close', (code) => {
      const why = code === null ? `no end after ${MOST_SECONDS} s` : errors.trim().split('\n').at(-1)
      resolve(code === 0 ? undefined : `Docker can not fetch ${program.image}: ${why}`)
    })
  })
}
