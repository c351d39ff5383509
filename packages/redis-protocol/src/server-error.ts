import { otherAging, QueueError, type ErrorCode } from '@millrace/core'

/** How the first word of a server's error reply is told to a caller. None of these has had an effect. */
const CODES: ReadonlyMap<string, ErrorCode> = new Map([
  ['OOM', 'out_of_memory'],
  ['BUSY', 'busy'],
  ['LOADING', 'busy'],
  ['TRYAGAIN', 'busy'],
  ['UNBLOCKED', 'busy'],
  ['READONLY', 'read_only'],
  ['MISCONF', 'read_only'],
  ['NOREPLICAS', 'read_only'],
  ['MASTERDOWN', 'read_only'],
  ['NOAUTH', 'auth'],
  ['WRONGPASS', 'auth'],
  ['NOPERM', 'permission'],
  ['CLUSTERDOWN', 'cluster'],
  ['MOVED', 'cluster'],
  ['ASK', 'cluster'],
  ['CROSSSLOT', 'cluster'],
  ['WRONGTYPE', 'corrupt_record'],
  ['MILLRACE_VERSION', 'version_mismatch'],
])

const WORDS: Partial<Record<ErrorCode, string>> = {
  out_of_memory: 'the server is full and refuses to store more',
  busy: 'the server is busy',
  read_only: 'the server takes no writes',
  auth: 'the server refuses the password or the user',
  permission: 'the server does not let this user do it',
  cluster: 'the cluster cannot serve this key now',
  corrupt_record: 'a key of the namespace holds something else than it should; open() names it',
  version_mismatch: 'the namespace was written by another version',
}

/** An error reply, as one of ours. */
export function replyError(reply: Error): QueueError {
  const text = withoutArguments(reply.message).replace(/^ERR /, '')
  const [, known, told] = /^-?MILLRACE_AGING (\S+) (\d+)/.exec(text) ?? []
  if (told !== undefined) return otherAging(known === '-' ? null : Number(known), Number(told))
  const code = CODES.get(/^-?([A-Z_]+)\b/.exec(text)?.[1] ?? '') ?? nestedCode(text)
  const words = code === undefined ? 'the server answered with an error' : WORDS[code]
  return new QueueError(code ?? 'unsupported_server', `${words ?? 'the server refused'}: ${text}`, {
    cause: withoutCommand(reply),
  })
}

/** Servers of version 7 wrap the errors of commands inside scripts. */
function nestedCode(text: string): ErrorCode | undefined {
  if (/can't (?:run this command or subcommand|access at least one|publish to the channel)|no permissions/i.test(text))
    return 'permission'
  for (const [word, code] of CODES) if (new RegExp(`\\b${word}\\b`).test(text)) return code
  return undefined
}

/** What ioredis 6 says of bytes that are no reply, and what ioredis 5 and iovalkey say. */
const NO_PROTOCOL = /^Unknown RESP type|^Protocol error, got/

/** A reply did not come: nobody knows whether the call took effect. */
export function connectionError(cause: unknown): QueueError {
  if (cause instanceof QueueError) return cause
  const text = withoutArguments(cause instanceof Error ? cause.message : String(cause))
  if (/\b(WRONGPASS|NOAUTH)\b|invalid password/i.test(text))
    return new QueueError('auth', `the server refuses the password or the user: ${text}`, {
      cause: withoutCommand(cause),
    })
  if (/\bDB index\b|\bNOPERM\b/.test(text)) {
    const code = text.includes('NOPERM') ? 'permission' : 'unsupported_server'
    const isSelect = /\bDB index\b|'select'/.test(text)
    const words = isSelect ? 'the server does not give this user the database asked for' : WORDS.permission
    return new QueueError(code, `${words}: ${text}`, { cause: withoutCommand(cause) })
  }
  if (NO_PROTOCOL.test(text)) {
    return new QueueError('unsupported_server', `the server speaks another protocol: ${text}`, {
      cause: withoutCommand(cause),
    })
  }
  return new QueueError('connection', `no answer from the server: ${text}`, {
    indeterminate: true,
    cause: withoutCommand(cause),
  })
}

/** Why a channel cannot be had. Asking for one has no effect that could be left open, so what a server says is believed. */
export function channelError(cause: unknown): QueueError {
  return cause instanceof Error && cause.name === 'ReplyError' ? replyError(cause) : connectionError(cause)
}

/** A reply that none of our scripts and commands gives. */
export function garbled(): QueueError {
  return new QueueError('corrupt_record', 'the server answered in another form than it should')
}

/** The same error, of a call of which a part has had its effect. */
export function leftOpen(error: unknown): unknown {
  if (!(error instanceof QueueError) || error.indeterminate) return error
  return new QueueError(error.code, `${error.message} (after a part of the call had its effect)`, {
    indeterminate: true,
    cause: error.cause,
    ...(error.parameter === null ? {} : { parameter: error.parameter }),
  })
}

/** What a server says of a command that it does not know quotes what it was sent: of AUTH the password, of a script the payload. */
export function withoutArguments(message: string): string {
  return message.replace(/, with args beginning with:.*/s, '')
}

/** Client libraries hang the command on their errors, and with it passwords and payloads, which must not end up in a log. */
function withoutCommand(error: unknown): Error {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) }
  const clean = new Error(withoutArguments(message))
  clean.name = name
  return clean
}
