import { randomUUID } from 'node:crypto'
import { command, connect } from './connection.mjs'

/**
 * One command that the server ran.
 * @typedef {object} Line
 * @property {boolean} lua whether a script ran it
 * @property {string} client the address of the client, or `lua`
 * @property {string} command its name in lower case
 * @property {string[]} args
 */

/**
 * Listens to every command that the server runs, those inside scripts as well (MONITOR).
 * `lines()` is complete: what the server ran before it was asked for is in it.
 * @param {import('./connection.mjs').Target} target
 * @returns {Promise<{ lines(): Promise<Line[]>, close(): void }>}
 */
export async function monitor(target) {
  /** @type {Line[]} */
  const lines = []
  /** @type {Map<string, () => void>} */
  const awaited = new Map()
  const connection = await connect(target)
  connection.onExtra((value) => {
    const line = parseLine(String(value))
    const [mark = ''] = line.args
    const arrived = line.command === 'echo' ? awaited.get(mark) : undefined
    if (arrived === undefined) lines.push(line)
    else arrived()
  })
  await connection.send('MONITOR')
  return {
    async lines() {
      const mark = randomUUID()
      const arrived = new Promise((resolve) => awaited.set(mark, () => resolve(undefined)))
      await command(target, 'ECHO', mark)
      await arrived
      return [...lines]
    },
    close: () => connection.close(),
  }
}

/** `1700000000.123456 [0 127.0.0.1:50000] "set" "key" "a \"value\""` @param {string} text @returns {Line} */
export function parseLine(text) {
  const [, client = '', rest = ''] = /^\d+\.\d+ \[\d+ (.*?)\] (".*)$/s.exec(text) ?? []
  const [name = '', ...args] = Array.from(rest.matchAll(/"((?:[^"\\]|\\.)*)"/gs), ([, word = '']) => unescaped(word))
  return { lua: client === 'lua', client, command: name.toLowerCase(), args }
}

const ESCAPES = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['a', '\u0007'],
  ['b', '\b'],
])

/** The server writes every byte that is not printable ASCII as `\xhh`. @param {string} word */
function unescaped(word) {
  const bytes = word.replace(/\\(?:x([0-9a-f]{2})|(.))/gs, (_, hex, sign) =>
    hex === undefined ? (ESCAPES.get(sign) ?? sign) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
