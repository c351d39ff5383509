import type { Backend } from './backend.ts'
import { QueueError } from './errors.ts'

/** The life of a backend: opened on first use, once, and closed for good. */
export class Life {
  readonly #backend: Pick<Backend, 'open' | 'close'>
  #opening: Promise<void> | null = null
  #closing: Promise<void> | null = null
  #isOpen = false

  constructor(backend: Pick<Backend, 'open' | 'close'>) {
    this.#backend = backend
  }

  /**
   * Whether a call may pass without a wait for `opened`, which costs a turn of the microtask queue: the backend is open, and every call that
   * had to wait for that has been made, so that none is overtaken.
   */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Opens it unless that was done. @throws QueueError `closed`, and what opening it throws. */
  opened(): Promise<void> {
    if (this.#closing !== null) throw new QueueError('closed', 'the backend is closed')
    // One promise for all, so that calls go on in the order in which they came, whichever of them had to wait.
    this.#opening ??= this.#open()
    return this.#opening
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#isOpen = false
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** One attempt to open at a time; after a failed one the next call tries again. */
  #open(): Promise<void> {
    const opening = Promise.resolve(this.#backend.open())
    opening.then(
      () => setImmediate(() => (this.#isOpen = this.#closing === null)),
      () => (this.#opening = null),
    )
    return opening
  }

  async #close(): Promise<void> {
    await this.#opening?.catch(() => undefined)
    await this.#backend.close()
  }
}
