import process from 'node:process'
import { KINDS } from './kinds.mjs'
import { thisMachine } from './machine.mjs'
import { NoServerError } from './program.mjs'
import { progress } from './progress.mjs'
import { provide } from './provide.mjs'

/** Each project loads this module anew; what another project has provided is remembered here. */
const PROVIDED = Symbol.for('millrace.test-servers')

/**
 * Vitest runs this once for each project that needs servers, before its tests. They find the servers in MILLRACE_TEST_REDIS_URL and
 * MILLRACE_TEST_VALKEY_URL. A project that is called `redis` or `valkey` needs that one only, all others need both.
 * @param {{ name: string }} project
 * @returns {Promise<() => Promise<void>>} stops what was started
 */
export async function setup({ name }) {
  const provided = providedSoFar()
  const wanted = kinds().filter(
    (kind) => !provided.has(kind) && (name === kind || !kinds().some((other) => other === name)),
  )
  if (wanted.length === 0) return async () => undefined

  const { say, done } = progress()
  /** @type {import('./provide.mjs').Provided[]} */
  const servers = []
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())))
  try {
    for (const kind of wanted) {
      const server = await provide(kind, thisMachine(), say)
      servers.push(server)
      provided.add(kind)
      process.env[KINDS[kind].variable] = server.url
    }
  } catch (error) {
    await stop()
    if (!(error instanceof NoServerError)) throw error
    // Vitest would say that it found no test files; the message is what there is to know.
    console.error(`\n${error.message}`)
    process.exit(1)
  } finally {
    done()
  }
  console.log(`Servers: ${servers.map(({ words }) => words).join(', ')}`)
  return stop
}

/** @returns {Set<import('./kinds.mjs').Kind>} */
function providedSoFar() {
  const known = Reflect.get(globalThis, PROVIDED)
  if (known instanceof Set) return known
  const fresh = new Set()
  Reflect.set(globalThis, PROVIDED, fresh)
  return fresh
}

/** @returns {import('./kinds.mjs').Kind[]} */
function kinds() {
  return ['redis', 'valkey']
}
