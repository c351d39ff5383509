import { QueueError, type Clock } from '@millrace/core'
import type { Deadlines } from './deadlines.ts'
import { LINE_KEYS, type Keys } from './keys.ts'
import type { Command, Reply, RespClient } from './resp-client.ts'
import type { Script, ScriptCall } from './script.ts'
import { connectionError, garbled, leftOpen, replyError } from './server-error.ts'

/** What a script answered: its text, and further elements where something lies aside. */
export interface Answer {
  readonly main: string
  readonly extras: readonly string[]
}

/** What follows a script in a command. */
type Words = readonly (string | number)[]

export interface CallerOptions {
  readonly client: RespClient
  readonly keys: Keys
  /** null: the server's clock. */
  readonly clock: Clock | null
  readonly deadlines: Deadlines
  /** null: what the namespace has. */
  readonly agingMs?: number | null
}

/** Sends commands, and answers with their replies; error replies are values. */
export type Send = (commands: readonly Command[]) => Promise<readonly Reply[]>

/** A record may move between the look at its line and the act; more often than this in one call it is a storm. */
const MOST_MOVES = 8
const MOVED = 'moved\u001d'

/** Runs scripts and commands in one partition, and turns whatever goes wrong into a `QueueError`. */
export class Caller {
  readonly keys: Keys
  /** For scripts that may be the first to write: how much waiting outweighs one priority; empty if it was not said. */
  readonly aging: string
  readonly #client: RespClient
  readonly #clock: Clock | null
  readonly #deadlines: Deadlines
  readonly #options: CallerOptions
  /** Whether a script of the call at hand has acted; always false for calls that only read. */
  #hasActed = false
  #acts = false
  /** How the first commands travel, where that is not as all others do. */
  #first: Send | null = null

  constructor(options: CallerOptions) {
    const { client, keys, clock, deadlines, agingMs = null } = options
    this.#options = options
    this.keys = keys
    this.aging = agingMs === null ? '' : String(agingMs)
    this.#client = client
    this.#clock = clock
    this.#deadlines = deadlines
  }

  /**
   * For one call of the backend that may take several scripts: once one of them has acted, an error of another one is indeterminate,
   * because a part of the call has had its effect. `first` carries its first commands, for as long as it takes.
   */
  forActs(first: Send | null = null): Caller {
    const caller = new Caller(this.#options)
    caller.#acts = true
    caller.#first = first
    return caller
  }

  /** The instant for scripts: empty where they take the server's. */
  get now(): string {
    return this.#clock === null ? '' : String(Math.floor(this.#clock.now()))
  }

  run<S extends Script>(script: S, call: ScriptCall<S>): Promise<Answer> {
    return this.#run(script, [call], answerTo)
  }

  /** Several calls of one script in one round trip, in order; the answers in the same order. One that fails fails them all. */
  runAll<S extends Script>(script: S, calls: readonly ScriptCall<S>[]): Promise<readonly Answer[]> {
    return this.#run(script, calls, (answers) => answers)
  }

  /** One promise for all of it: a program that awaits each of its calls meets every further one cold. */
  async #run<S extends Script, T>(
    script: S,
    calls: readonly ScriptCall<S>[],
    read: (answers: readonly Answer[]) => T,
  ): Promise<T> {
    try {
      const words = calls.map((call) => this.words(script, call))
      let replies = await this.send(words.map((some) => ['evalsha', script.sha1, ...some]))
      if (replies.some(isNoScript)) replies = await this.#withSource(script, words, replies)
      if (this.#acts && replies.some(tellsOfAnAct)) this.#hasActed = true
      return read(replies.map(answerOf))
    } catch (error) {
      throw this.#hasActed ? leftOpen(error) : error
    }
  }

  /** The same replies; where the server did not know the script, those to its source. */
  async #withSource({ source }: Script, words: readonly Words[], replies: readonly Reply[]): Promise<readonly Reply[]> {
    const unknown = replies.flatMap((reply, i) => (isNoScript(reply) ? [i] : []))
    const again = await this.send(unknown.map((i) => ['eval', source, ...(words[i] ?? [])]))
    return replies.map((reply, i) => again[unknown.indexOf(i)] ?? reply)
  }

