/** Where a command talks to its user. */
export interface Terminal {
  readonly isTTY: boolean
  readonly columns: number
  /** Without a line break of its own. */
  write(text: string): void
  writeError(text: string): void
}

export function processTerminal(): Terminal {
  return {
    isTTY: process.stdout.isTTY,
    get columns() {
      return process.stdout.columns
    },
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
  }
}
