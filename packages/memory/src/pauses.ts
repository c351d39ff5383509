import type { Line, Paused } from '@millrace/core'

/** What an operator has paused. */
export class Pauses {
  #isWhole = false
  readonly #queues = new Set<string>()

  holds({ queue }: Pick<Line, 'queue'>): boolean {
    return this.#isWhole || this.#queues.has(queue)
  }

  /** null: the namespace as a whole. */
  add(queues: readonly string[] | null): void {
    if (queues === null) this.#isWhole = true
    else for (const queue of queues) this.#queues.add(queue)
  }

  take(queues: readonly string[] | null): void {
    if (queues === null) this.#isWhole = false
    else for (const queue of queues) this.#queues.delete(queue)
  }

  shown(): Paused {
    return { namespace: this.#isWhole, queues: [...this.#queues].toSorted() }
  }

  clear(): void {
    this.#isWhole = false
    this.#queues.clear()
  }
}
