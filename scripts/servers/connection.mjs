import { connect as connectPlain } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { frames, ReplyError, request, valueOf } from './resp.mjs'

/**
 * @typedef {import('./resp.mjs').Reply} Reply
 * @typedef {string | { url: string, ca?: string }} Target a server: its URL (redis:, rediss:), with the certificate to trust if it has one of its own
 * @typedef {object} Connection one connection, ready and logged in
 * @property {(...words: (string | number | Buffer)[]) => Promise<Reply>} send the reply; an error reply rejects
 * @property {(listener: (value: Reply) => void) => void} onExtra told what arrives without being asked for: messages, MONITOR's lines
 * @property {() => void} close
 */

const PATIENCE_MS = 10_000
const GONE = 'the server ended the connection'

/**
 * One command on a connection of its own: what tests set up and look at beside the client under test.
 * Rejects with a ReplyError if the server refuses it, with another error if no reply comes within ten seconds.
 * @param {Target} target
 * @param {(string | number | Buffer)[]} words
 */
export async function command(target, ...words) {
  const connection = await connect(target)
  try {
    return await connection.send(...words)
  } finally {
    connection.close()
  }
}

/** @param {Target} target @returns {Promise<Connection>} */
export async function connect(target) {
  const { url, ca } = typeof target === 'string' ? { url: target } : target
  const { protocol, hostname: host, port: digits, username, password, pathname } = new URL(url)
  const port = Number(digits || 6379)
  const isTls = ['rediss:', 'valkeys:'].includes(protocol)
  const socket = isTls ? connectTls({ host, port, ...(ca === undefined ? {} : { ca }) }) : connectPlain({ host, port })
  const connection = overSocket(socket)
  try {
    await opened(socket, isTls ? 'secureConnect' : 'connect')
    const user = username === '' ? [] : [decodeURIComponent(username)]
    if (password !== '') await connection.send('AUTH', ...user, decodeURIComponent(password))
    if (pathname.length > 1) await connection.send('SELECT', pathname.slice(1))
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/** @param {import('node:net').Socket} socket @returns {Connection} */
function overSocket(socket) {
  /** @type {{ resolve: (value: Reply) => void, reject: (error: Error) => void }[]} */
  const waiting = []
  /** @type {(value: Reply) => void} */
  let extra = () => undefined
  const framesOf = frames()
  const fail = (/** @type {Error} */ error) => {
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  socket.setNoDelay()
  socket.setTimeout(PATIENCE_MS, () => {
    if (waiting.length > 0) socket.destroy(new Error(`no reply within ${PATIENCE_MS} ms`))
  })
  socket.on('data', (chunk) => {
    for (const frame of framesOf(chunk)) {
      const value = valueOf(frame)
      const first = waiting.shift()
      if (first === undefined) extra(value)
      else if (value instanceof ReplyError) first.reject(value)
      else first.resolve(value)
    }
  })
  socket.on('error', fail)
  socket.on('close', () => fail(new Error(GONE)))
  return {
    send: (...words) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('the connection is closed'))
        // Between the server's end and the close, node would say it in words of its own.
        if (socket.readableEnded) return reject(new Error(GONE))
        waiting.push({ resolve, reject })
        socket.write(request(words))
      }),
    onExtra: (listener) => (extra = listener),
    close: () => socket.destroy(),
  }
}

/** @param {import('node:net').Socket} socket @param {string} event @returns {Promise<void>} */
function opened(socket, event) {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve())
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(GONE)))
    socket.once('timeout', () => reject(new Error(`no connection within ${PATIENCE_MS} ms`)))
  })
}
