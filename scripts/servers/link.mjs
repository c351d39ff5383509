import { Socket } from 'node:net'
import { exchangeOf, pairing } from './pairing.mjs'
import { frames } from './resp.mjs'

/**
 * One client's connection through the proxy to the server.
 * @typedef {object} Link
 * @property {import('./flow.mjs').Flow} requests
 * @property {import('./flow.mjs').Flow} replies
 * @property {() => void} cut ends both sides at once; what is under way is lost
 * @property {() => void} reset the same, with RST to the client
 *
 * @typedef {object} Proxied
 * @property {import('./flow.mjs').Flow} requests
 * @property {import('./flow.mjs').Flow} replies
 * @property {{ port: number, host: string }} address of the server
 * @property {import('./traps.mjs').Traps} lost for replies
 * @property {import('./traps.mjs').Traps} dropped for requests
 * @property {(link: Link) => void} onEnd
 */

/** @param {Socket} client @param {Proxied} proxied @returns {Link} */
export function link(client, { requests, replies, address, lost, dropped, onEnd }) {
  const server = new Socket({ allowHalfOpen: true })
  // Small pieces would wait for the acknowledgement of those before them, 40 ms each time.
  server.setNoDelay(true)
  const pairs = pairing()
  /** @type {(() => void) | undefined} a trap has caught the connection; says so */
  let said
  let isDeaf = false
  let hasLeft = false

  const end = () => {
    said?.()
    requests.end()
    replies.end()
    client.destroy()
    server.destroy()
    onEnd(self)
  }
  const self = {
    requests,
    replies,
    cut: end,
    reset() {
      client.resetAndDestroy()
      end()
    },
  }

  /** The replies to what came before still arrive. */
  const cutBehindReplies = () => {
    server.destroy()
    replies.push(() => void client.end(end))
  }
  const onRequests = framewise((frame) => {
    const exchange = exchangeOf(frame)
    said = dropped.caught(exchange)
    if (said !== undefined) return false
    pairs.request(exchange)
    return true
  })
  const onReplies = framewise((frame) => {
    const exchange = pairs.reply(frame)
    if (exchange !== undefined && !isWithoutEffect(exchange) && said === undefined) {
      said = lost.caught(exchange)
      if (said !== undefined) return false
    }
    return true
  })

  // Who gave up while a partition kept the server away was never connected to it.
  requests.push(() => (hasLeft ? end() : server.connect(address)))
  for (const event of ['end', 'close']) client.on(event, () => (hasLeft = true))
  client.on('data', (chunk) => {
    if (isDeaf) return
    const { passed, isCaught } = onRequests(chunk)
    if (passed.length > 0) requests.push(() => void server.write(passed))
    isDeaf = isCaught
    if (isCaught && pairs.isEven()) cutBehindReplies()
  })
  server.on('data', (chunk) => {
    const { passed, isCaught } = onReplies(chunk)
    if (passed.length > 0) replies.push(() => void client.write(passed))
    if (isCaught || (isDeaf && pairs.isEven())) cutBehindReplies()
  })
  client.on('end', () => requests.push(() => void server.end()))
  server.on('end', () => replies.push(() => void client.end()))
  client.on('close', () => requests.push(() => server.destroySoon()))
  server.on('close', () => replies.push(() => client.destroySoon()))
  for (const socket of [client, server]) {
    socket.setNoDelay()
    socket.on('error', () => undefined)
    socket.on('close', () => client.destroyed && server.destroyed && end())
  }
  return self
}

/** @param {(frame: Buffer) => boolean} passes false catches the frame, and all after it */
function framewise(passes) {
  const framesOf = frames()
  return (/** @type {Buffer} */ chunk) => {
    const whole = framesOf(chunk)
    const at = whole.findIndex((frame) => !passes(frame))
    const passed = at === -1 ? whole : whole.slice(0, at)
    return { passed: passed.length === 1 ? (passed[0] ?? chunk) : Buffer.concat(passed), isCaught: at !== -1 }
  }
}

/** The script did not run, and the client sends it again at once. @param {import('./pairing.mjs').Exchange} exchange */
function isWithoutEffect({ error }) {
  return error?.startsWith('NOSCRIPT') === true
}
