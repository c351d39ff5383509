import { KINDS, objection, versionIn } from './kinds.mjs'
import { onPath, outputOf } from './machine.mjs'

/**
 * How a server can be started here.
 * @typedef {{ how: 'program', file: string, version: string } | { how: 'docker', image: string }} Program
 * @typedef {import('./kinds.mjs').Kind} Kind
 * @typedef {import('./machine.mjs').Machine} Machine
 */

/** There is no server; the message says what to do. */
export class NoServerError extends Error {
  /** @override */
  name = 'NoServerError'
}

/** The program on PATH, or why none will do. @param {Kind} kind @param {Machine} machine @returns {Program | string} */
export function programOnPath(kind, machine) {
  const { program } = KINDS[kind]
  const file = onPath(program, machine)
  if (file === undefined) return `${program} is not on PATH`
  const found = versionIn(outputOf(file, ['--version'], machine) ?? '')
  const problem = objection(kind, found)
  if (found === undefined || problem !== undefined) return `${program} on PATH ${problem}`
  return { how: 'program', file, version: found.version }
}

/**
 * What to do when there is no server.
 * @param {Kind} kind
 * @param {readonly string[]} reasons why each way failed
 */
export function advice(kind, reasons) {
  const { title, program, variable, example, oldest } = KINDS[kind]
  return [
    `These tests need ${title} ${oldest} or newer, and there is none:`,
    ...reasons.map((reason) => `  - ${reason}`),
    `Install ${program} (Debian, Ubuntu: apt-get install ${program}; macOS: brew install ${kind}), start Docker,`,
    `or name a running server: ${variable}=${example} (docker compose up --detach --wait starts one there).`,
    'Tests that need no server: npm test -- --project core',
  ].join('\n')
}
