import {
  invalidArgument, QueueError, systemClock, type Hint, type HintRequest, type Line, type TurnAnswer, type WaitingTurn, type Watch, type WatchRequest,
} from '@millrace/core' // prettier-ignore
import type { Send } from './caller.ts'
import { lineName } from './keys.ts'
import type { Hearer, Listener } from './listener.ts'
import type { BlockingConnection, Carried } from './resp-client.ts'

/** Makes a turn whose first commands travel by `first`. */
export type CarriedTurn = (turn: WaitingTurn, first: Send) => Promise<TurnAnswer>

/** Hears of everything from when it resolves. `carried`: null where no wait can carry a turn. */
export async function armWatch(listener: Listener, request: WatchRequest, carried: CarriedTurn | null): Promise<Watch> {
  const watch = new RedisWatch(listener, request, carried)
  if (request.signal?.aborted === true) {
    await watch.close()
    return watch
  }
  try {
    await listener.add(watch)
  } catch (error) {
    await watch.close()
    throw error
  }
  return watch
}

/** One wait for work lasts this long, then the next begins: so a server that went away without a word is noticed. */
const WAIT_MS = 20_000
/** Between two attempts to wait, after a connection was lost. */
const AFTER_LOSS_MS = 200

/** One watch: keeps what it was told until it is asked. It takes a line's marker only while somebody waits for it. */
class RedisWatch implements Watch, Hearer {
  readonly ids: ReadonlySet<string>
  readonly workerId: string | null
  readonly #listener: Listener
  /** Its lines, by the keys of their markers. */
  readonly #lines: ReadonlyMap<string, string>
  readonly #signal: AbortSignal | null
  readonly #onAbort = (): void => void this.close()
  readonly #carried: CarriedTurn | null
  readonly #done = new Set<string>()
  #connection: BlockingConnection | null = null
  /** The marker that was taken and not yet told; true: there may be work, and no marker says so. */
  #work: string | boolean = false
  #control = false
  #closing: Promise<void> | null = null
  /** Whoever waits for a hint. */
  #asker: PromiseWithResolvers<Hint | null> | null = null
  #waiting: Promise<void> | null = null
  /** Markers that were taken for somebody who did not want them on their way back. */
  #passing: Promise<unknown> | null = null
  /** The markers' keys of those of its lines that the one who waits wants to hear of. */
  #wanted: readonly string[] = []
  /** Makes the turn that the next wait is to carry. */
  #turn: ((first: Send) => Promise<TurnAnswer>) | null = null
  /** A wait has a turn with it: whoever waits gets nothing else before its answer. */
  #isCarrying = false
  /** And is to come to its end. */
  #isEnding = false

  constructor(
    listener: Listener,
    { lines = [], ids = [], workerId, signal }: WatchRequest,
    carried: CarriedTurn | null,
  ) {
    this.#listener = listener
    this.#carried = carried
    this.#lines = new Map(lines.map(lineName).map((line) => [listener.wakeKey(line), line]))
    this.ids = new Set(ids)
    this.workerId = workerId ?? null
    this.#signal = signal ?? null
    this.#signal?.addEventListener('abort', this.#onAbort)
  }

