import { createServer } from 'node:net'

/**
 * Below the ports that systems give to outgoing connections: a client that tries again and again to reach a stopped server must not get
 * the server's own port, talk to itself, and keep the server from coming back.
 */
const LOWEST = 20_000
const HIGHEST = 32_000

/** A port on 127.0.0.1 that nobody listens on. @returns {Promise<number>} */
export async function freePort() {
  for (let tries = 0; tries < 100; tries++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
    if (await isFree(port)) return port
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST}`)
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
