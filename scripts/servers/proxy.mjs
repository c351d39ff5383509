import { once } from 'node:events'
import { createServer } from 'node:net'
import { flow } from './flow.mjs'
import { link } from './link.mjs'
import { traps } from './traps.mjs'

/**
 * @typedef {import('./pairing.mjs').Exchange} Exchange
 * @typedef {import('./traps.mjs').Match} Match
 * @typedef {'requests' | 'replies' | 'both'} Direction
 *
 * @typedef {object} Proxy stands between clients and a server, and does what networks do. Without orders it passes everything on.
 * @property {string} url of the server, through the proxy
 * @property {number} port
 * @property {() => number} connections how many are open
 * @property {(match?: Match) => Promise<Exchange>} loseReply the command has its effect, its reply never arrives, the connection breaks; resolves
 *   when it has happened. The reply that a script is not known is never lost: it had no effect.
 * @property {(match?: Match) => Promise<Exchange>} dropRequest the command does not reach the server, nor does what follows it; what came before
 *   is answered, and then the connection breaks
 * @property {() => void} disarm forgets the losses and drops that have not happened yet
 * @property {() => void} cut breaks all connections
 * @property {() => void} reset breaks all connections with RST
 * @property {(direction?: Direction) => void} pause a partition: nothing arrives any more, no end of a connection either, also on new connections
 * @property {() => void} heal what was under way arrives
 * @property {(ms: { requestsMs?: number, repliesMs?: number }) => void} delay of each direction, for what is sent from now on
 * @property {() => Promise<void>} close
 */

const DIRECTIONS = /** @type {const} */ (['requests', 'replies'])

/**
 * Speaks RESP2 and RESP3, without TLS; not for replication.
 * @param {string} url of the server
 * @returns {Promise<Proxy>}
 */
export async function startProxy(url) {
  const { hostname: host, port: digits } = new URL(url)
  const address = { host, port: Number(digits || 6379) }
  const lost = traps()
  const dropped = traps()
  /** @type {Set<import('./link.mjs').Link>} */
  const links = new Set()
  const weather = { requests: { isShut: false, ms: 0 }, replies: { isShut: false, ms: 0 } }

  const feel = (/** @type {Pick<import('./link.mjs').Link, 'requests' | 'replies'>} */ flows) => {
    for (const direction of DIRECTIONS) {
      const { isShut, ms } = weather[direction]
      flows[direction].delay(ms)
      if (isShut) flows[direction].shut()
      else flows[direction].open()
    }
  }
  const change = (/** @type {boolean} */ isShut, /** @type {Direction} */ which) => {
    for (const direction of DIRECTIONS) if (which === 'both' || which === direction) weather[direction].isShut = isShut
    for (const one of links) feel(one)
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const flows = { requests: flow(), replies: flow() }
    feel(flows)
    links.add(link(client, { ...flows, address, lost, dropped, onEnd: (one) => void links.delete(one) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  const through = new URL(url)
  through.host = `127.0.0.1:${port}`

  return {
    url: through.href,
    port,
    connections: () => links.size,
    loseReply: lost.set,
    dropRequest: dropped.set,
    disarm() {
      lost.clear()
      dropped.clear()
    },
    cut: () => links.forEach((one) => one.cut()),
    reset: () => links.forEach((one) => one.reset()),
    pause: (direction = 'both') => change(true, direction),
    heal: () => change(false, 'both'),
    delay({ requestsMs = 0, repliesMs = 0 }) {
      weather.requests.ms = requestsMs
      weather.replies.ms = repliesMs
      for (const one of links) feel(one)
    },
    async close() {
      server.close()
      for (const one of links) one.cut()
    },
  }
}

/** @param {import('node:net').Server} server */
function portOf(server) {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
