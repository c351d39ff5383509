import { createRegister } from '@millrace/core'

/** More than any worker holds; what was claimed here and settled elsewhere must not pile up. */
const MOST = 20_000

/** Which line a claimed record is in. A script that is told the line needs no look at the record first. */
export class HeldLines {
  readonly #lines = createRegister<string>()

  of(ids: Iterable<string>): readonly string[] {
    const lines = new Set<string>()
    for (const id of ids) {
      const line = this.#lines.get(id)
      if (line !== undefined) lines.add(line)
    }
    return [...lines]
  }

  get(id: string): string | undefined {
    return this.#lines.get(id)
  }

  hold(id: string, line: string): void {
    if (this.#lines.size >= MOST) {
      const [oldest] = this.#lines.keys()
      if (oldest !== undefined) this.#lines.delete(oldest)
    }
    this.#lines.set(id, line)
  }

  letGo(id: string): void {
    this.#lines.delete(id)
  }
}
