import { invalidArgument, systemClock, type Hint, type Line, type Watch, type WatchRequest } from '@millrace/core'
import { lineName } from './keys.ts'
import type { Hearer, Listener } from './listener.ts'
import type { BlockingConnection } from './resp-client.ts'

/** Hears of everything from when it resolves. */
export async function armWatch(listener: Listener, request: WatchRequest): Promise<Watch> {
  const watch = new RedisWatch(listener, request)
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
  readonly #done = new Set<string>()
  #connection: BlockingConnection | null = null
  /** The marker that was taken and not yet told; true: there may be work, and no marker says so. */
  #work: string | boolean = false
  #control = false
  #closing: Promise<void> | null = null
  #answer: ((hint: Hint | null) => void) | null = null
  #waiting: Promise<void> | null = null
  /** Markers that were taken for somebody who did not want them on their way back. */
  #passing: Promise<unknown> | null = null
  /** The markers' keys of those of its lines that the one who waits wants to hear of. */
  #wanted: readonly string[] = []

  constructor(listener: Listener, { lines = [], ids = [], workerId, signal }: WatchRequest) {
    this.#listener = listener
    this.#lines = new Map(lines.map(lineName).map((line) => [listener.wakeKey(line), line]))
    this.ids = new Set(ids)
    this.workerId = workerId ?? null
    this.#signal = signal ?? null
    this.#signal?.addEventListener('abort', this.#onAbort)
  }

  async next(signal?: AbortSignal, lines?: readonly Line[]): Promise<Hint | null> {
    if (this.#answer !== null) throw invalidArgument('watch.next', 'must not be called while another call of it waits')
    if (this.#closing !== null || signal?.aborted === true) return null
    this.#wanted = this.#keysOf(lines)
    this.#passOnUnwanted()
    const hint = this.#take()
    if (hint !== null) return hint
    const { promise, resolve } = Promise.withResolvers<Hint | null>()
    const giveUp = (): void => this.#reply(null)
    this.#answer = resolve
    signal?.addEventListener('abort', giveUp, { once: true })
    if (this.#wanted.length > 0) this.#waiting ??= this.#waitForWork()
    return await promise.finally(() => signal?.removeEventListener('abort', giveUp))
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
    this.#reply(null)
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
    while (this.#answer !== null && this.#wanted.length > 0) {
      try {
        const marker = await this.#connection.wait(this.#wanted, WAIT_MS)
        if (marker !== null) this.#work = marker
        // Somebody else waits by now, for other lines.
        if (this.#answer !== null) this.#passOnUnwanted()
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

  #pass(): void {
    if (this.#answer === null) return
    const hint = this.#take()
    if (hint !== null) this.#reply(hint)
  }

  #reply(hint: Hint | null): void {
    const answer = this.#answer
    this.#answer = null
    answer?.(hint)
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

/** A watch ends also where its server is away. What stays of it there goes with the records. */
function ignore(): void {}
