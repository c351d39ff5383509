import type { Command, Reply } from '../resp-client.ts'
import { withoutArguments } from '../server-error.ts'
import type { LibraryClient, LibraryConnection } from './library.ts'
import { lossesOf, type Losses } from './losses.ts'
import type { Silence } from './silence.ts'

/** What the libraries tell the listeners of a connection and not its callers. */
interface News extends Losses {
  /** Why it cannot be had. */
  reason: Error | null
  /** null: the library watches it, as it does by `socketTimeout`. */
  readonly silence: Silence | null
}

const news = new WeakMap<object, News>()

/** Listens to a connection of ours. An error that nobody hears is written to the console. */
export function listenTo<T extends LibraryClient>(connection: T, silence: Silence | null = null): T {
  const heard: News = { reason: null, losses: 0, silence }
  let isRefused = false
  connection.on('error', (error) => {
    if (isRefused) return
    const isSelect = commandOf(error) === 'select'
    isRefused = isSelect && /^(ERR|NOPERM) /.test(error.message)
    // That it was tried often enough is no reason.
    if (error.name !== 'MaxRetriesPerRequestError') heard.reason = withoutCommand(error)
    // Where the server refuses the database asked for, the libraries would go on in database 0.
    if (isSelect) connection.disconnect(!isRefused)
  })
  connection.on('ready', () => {
    if (!isRefused) heard.reason = null
  })
  connection.on('close', () => {
    heard.losses++
    silence?.watch()
  })
  news.set(connection, heard)
  return connection
}

/** One command as it is, several as one pipeline. An error reply is a value; where a reply does not come it throws. */
export function send(client: LibraryClient, commands: readonly Command[]): Promise<readonly Reply[]> {
  const heard = news.get(client)
  const failed = errorsOf(client, heard)
  const silence = heard?.silence
  silence?.owes()
  const [first] = commands
  if (first === undefined || commands.length > 1)
    return sendAll(client, commands, failed).finally(() => silence?.answers())
  const [name, ...args] = first
  return client.call(name, args).then(
    (reply) => {
      silence?.answers()
      return [heard === undefined ? parsed(reply) : emptied(parsed(reply))]
    },
    (error: Error) => {
      silence?.answers()
      return [failed(error)]
    },
  )
}

async function sendAll(
  client: LibraryClient,
  commands: readonly Command[],
  failed: (error: Error) => Error,
): Promise<readonly Reply[]> {
  const replies = await client.pipeline(commands.map(([name, ...args]) => ['call', name, args])).exec()
  return (replies ?? []).map(([error, reply]) => (error === null ? parsed(reply) : failed(error)))
}

/** The reply to one command, where an error will not do. */
export async function ask(client: LibraryConnection, command: Command): Promise<Exclude<Reply, Error>> {
  const [reply = null] = await send(client, [command])
  if (reply instanceof Error) throw reply
  return reply
}

/** From now on: what is an error reply of the server, as against no reply. */
function errorsOf(client: LibraryClient, heard: News | undefined): (error: Error) => Error {
  const count = heard ?? lossesOf(client)
  const losses = count?.losses
  return (error) => {
    const isReply = withoutCommand(error).name === 'ReplyError'
    // The library sends a command again after a loss. What the second one is refused, the first one may have done.
    if (isReply && (count?.losses === losses || error.message.startsWith('NOSCRIPT'))) return error
    throw (isReply ? null : heard?.reason) ?? error
  }
}

function commandOf(error: Error): unknown {
  const command: unknown = Reflect.get(error, 'command')
  return typeof command === 'object' && command !== null ? Reflect.get(command, 'name') : null
}

/** The libraries hang the command on an error, and servers quote it: payloads, or the password that AUTH was refused for. */
function withoutCommand(error: Error): Error {
  Reflect.deleteProperty(error, 'command')
  const message = withoutArguments(error.message)
  // The stack begins with the message.
  if (message !== error.message) error.stack = `${error.name}: ${message}`
  error.message = message
  if ('lastNodeError' in error && error.lastNodeError instanceof Error) withoutCommand(error.lastNodeError)
  if (error.cause instanceof Error) withoutCommand(error.cause)
  return error
}

/** The library's own list stays behind until a full collection. With all texts in it, that cost a busy worker 3 % of its time. */
function emptied(reply: Reply): Reply {
  return Array.isArray(reply) ? reply.splice(0) : reply
}

function parsed(reply: unknown): Reply {
  if (isReply(reply)) return reply
  throw new TypeError(`the client answered with a ${typeof reply}, which is no reply`)
}

function isReply(value: unknown): value is Reply {
  return value === null || typeof value === 'string' || typeof value === 'number' || Array.isArray(value)
}