  /** Runs a script that says which lines it needs, until it has got them. */
  async runOnLines<S extends Script>(script: S, call: ScriptCall<S>): Promise<Answer> {
    return await this.settleMoves(script, call, await this.run(script, call))
  }

  /** The answer of a call whose first one may have been that lines are missing. */
  async settleMoves<S extends Script>(script: S, call: ScriptCall<S>, first: Answer): Promise<Answer> {
    const lines = new Set(call.lines)
    let answer = first
    for (let moves = 0; answer.main.startsWith(MOVED); moves++) {
      if (moves === MOST_MOVES) throw new QueueError('busy', 'the records moved to other lines again and again')
      for (const line of answer.main.slice(MOVED.length).split('\u001d')) lines.add(line)
      answer = await this.run(script, { ...call, lines: [...lines] })
    }
    return answer
  }

  /** One plain command that answers with a list of texts, null where there is none. */
  async texts(...command: Command): Promise<readonly (string | null)[]> {
    return textsIn(await this.command(...command))
  }

  /** One plain command. */
  async command(...command: Command): Promise<Reply> {
    const [reply = null] = await this.send([command])
    if (reply instanceof Error) throw replyError(reply)
    return reply
  }

  /** Commands in one round trip; error replies are values. @throws QueueError `connection` or `timeout`, both indeterminate. */
  async send(commands: readonly Command[]): Promise<readonly Reply[]> {
    const first = this.#first
    this.#first = null
    try {
      if (first !== null) return await first(commands)
      return await this.#deadlines.within(this.#client.call(this.keys.shared.records, commands))
    } catch (error) {
      throw connectionError(error)
    }
  }

  /** What follows the script in a command: the number of keys, the keys, the arguments, the lines' names (with their number, unless it is one), the items. */
  words<S extends Script>(script: S, { args, lines = [], items = [] }: ScriptCall<S>): Words {
    const { shared } = this.keys
    const isOfOne = script.line.length > 0
    const names = isOfOne ? script.line : LINE_KEYS
    const values: Readonly<Record<string, string | number>> = args
    const words: (string | number)[] = [0]
    for (const name of script.keys) words.push(shared[name])
    for (const line of lines) words.push(...this.keys.ofLine(line, names))
    words[0] = words.length - 1
    for (const name of script.args) words.push(values[name] ?? '')
    if (!isOfOne) words.push(lines.length)
    words.push(...lines)
    for (const item of items) words.push(item)
    return words
  }
}

/** The elements of a reply. @throws QueueError `corrupt_record` if it has none. */
export function repliesIn(reply: Reply | undefined): readonly Reply[] {
  if (typeof reply !== 'object' || reply === null || reply instanceof Error) throw garbled()
  return reply
}

/** A list of texts, null where there is none. @throws QueueError `corrupt_record` if it is anything else. */
export function textsIn(reply: Reply | undefined): readonly (string | null)[] {
  return repliesIn(reply).map((one) => {
    if (one === null || typeof one === 'string') return one
    throw garbled()
  })
}

function isNoScript(reply: Reply): boolean {
  return reply instanceof Error && reply.message.includes('NOSCRIPT')
}

/** An empty text, like one that names lines, says that nothing was done. */
export function hasDoneNothing({ main }: Pick<Answer, 'main'>): boolean {
  return main === '' || main.startsWith(MOVED)
}

function tellsOfAnAct(reply: Reply): boolean {
  return !(reply instanceof Error || (typeof reply === 'string' && hasDoneNothing({ main: reply })))
}

function answerTo([answer]: readonly Answer[]): Answer {
  if (answer === undefined) throw new QueueError('connection', 'the server sent no reply', { indeterminate: true })
  return answer
}

function answerOf(reply: Reply): Answer {
  if (typeof reply === 'string') return { main: reply, extras: [] }
  if (typeof reply === 'number') return { main: String(reply), extras: [] }
  if (reply instanceof Error) throw replyError(reply)
  const [main = null, ...extras] = reply ?? []
  const texts = extras.filter((extra) => typeof extra === 'string')
  if (typeof main !== 'string' || texts.length !== extras.length) throw garbled()
  return { main, extras: texts }
}
