import { expect, it } from 'vitest'
import { exchangeOf, pairing } from '../servers/pairing.mjs'
import { parseLine } from '../servers/monitor.mjs'
import { frames, ReplyError, request, valueOf } from '../servers/resp.mjs'

const samples: readonly (readonly [text: string, value: unknown])[] = [
  ['+OK\r\n', 'OK'],
  ['-ERR no\r\n', new ReplyError('ERR no')],
  [':-7\r\n', -7],
  ['$5\r\na\r\nbc\r\n', 'a\r\nbc'],
  ['$0\r\n\r\n', ''],
  ['$-1\r\n', null],
  ['*-1\r\n', null],
  ['*0\r\n', []],
  ['*3\r\n:1\r\n*2\r\n+a\r\n$1\r\nb\r\n_\r\n', [1, ['a', 'b'], null]],
  ['%2\r\n+a\r\n:1\r\n+b\r\n#t\r\n', ['a', 1, 'b', true]],
  ['~2\r\n,1.5\r\n(123456789012345678901\r\n', [1.5, '123456789012345678901']],
  ['=6\r\ntxt:ab\r\n', 'ab'],
  ['!6\r\nERR no\r\n', new ReplyError('ERR no')],
  ['|1\r\n+ttl\r\n:3\r\n$1\r\nv\r\n', 'v'],
  ['>2\r\n+message\r\n$2\r\nü\r\n', ['message', 'ü']],
  ['PING a\r\n', ['PING', 'a']],
]

it.for(samples)('reads %j', ([text, value]) => {
  expect(valueOf(Buffer.from(text))).toEqual(value)
})

it('cuts a stream at the same places wherever the network cuts it', () => {
  const texts = samples.map(([text]) => text)
  const stream = Buffer.from(texts.join(''))
  for (const size of [1, 2, 3, 7, 64, stream.length]) {
    const framesOf = frames()
    const found: string[] = []
    for (let at = 0; at < stream.length; at += size) {
      for (const frame of framesOf(stream.subarray(at, at + size))) found.push(frame.toString())
    }
    expect(found).toEqual(texts)
  }
})

it('writes what it reads', () => {
  expect(valueOf(request(['SET', 'k', 'ü\r\n', 7, Buffer.from('b')]))).toEqual(['SET', 'k', 'ü\r\n', '7', 'b'])
})

/** Sends the commands on one connection and answers, for each thing that comes back, whose reply it is. */
function pair(commands: readonly string[], replies: readonly string[]): readonly (string | undefined)[] {
  const pairs = pairing()
  for (const command of commands) pairs.request(exchangeOf(request(command.split(' '))))
  return replies.map((text) => {
    const exchange = pairs.reply(Buffer.from(text))
    return (
      exchange && [exchange.name, ...exchange.args, ...(exchange.error === undefined ? [] : [exchange.error])].join(' ')
    )
  })
}
const bulk = (...words: string[]): string => request(words).toString()
const push = (...words: string[]): string => bulk(...words).replace('*', '>')

it.for([
  [
    'pipelined commands',
    ['SET a 1', 'GET a', 'INCR b'],
    ['+OK\r\n', '-ERR x\r\n', ':1\r\n'],
    ['set a 1', 'get a ERR x', 'incr b'],
  ],
  [
    'a transaction',
    ['MULTI', 'SET a 1', 'EXEC', 'GET a'],
    ['+OK\r\n', '+QUEUED\r\n', '*1\r\n+OK\r\n', '$1\r\n1\r\n'],
    ['multi', 'set a 1', 'exec', 'get a'],
  ],
  [
    'pushes between replies',
    ['GET a', 'GET b'],
    [push('invalidate', 'a'), '_\r\n', push('x'), '_\r\n'],
    [undefined, 'get a', undefined, 'get b'],
  ],
  [
    'RESP3 channels',
    ['SUBSCRIBE a b', 'GET c', 'UNSUBSCRIBE a', 'GET d'],
    [
      push('subscribe', 'a', '1'),
      push('message', 'a', 'm'),
      push('subscribe', 'b', '2'),
      '_\r\n',
      push('unsubscribe', 'a', '1'),
      '_\r\n',
    ],
    [undefined, undefined, undefined, 'get c', undefined, 'get d'],
  ],
  [
    'RESP2 channels',
    ['PSUBSCRIBE a', 'PING', 'UNSUBSCRIBE', 'GET d'],
    [
      bulk('psubscribe', 'a', '1'),
      bulk('pmessage', 'a', 'a', 'm'),
      bulk('pong', ''),
      bulk('unsubscribe', 'a', '0'),
      '$-1\r\n',
    ],
    [undefined, undefined, 'ping', undefined, 'get d'],
  ],
  ['a refused channel', ['SUBSCRIBE a', 'GET b'], ['-NOPERM no\r\n', '_\r\n'], ['subscribe a NOPERM no', 'get b']],
  ['MONITOR', ['MONITOR'], ['+OK\r\n', '+1.1 [0 lua] "GET" "a"\r\n'], ['monitor', undefined]],
  ['an array that is no message', ['LRANGE a 0 -1'], [bulk('message', 'x')], ['lrange a 0 -1']],
] as const)('knows whose reply it is: %s', ([, commands, replies, whose]) => {
  expect(pair(commands, replies)).toEqual(whose)
})

it('knows when every request has its reply, also of a server that gives none', () => {
  const pairs = pairing()
  const ask = (text: string): void => pairs.request(exchangeOf(Buffer.from(text)))
  expect(pairs.isEven()).toBe(true)
  ask('\r\n')
  expect(pairs.isEven()).toBe(true)
  ask('PING\r\n')
  expect(pairs.isEven()).toBe(false)
  pairs.reply(Buffer.from('+PONG\r\n'))
  expect(pairs.isEven()).toBe(true)
  ask('client reply off\r\n')
  ask('PING\r\n')
  expect(pairs.isEven()).toBe(true)
})

it('reads a line of MONITOR', () => {
  expect(parseLine(String.raw`1795484094.123456 [3 127.0.0.1:5000] "SET" "k \"x\"" "\xc3\xbc\n\\n\x00"`)).toEqual({
    lua: false,
    client: '127.0.0.1:5000',
    command: 'set',
    args: ['k "x"', 'ü\n\\n\u0000'],
  })
  expect(parseLine('1.1 [0 lua] "zadd" "" "1"')).toMatchObject({ lua: true, client: 'lua', args: ['', '1'] })
  expect(parseLine('1.1 [0 unix:/tmp/a b.sock] "GET" "k"')).toMatchObject({ lua: false, command: 'get', args: ['k'] })
})
