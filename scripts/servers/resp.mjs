/**
 * @typedef {string | number | boolean | null | ReplyError | Reply[]} Reply what a server answers; maps and sets are flat arrays, as in RESP2
 */

/** An error that the server answered, its code first. */
export class ReplyError extends Error {
  /** @override */
  name = 'ReplyError'
}

/** A command as it travels. @param {readonly (string | number | Buffer)[]} words */
export function request(words) {
  /** @type {Buffer[]} */
  const parts = [Buffer.from(`*${words.length}\r\n`)]
  for (const word of words) {
    const bytes = Buffer.isBuffer(word) ? word : Buffer.from(String(word))
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}

/**
 * Cuts a stream of bytes into whole values (RESP2 and RESP3, requests and replies): every byte is in exactly one, in order.
 * @returns {(chunk: Buffer) => Buffer[]}
 */
export function frames() {
  /** @type {Buffer[]} */
  let parts = []
  let size = 0
  let wanted = 1
  return (chunk) => {
    parts.push(chunk)
    size += chunk.length
    if (size < wanted) return []
    const bytes = Buffer.concat(parts)
    const whole = []
    let start = 0
    for (;;) {
      const end = start === bytes.length ? start + 1 : endOf(bytes, start)
      if (end > bytes.length) {
        wanted = end - start
        break
      }
      whole.push(bytes.subarray(start, end))
      start = end
    }
    parts = [bytes.subarray(start)]
    size = bytes.length - start
    return whole
  }
}

/** @param {Buffer} frame @returns {Reply} */
export function valueOf(frame) {
  return read(frame, 0).value
}

/** Which kind of value it is: the sign it begins with. @param {Buffer} frame */
export function signOf(frame) {
  return String.fromCharCode(frame[0] ?? 0)
}

/**
 * Where the value that starts at `start` ends. Beyond the end of `bytes` if it is not whole: so many bytes are needed at least.
 * @param {Buffer} bytes @param {number} start @returns {number}
 */
function endOf(bytes, start) {
  const line = bytes.indexOf('\r\n', start)
  if (line === -1) return bytes.length + 1
  const after = line + 2
  const sign = String.fromCharCode(bytes[start] ?? 0)
  if (!'$=!*~>%|'.includes(sign)) return after
  const count = Number(bytes.toString('latin1', start + 1, line))
  if (!(count >= 0)) return after
  if ('$=!'.includes(sign)) return after + count + 2
  let at = after
  for (let left = elements(sign, count); left > 0; left--) {
    if (at >= bytes.length) return bytes.length + 1
    at = endOf(bytes, at)
    if (at > bytes.length) return at
  }
  return at
}

/** An attribute says something about the value that follows, and is one with it. @param {string} sign @param {number} count */
function elements(sign, count) {
  return sign === '%' ? 2 * count : sign === '|' ? 2 * count + 1 : count
}

/** @param {Buffer} bytes @param {number} start @returns {{ value: Reply, end: number }} */
function read(bytes, start) {
  const line = bytes.indexOf('\r\n', start)
  const end = line + 2
  const sign = String.fromCharCode(bytes[start] ?? 0)
  const text = bytes.toString('utf8', start + 1, line)
  if ('*~>%|'.includes(sign)) return readMany(bytes, { sign, count: Number(text), start: end })
  if ('$=!'.includes(sign)) {
    const size = Number(text)
    if (size < 0) return { value: null, end }
    const content = bytes.toString('utf8', sign === '=' ? end + 4 : end, end + size)
    return { value: sign === '!' ? new ReplyError(content) : content, end: end + size + 2 }
  }
  if (sign === '-') return { value: new ReplyError(text), end }
  if (sign === ':' || sign === ',') return { value: Number(text), end }
  if (sign === '_') return { value: null, end }
  if (sign === '#') return { value: text === 't', end }
  if (sign === '+' || sign === '(') return { value: text, end }
  return { value: bytes.toString('utf8', start, line).trim().split(/\s+/), end }
}

/** @param {Buffer} bytes @param {{ sign: string, count: number, start: number }} head @returns {{ value: Reply, end: number }} */
function readMany(bytes, { sign, count, start }) {
  if (count < 0) return { value: null, end: start }
  const values = []
  let end = start
  for (let left = elements(sign, count); left > 0; left--) {
    const element = read(bytes, end)
    values.push(element.value)
    end = element.end
  }
  return { value: sign === '|' ? (values.at(-1) ?? null) : values, end }
}
