import {
  invalidArgument, isTerminal, type Hint, type HintRequest, type TurnAnswer, type WaitingTurn, type Watch, type WatchRequest,
} from '@millrace/core' // prettier-ignore
import { nameOf } from './lines.ts'
import type { Namespace } from './namespace.ts'
import type { Wakeups } from './wakeups.ts'

/** What a watch has of its backend. */
interface WatchParts {
  /** Its open watches. */
  readonly siblings: Set<MemoryWatch>
  /** Makes a turn that a wait carries. */
  readonly turn: (turn: WaitingTurn) => TurnAnswer
}

/** One watch: keeps what it was told until it is asked, and passes it on at once to somebody who waits. */
export class MemoryWatch implements Watch {
  readonly lines: readonly string[]
  readonly ids: ReadonlySet<string>
  readonly workerId: string | null
  readonly #wakeups: Wakeups
  readonly #siblings: WatchParts['siblings']
  readonly #signal: AbortSignal | null
  readonly #turn: WatchParts['turn']
  readonly #onAbort = (): void => this.end()
  readonly #done = new Set<string>()
  #mayHaveWork = false
  #control = false
  #ended = false
  /** Those of its lines that the one who waits wants to hear of. */
  #wanted: readonly string[] = []
  #answer: ((hint: Hint | null) => void) | null = null

  /** Hears of everything from now on. A record that has ended already, or that does not exist, is told at once. */
  static arm(namespace: Namespace, request: WatchRequest, parts: WatchParts): MemoryWatch {
    const watch = new MemoryWatch(request, namespace.wakeups, parts)
    for (const id of watch.ids) if (hasEnded(namespace, id)) watch.#done.add(id)
    if (request.signal?.aborted === true) watch.end()
    return watch
  }

  private constructor(
    { lines = [], ids = [], workerId, signal }: WatchRequest,
    wakeups: Wakeups,
    { siblings, turn }: WatchParts,
  ) {
    this.lines = [...new Set(lines.map(nameOf))]
    this.ids = new Set(ids)
    this.workerId = workerId ?? null
    this.#wakeups = wakeups
    this.#turn = turn
    this.#siblings = siblings.add(this)
    this.#signal = signal ?? null
    this.#signal?.addEventListener('abort', this.#onAbort)
    wakeups.arm(this)
  }

  async next({ turn, ...request }: HintRequest = {}): Promise<Hint | null> {
    const hint = await this.#hint(request)
    return hint?.kind === 'work' && turn !== undefined ? { ...hint, answer: this.#turn(turn) } : hint
  }

  async #hint({ signal, lines }: HintRequest): Promise<Hint | null> {
    if (this.#answer !== null) throw invalidArgument('watch.next', 'must not be called while another call of it waits')
    if (this.#ended || signal?.aborted === true) return null
    const names = lines?.map(nameOf)
    this.#wanted = names === undefined ? this.lines : this.lines.filter((line) => names.includes(line))
    const hint = this.#take()
    if (hint !== null) return hint
    const { promise, resolve } = Promise.withResolvers<Hint | null>()
    const giveUp = (): void => this.#reply(null)
    this.#answer = resolve
    this.#wakeups.wait(this, this.#wanted)
    signal?.addEventListener('abort', giveUp, { once: true })
    return await promise.finally(() => signal?.removeEventListener('abort', giveUp))
  }

  async close(): Promise<void> {
    this.end()
  }

  /** Whoever waits gets null, now and ever after. Markers that were not taken stay with their lines, for others. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#wakeups.disarm(this)
    this.#reply(null)
    this.#siblings.delete(this)
  }

  tellWork(): void {
    this.#mayHaveWork = true
    this.#pass()
  }

  tellDone(id: string): void {
    this.#done.add(id)
    this.#pass()
  }

  tellControl(): void {
    this.#control = true
    this.#pass()
  }

  /** The connection was lost, and with it nobody knows what: everything watched is hinted once. */
  tellAll(): void {
    this.#mayHaveWork = this.lines.length > 0
    this.#control = this.workerId !== null
    for (const id of this.ids) this.#done.add(id)
    this.#pass()
  }

  #pass(): void {
    if (this.#answer === null) return
    const hint = this.#take()
    if (hint !== null) this.#reply(hint)
  }

  #reply(hint: Hint | null): void {
    this.#wakeups.stopWaiting(this, this.#wanted)
    this.#answer?.(hint)
    this.#answer = null
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
    if (!this.#mayHaveWork && !this.#wakeups.takeMarker(this.#wanted)) return null
    this.#mayHaveWork = false
    return { kind: 'work' }
  }
}

function hasEnded(namespace: Namespace, id: string): boolean {
  const row = namespace.readable(id)
  return row === null || isTerminal(row.status)
}
