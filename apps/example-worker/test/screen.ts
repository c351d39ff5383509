import type { Terminal } from '../src/terminal.ts'

export interface Screen extends Terminal {
  readonly text: string
  readonly errors: string
}

/** A terminal that remembers. */
export function screen({
  isTTY = false,
  columns = 80,
}: { readonly isTTY?: boolean; readonly columns?: number } = {}): Screen {
  let text = ''
  let errors = ''
  return {
    isTTY,
    columns,
    write: (more) => void (text += more),
    writeError: (more) => void (errors += more),
    get text() {
      return text
    },
    get errors() {
      return errors
    },
  }
}
