import { installByApt } from './apt.mjs'
import { command } from './connection.mjs'
import { dockerProgram, pull } from './docker.mjs'
import { KINDS, objection, versionIn } from './kinds.mjs'
import { advice, NoServerError, programOnPath } from './program.mjs'
import { startServer } from './start-server.mjs'

/**
 * @typedef {import('./kinds.mjs').Kind} Kind
 * @typedef {import('./machine.mjs').Machine} Machine
 * @typedef {(doing: string) => void} Say told what takes its time
 * @typedef {{ url: string, words: string, stop: () => Promise<void> }} Provided `words`: which server it is, without its password
 */

/**
 * A server for the tests: the one that the variable names, or else one of our own.
 * @param {Kind} kind
 * @param {Machine} machine
 * @param {Say} say
 * @returns {Promise<Provided>} rejects with a NoServerError that says what to do if there is none
 */
export async function provide(kind, machine, say) {
  const { title, variable } = KINDS[kind]
  const url = machine.env[variable] ?? ''
  if (url !== '') {
    const version = await versionAt(kind, url)
    return { url, words: `${title} ${version} (${variable})`, stop: async () => undefined }
  }
  const program = await findProgram(kind, machine, say)
  const server = await startServer(kind)
  const version = await versionAt(kind, server.url)
  const from = program.how === 'docker' ? `Docker, ${program.image}` : program.file
  return { url: server.url, words: `${title} ${version} (${from})`, stop: server.stop }
}

/**
 * How to start a server here: its program on PATH, else installed by apt, else Docker.
 * @param {Kind} kind
 * @param {Machine} machine
 * @param {Say} say
 * @returns {Promise<import('./program.mjs').Program>} rejects with a NoServerError if there is no way
 */
export async function findProgram(kind, machine, say) {
  const ways = [
    () => programOnPath(kind, machine),
    async () => (await installByApt(kind, machine, say)) ?? programOnPath(kind, machine),
    () => dockerProgram(kind, machine),
  ]
  const reasons = [`${KINDS[kind].variable} is not set`]
  for (const way of ways) {
    const found = await way()
    const problem = typeof found === 'string' ? found : await pull(found, machine, say)
    if (problem === undefined && typeof found !== 'string') return found
    reasons.push(problem ?? '')
  }
  throw new NoServerError(advice(kind, reasons))
}

/** @param {Kind} kind @param {string} url */
async function versionAt(kind, url) {
  const { variable, example } = KINDS[kind]
  if (!URL.canParse(url)) throw new NoServerError(`${variable} is not a URL such as ${example}`)
  const about = await command(url, 'INFO', 'server').catch((error) => {
    // Of a host with several addresses the message is empty.
    const why = error.message === '' ? error.code : error.message
    throw new NoServerError(`${variable} names a server that can not be used: ${why}`, { cause: error })
  })
  const found = versionIn(String(about))
  const problem = objection(kind, found)
  if (found === undefined || problem !== undefined)
    throw new NoServerError(`The server that ${variable} names ${problem}`)
  return found.version
}
