import { filesBelow, read } from '../files.mjs'
import { callsOf, isPunct } from './calls.mjs'
import { scan } from './tokens.mjs'

/** @typedef {import('./tokens.mjs').LuaToken} LuaToken */

const LUA = 'packages/redis-protocol/lua'

/** What scripts may issue. Each names its keys, costs no more than what it is asked for, and is the same on every server that we support. */
export const READS = new Set(
  'EXISTS GET HEXISTS HGET HGETALL HKEYS HLEN HMGET HSTRLEN LLEN LRANGE SCARD SISMEMBER SMEMBERS TIME TYPE ZCARD ZCOUNT ZMSCORE ZRANGE ZRANK ZSCORE'.split(
    ' ',
  ),
)
export const WRITES = new Set(
  'DEL HDEL HINCRBY HSET HSETNX LPUSH PUBLISH RPUSH SADD SET SREM UNLINK ZADD ZINCRBY ZPOPMAX ZPOPMIN ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE'.split(
    ' ',
  ),
)

/** Their second argument is no key. */
export const KEYLESS = new Set(['TIME', 'PUBLISH'])

/** What sends a command: the server's own functions, and that of the plan which cuts long ones into pieces. */
export const SENDERS = new Set(['redis.call', 'redis.pcall', 'send'])

/**
 * The commands that the scripts issue, sorted: what the least user who may run them needs, beside EVAL and EVALSHA.
 * @param {string} root
 * @returns {string[]}
 */
export function commandsIn(root) {
  const files = filesBelow(root, LUA).filter((file) => file.endsWith('.lua'))
  const names = files.flatMap((file) => issuedIn(scan(read(root, file)).tokens))
  return [...new Set(names)].toSorted()
}

/**
 * The commands that are written out where they are sent.
 * @param {LuaToken[]} tokens
 * @returns {string[]}
 */
export function issuedIn(tokens) {
  return callsOf(tokens).flatMap(({ name, args }) => {
    const command = SENDERS.has(name) ? literal(args[0]) : undefined
    return command === undefined ? [] : [command]
  })
}

/**
 * The commands of a table of trials: `{ { 'TYPE', key }, ... }`.
 * @param {LuaToken[]} tokens
 * @returns {string[]}
 */
export function triedIn(tokens) {
  return tokens.flatMap((token, at) => {
    const isFirst = token.kind === 'string' && isPunct(tokens[at - 1], '{')
    return isFirst && (READS.has(token.text) || WRITES.has(token.text)) ? [token.text] : []
  })
}

/** The text of an argument that is one string, and nothing else. @param {LuaToken[] | undefined} arg */
export function literal(arg) {
  const token = arg?.[0]
  return arg?.length === 1 && token?.kind === 'string' ? token.text : undefined
}
