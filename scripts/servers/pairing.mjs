import { ReplyError, signOf, valueOf } from './resp.mjs'

/**
 * A command and, once it is there, what became of it.
 * @typedef {object} Exchange
 * @property {string} name in lower case
 * @property {string[]} args
 * @property {string} [error] the error that the server replied
 * @property {string} [reply] how any other reply begins, as it travels
 */

/**
 * Of one connection: which reply belongs to which request. Replies come in the order of the requests, under pipelining and inside MULTI too;
 * what comes besides (RESP3's pushes, messages of channels) belongs to none.
 * @typedef {object} Pairing
 * @property {(exchange: Exchange) => void} request
 * @property {(frame: Buffer) => Exchange | undefined} reply undefined for what is no reply
 * @property {() => boolean} isEven whether every request has its reply
 */

const SUBSCRIBING = /^[ps]?(?:un)?subscribe$/
const MESSAGE = /^[ps]?(?:message|(?:un)?subscribe)$/
/** Enough to tell replies apart. */
const SHOWN_BYTES = 64
/** From here on the server talks without being asked, or no longer answers. */
const MUTE = new Set(['client reply off', 'client reply skip'])

/** @returns {Pairing} */
export function pairing() {
  /** @type {{ exchange: Exchange, confirmations: number }[]} */
  const asked = []
  let isMute = false
  let hasChannels = false

  /** Each channel is confirmed by a message of its own; there is no other reply. @param {string} kind */
  const confirm = (kind) => {
    const [first] = asked
    if (first?.exchange.name !== kind) return
    first.confirmations--
    if (first.confirmations <= 0) asked.shift()
  }
  return {
    request(exchange) {
      const { name, args } = exchange
      const isSubscribing = SUBSCRIBING.test(name)
      hasChannels ||= isSubscribing
      isMute ||= MUTE.has([name, ...args].join(' ').toLowerCase())
      if (name !== '' && !isMute) asked.push({ exchange, confirmations: isSubscribing ? Math.max(1, args.length) : 0 })
    },
    reply(frame) {
      const sign = signOf(frame)
      const kind = sign === '>' || (sign === '*' && hasChannels) ? wordsOf(frame)[0] : undefined
      if (sign === '>' || (kind !== undefined && MESSAGE.test(kind))) {
        confirm(kind ?? '')
        return
      }
      const first = asked.shift()
      if (first?.exchange.name === 'monitor') isMute = true
      if (first === undefined) return
      if (sign !== '-') return { ...first.exchange, reply: frame.toString('utf8', 0, SHOWN_BYTES) }
      const error = valueOf(frame)
      return { ...first.exchange, error: error instanceof ReplyError ? error.message : '' }
    },
    isEven: () => asked.length === 0,
  }
}

/** @param {Buffer} frame a request @returns {Exchange} */
export function exchangeOf(frame) {
  const [name = '', ...args] = wordsOf(frame)
  return { name: name.toLowerCase(), args }
}

/** @param {Buffer} frame */
function wordsOf(frame) {
  const value = valueOf(frame)
  return Array.isArray(value) ? value.map(String) : []
}
