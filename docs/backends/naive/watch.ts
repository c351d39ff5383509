import {
  invalidArgument,
  isTerminal,
  STATUS,
  type Hint,
  type HintRequest,
  type Line,
  type Watch,
  type WatchRequest,
} from '@millrace/core'
import { lineName } from './row.ts'
import type { Store } from './store.ts'

/** Keeps what it is told until it is asked for. Hints may be late, merged or missing; nobody's correctness needs one. */
export class NaiveWatch implements Watch {
  readonly ids: ReadonlySet<string>
  readonly #store: Store
  readonly #request: WatchRequest
  readonly #told = { control: false, work: false, done: new Set<string>() }
  #answer: ((hint: Hint | null) => void) | null = null
  /** What the one who waits wants to hear of. */
  #lines: readonly Line[] = []

  constructor(store: Store, request: WatchRequest) {
    this.#store = store
    this.#request = request
    this.ids = new Set(request.ids)
    store.watches.add(this)
    // What has ended before anybody watched would never be told otherwise.
    for (const id of this.ids) if (isTerminal(store.record(id)?.status ?? STATUS.completed)) this.tellDone(id)
    if (request.signal?.aborted === true) this.end()
    request.signal?.addEventListener('abort', () => this.end())
  }

  async next({ signal, lines = this.#request.lines }: HintRequest = {}): Promise<Hint | null> {
    if (this.#answer !== null) throw invalidArgument('watch.next', 'must not be called while another call of it waits')
    if (!this.#store.watches.has(this) || signal?.aborted === true) return null
    const { promise, resolve } = Promise.withResolvers<Hint | null>()
    this.#answer = resolve
    this.#lines = lines ?? []
    const giveUp = (): void => this.#reply(null)
    signal?.addEventListener('abort', giveUp)
    this.deliver()
    return await promise.finally(() => signal?.removeEventListener('abort', giveUp))
  }

  async close(): Promise<void> {
    this.end()
  }

  /** A line's mark that this watch did not take stays, for others. */
  end(): void {
    this.#store.watches.delete(this)
    this.#reply(null)
  }

  tellDone(id: string): void {
    if (this.ids.has(id)) this.#told.done.add(id)
  }

  tellControl(workerId: string): void {
    if (this.#request.workerId === workerId) this.#told.control = true
  }

  /** The connection was lost, and nobody knows what was missed. */
  tellAll(): void {
    this.#told.control = this.#request.workerId !== undefined
    this.#told.work = this.#request.lines !== undefined
    for (const id of this.ids) this.#told.done.add(id)
    this.deliver()
  }

  /** Answers whoever waits with the next hint, if there is one. A mark is taken only then: it is for one waiter. */
  deliver(): void {
    const hint = this.#answer === null ? null : this.#take()
    if (hint !== null) this.#reply(hint)
  }

  #take(): Hint | null {
    const { control, work, done } = this.#told
    const [id] = done
    if (control) {
      this.#told.control = false
      return { kind: 'control' }
    }
    if (id !== undefined) {
      done.delete(id)
      return { kind: 'done', id }
    }
    this.#told.work = false
    return work || this.#lines.some((line) => this.#store.marked.delete(lineName(line))) ? { kind: 'work' } : null
  }

  #reply(hint: Hint | null): void {
    this.#answer?.(hint)
    this.#answer = null
  }
}
