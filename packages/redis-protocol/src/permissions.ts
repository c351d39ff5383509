import { QueueError } from '@millrace/core'
import { textsIn, type Caller } from './caller.ts'
import type { Command, Reply, RespClient } from './resp-client.ts'
import { probe } from './scripts.generated.ts'
import { channelError, replyError } from './server-error.ts'

/** What trying every command has shown. */
export interface Findings {
  /** What the server does not let this user do and there is no way without, each with its command. */
  readonly missing: readonly string[]
  /** The same of what only makes things better. */
  readonly missed: readonly string[]
  /** Keys of ours that hold something else. */
  readonly foreign: readonly string[]
}

/** Lines of which one script looks at the keys. */
const LINES_AT_ONCE = 128

/** No connection has it. */
const NO_ID = 0
const UNBLOCK = 'client unblock'

/** Tries what the engine sends, on keys and channels of its own: all of it, so that nobody learns of what is missing bit by bit. */
export async function tryCommands(
  caller: Caller,
  client: RespClient,
  { wakeups }: { readonly wakeups: boolean },
): Promise<Findings> {
  const { meta, probe: key, queues } = caller.keys.shared
  const channels = {
    doneChannel: caller.keys.doneChannel('probe'),
    controlChannel: caller.keys.controlChannel('probe'),
  }
  const commands: readonly Command[] = [
    ['smembers', queues],
    ['hmget', meta, 'schema'],
    ['hscan', key, 0, 'count', 1],
    ...(wakeups ? waitsOn(key) : []),
  ]
  const replies = await caller.send(commands)
  const refused = new Set(commands.flatMap((command, i) => refusal(nameOf(command), replies[i] ?? null)))
  const [scripts, ...messages] = await Promise.all([
    tryScripts(caller, linesIn(replies[0] ?? null), channels),
    ...Object.values(channels).map((channel) => tryChannel(client, channel)),
  ])
  for (const one of [...scripts.refused, ...messages.flat()]) refused.add(one)
  const missed = [...refused].filter((one) => one.startsWith(`${UNBLOCK} `))
  return { missing: [...refused].filter((one) => !missed.includes(one)), missed, foreign: scripts.foreign }
}

/** What a wait for work needs. A member is there, so that trying it takes no time. */
function waitsOn(key: string): readonly Command[] {
  return [
    ['zadd', key, 0, 'a'],
    ['bzpopmin', key, '0.001'],
    ['client', 'id'],
    ['client', 'unblock', NO_ID],
  ]
}

function nameOf([name, word]: Command): string {
  return name === 'client' ? `${name} ${word}` : name
}

function refusal(name: string, reply: unknown): readonly string[] {
  return isNoPermission(reply) ? [`${name} ${reply.message}`] : []
}

export function isNoPermission(reply: unknown): reply is Error {
  return reply instanceof Error && /\bNOPERM\b|permissions/.test(reply.message)
}

export function isForeign(reply: unknown): reply is Error {
  return reply instanceof Error && /\bWRONGTYPE\b/.test(reply.message)
}

/** None if the key that lists them cannot be read; then the other trials say why. */
function linesIn(members: Reply): readonly string[] {
  if (isForeign(members) || isNoPermission(members)) return []
  if (members instanceof Error) throw replyError(members)
  return textsIn(members).filter((line) => line !== null)
}

/** What scripts send, and what all keys hold. Run in both ways, each of which needs a permission of its own. */
async function tryScripts(
  caller: Caller,
  lines: readonly string[],
  channels: Readonly<Record<'doneChannel' | 'controlChannel', string>>,
): Promise<Pick<Findings, 'foreign'> & { readonly refused: readonly string[] }> {
  const [refused, foreign]: [string[], string[]] = [[], []]
  let ways: readonly Command[] = [
    ['evalsha', probe.sha1],
    ['eval', probe.source],
  ]
  for (let from = 0; from === 0 || from < lines.length; from += LINES_AT_ONCE) {
    const words = caller.words(probe, { args: channels, lines: lines.slice(from, from + LINES_AT_ONCE) })
    const replies = await caller.send(ways.map((way) => [...way, ...words]))
    refused.push(...ways.flatMap(([name], i) => refusal(name, replies[i] ?? null)))
    const answer = replies.find((reply) => typeof reply === 'string')
    if (answer === undefined && refused.length > 0) break
    const [named = '', held = ''] = answer === undefined ? noAnswer(replies) : answer.split('\u001d')
    refused.push(...named.split('\n').filter((one) => one !== ''))
    foreign.push(...held.split('\n').filter((one) => one !== ''))
    ways = ways.filter((_, i) => replies[i] === answer).slice(0, 1)
  }
  return { refused, foreign }
}

/** The script was not known, and then something else was wrong. */
function noAnswer(replies: readonly Reply[]): never {
  const last = replies.at(-1)
  throw last instanceof Error ? replyError(last) : new QueueError('corrupt_record', 'a script gave no answer')
}

/** Messages come on a connection of their own, which here is ended at once. */
async function tryChannel(client: RespClient, channel: string): Promise<readonly string[]> {
  const subscription = client.subscribe({ onMessage: () => {}, onResubscribed: () => {} })
  let name = 'subscribe'
  try {
    await subscription.add(channel)
    name = 'unsubscribe'
    await subscription.remove(channel)
    return []
  } catch (error) {
    if (isNoPermission(error)) return refusal(name, error)
    throw channelError(error)
  } finally {
    subscription.close()
  }
}
