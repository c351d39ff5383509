import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { channelError, connectionError, replyError } from '../src/server-error.ts'

describe('an error reply', () => {
  it.for([
    ["OOM command not allowed when used memory > 'maxmemory'.", 'out_of_memory', true],
    ['BUSY Redis is busy running a script.', 'busy', true],
    ['LOADING Redis is loading the dataset in memory', 'busy', true],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'busy', true],
    ["READONLY You can't write against a read only replica.", 'read_only', true],
    ['MISCONF Errors writing to the AOF file', 'read_only', true],
    ['NOREPLICAS Not enough good replicas to write.', 'read_only', true],
    ['NOAUTH Authentication required.', 'auth', false],
    ['WRONGPASS invalid username-password pair', 'auth', false],
    ["NOPERM User x has no permissions to run the 'hset' command", 'permission', false],
    ['CLUSTERDOWN The cluster is down', 'cluster', true],
    ['MOVED 3999 127.0.0.1:6381', 'cluster', true],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'corrupt_record', false],
    ['MILLRACE_VERSION the namespace has schema 2.0', 'version_mismatch', false],
    [
      "ERR The user executing the script can't run this command or subcommand script: a, on @user_script:1.",
      'permission',
      false,
    ],
    [
      "ERR The user executing the script can't publish to the channel mentioned in the command script: a, on @user_script:1.",
      'permission',
      false,
    ],
    [
      "ERR The user executing the script can't access at least one of the keys mentioned in the command arguments script: a",
      'permission',
      false,
    ],
    ['ERR WRONGTYPE Operation against a key script: a, on @user_script:1.', 'corrupt_record', false],
    ['ERR unknown command', 'unsupported_server', false],
  ] as const)('%s is %s', ([message, code, retryable]) => {
    const error = replyError(new Error(message))
    expect(error).toMatchObject({ code, retryable, indeterminate: false })
    expect(error.message).toContain(message.replace(/^ERR /, ''))
  })
})

it('shows nothing of what was sent, which the server quotes where it knows no such command', () => {
  const quote = "ERR unknown command 'auth', with args beginning with: 'ann' 'SECRET' "
  for (const error of [replyError(new Error(quote)), connectionError(new Error(quote)), connectionError(quote)]) {
    expect(error.message).toMatch(/unknown command 'auth'$/)
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('SECRET')
  }
})

it('takes a lost connection for indeterminate, and a refused password for what it is', () => {
  expect(connectionError(new Error('connect ECONNREFUSED'))).toMatchObject({ code: 'connection', indeterminate: true })
  expect(connectionError('cut')).toMatchObject({ code: 'connection', indeterminate: true })
  expect(connectionError(new Error('WRONGPASS invalid'))).toMatchObject({ code: 'auth', indeterminate: false })
})

it('tells of a database that cannot be had as what does not pass by itself', () => {
  const range = connectionError(new Error('ERR DB index is out of range'))
  expect(range).toMatchObject({ code: 'unsupported_server', retryable: false, indeterminate: false })
  const select = connectionError(new Error("NOPERM User x has no permissions to run the 'select' command"))
  expect(select).toMatchObject({ code: 'permission', retryable: false, indeterminate: false })
})

it.for([
  'Unknown RESP type 72 "H". Please report this.',
  'Protocol error, got "H" as reply type byte. Please report this.',
])('takes what does not speak the protocol for another server: %s', (message) => {
  const error = connectionError(new Error(message))
  expect(error).toMatchObject({ code: 'unsupported_server', retryable: false, indeterminate: false })
  expect(error.message).toContain(message)
})

it('speaks of a database only where one was asked for', () => {
  const zcard = connectionError(
    new Error("no master answers: NOPERM User x has no permissions to run the 'zcard' command"),
  )
  expect(zcard).toMatchObject({ code: 'permission', retryable: false, indeterminate: false })
  expect(zcard.message).not.toContain('database')
  expect(zcard.message).toContain("'zcard'")
})

it('tells of a channel that cannot be had what the server says, or that it says nothing', () => {
  const refusal = Object.assign(new Error("NOPERM User x has no permissions to run the 'subscribe' command"), { name: 'ReplyError' }) // prettier-ignore
  expect(channelError(refusal)).toMatchObject({ code: 'permission', retryable: false, indeterminate: false })
  expect(channelError(refusal).message).not.toContain('database')
  expect(channelError(new Error('connect ECONNREFUSED'))).toMatchObject({ code: 'connection', retryable: true })
})

it('lets an error of ours pass as it is', () => {
  const error = replyError(new Error('OOM'))
  expect(connectionError(error)).toBe(error)
})