  async next({ signal, lines, turn }: HintRequest = {}): Promise<Hint | null> {
    if (this.#asker !== null) throw invalidArgument('watch.next', 'must not be called while another call of it waits')
    if (this.#closing !== null || signal?.aborted === true) return null
    this.#wanted = this.#keysOf(lines)
    this.#passOnUnwanted()
    const hint = this.#take()
    if (hint !== null) return hint
    const asker = Promise.withResolvers<Hint | null>()
    const giveUp = (): void => this.#giveUp()
    this.#asker = asker
    const carried = this.#carried
    this.#turn = turn === undefined || carried === null ? null : (first) => carried(turn, first)
    signal?.addEventListener('abort', giveUp, { once: true })
    if (this.#wanted.length > 0) this.#waiting ??= this.#waitForWork()
    return await asker.promise.finally(() => signal?.removeEventListener('abort', giveUp))
  }

  async close(): Promise<void> {
    this.#closing ??= this.#end()
    await this.#closing
  }

  tellDone(id: string): void {
    this.#done.add(id)
    this.#pass()
  }

  tellControl(): void {
    this.#control = true
    this.#pass()
  }

  tellAll(): void {
    this.#work ||= this.#lines.size > 0
    this.#control = this.workerId !== null
    for (const id of this.ids) this.#done.add(id)
    this.#pass()
  }

  /** Whoever waits gets null, now and ever after. A marker that was taken and not told goes back to its line. */
  async #end(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#giveUp()
    await this.#waiting
    this.#connection?.close()
    this.#wanted = []
    this.#passOnUnwanted()
    await this.#passing
    await this.#listener.remove(this).catch(ignore)
  }

  #keysOf(lines: readonly Line[] | undefined): readonly string[] {
    const keys = [...this.#lines.keys()]
    if (lines === undefined) return keys
    const names = lines.map(lineName)
    return keys.filter((key) => names.includes(this.#lines.get(key) ?? ''))
  }

  /** A marker that was taken while somebody wanted it, or as he stopped to, belongs to others now. */
  #passOnUnwanted(): void {
    if (typeof this.#work !== 'string' || this.#wanted.includes(this.#work)) return
    const line = this.#lines.get(this.#work)
    this.#work = false
    if (line === undefined) return
    this.#passing = Promise.all([this.#passing, this.#listener.passOn(line).catch(ignore)])
  }

  /** As long as somebody waits. What the server had handed out when he stopped is kept for the next one. */
  async #waitForWork(): Promise<void> {
    this.#connection ??= this.#listener.blocking()
    while (this.#asker !== null && this.#wanted.length > 0) {
      try {
        const marker = await this.#wait(this.#connection)
        if (marker !== null) this.#work = marker
        // Somebody else waits by now, for other lines.
        if (this.#asker !== null) this.#passOnUnwanted()
      } catch {
        // Nobody knows whether a marker went with the connection.
        this.#work ||= true
        this.#pass()
        await pause(AFTER_LOSS_MS)
      }
      this.#pass()
    }
    this.#waiting = null
  }

  /** A marker that was taken and is to be told; null also where a turn has followed it already. */
  async #wait(connection: BlockingConnection): Promise<string | null> {
    const carries = this.#turn !== null && (await connection.isInterruptible())
    if (this.#asker === null) return null
    const turn = this.#turn
    this.#turn = null
    if (turn === null || !carries) return await connection.wait(this.#wanted, WAIT_MS)
    await this.#waitWith(connection, turn)
    return null
  }

  async #waitWith(connection: BlockingConnection, turn: (first: Send) => Promise<TurnAnswer>): Promise<void> {
    const waits: Carried[] = []
    this.#isCarrying = true
    try {
      const answer = await turn(async (commands) => {
        const waiting = connection.waitThen(this.#wanted, WAIT_MS, commands)
        // An interrupt is heard from here on.
        if (this.#isEnding) connection.interrupt()
        const wait = await waiting
        waits.push(wait)
        return wait.replies
      })
      const taken = takenBy(waits)
      const hasFound = answer.more || answer.records.length + answer.expired.length > 0
      // One that nothing woke and that found nothing is not worth a word: the wait goes on without it.
      if (this.#isEnding || taken !== null || hasFound) this.#reply({ kind: 'work', answer })
      if (taken instanceof Error) throw taken
    } catch (error) {
      const taken = takenBy(waits)
      // It tells of work that a refused claim has left.
      if (typeof taken === 'string' && error instanceof QueueError && !error.indeterminate) this.#work = taken
      this.#asker?.reject(error)
      this.#asker = null
      throw error
    } finally {
      this.#isCarrying = false
      this.#isEnding = false
    }
  }

  #giveUp(): void {
    if (this.#isCarrying) this.#endCarrying()
    else this.#reply(null)
  }

  #endCarrying(): void {
    this.#isEnding = true
    this.#connection?.interrupt()
  }

  #pass(): void {
    if (this.#asker === null) return
    if (this.#isCarrying) return this.#endCarrying()
    const hint = this.#take()
    if (hint !== null) this.#reply(hint)
  }

  #reply(hint: Hint | null): void {
    const asker = this.#asker
    this.#asker = null
    asker?.resolve(hint)
    if (this.#waiting !== null) this.#connection?.interrupt()
  }

  #take(): Hint | null {
    if (this.#control) {
      this.#control = false
      return { kind: 'control' }
    }
    const [id] = this.#done
    if (id !== undefined) {
      this.#done.delete(id)
      return { kind: 'done', id }
    }
    if (this.#work === false) return null
    this.#work = false
    return { kind: 'work' }
  }
}

async function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  systemClock.after(ms, resolve)
  await promise
}

function takenBy([wait]: readonly Carried[]): Carried['taken'] {
  return wait === undefined ? null : wait.taken
}

/** A watch ends also where its server is away. What stays of it there goes with the records. */
function ignore(): void {}
