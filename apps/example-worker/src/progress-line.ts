import type { Clock } from '@millrace/core'
import { formatCount } from './amounts.ts'
import type { Terminal } from './terminal.ts'

/** On a terminal one line that changes; elsewhere at most one line a second, and none twice. */
export interface ProgressLine {
  show(done: number, total: number, note: string): void
  /** Leaves the terminal at the start of a free line. */
  end(): void
}

const BAR_WIDTH = 24
const SHORTEST_PAUSE_MS = 1_000

export function progressLine(terminal: Terminal, clock: Clock): ProgressLine {
  let shown = ''
  let shownAt = clock.now()
  return {
    show(done, total, note) {
      const text = `  ${terminal.isTTY ? `${bar(done, total)} ` : ''}${formatCount(done)} of ${formatCount(total)} inspected${note}`
      if (text === shown) return
      if (terminal.isTTY) terminal.write(`\r\u001B[K${text.slice(0, Math.max(20, (terminal.columns || 80) - 1))}`)
      else if (clock.now() - shownAt < SHORTEST_PAUSE_MS) return
      else terminal.write(`${text}\n`)
      shown = text
      shownAt = clock.now()
    },
    end() {
      if (terminal.isTTY && shown !== '') terminal.write('\r\u001B[K')
      shown = ''
    },
  }
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.floor((done / total) * BAR_WIDTH)
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`
}
