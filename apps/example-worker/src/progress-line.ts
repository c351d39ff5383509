import type { Clock } from '@millrace/core'
import { formatCount } from './amounts.ts'
import type { Terminal } from './terminal.ts'

/** On a terminal one line that changes; elsewhere at most one line a second, and none twice. */
export interface ProgressLine {
  show(done: number, total: number, note: string): void
  /** A line that stays, above the one that changes. */
  say(text: string): void
  /** Leaves the terminal at the start of a free line. */
  end(): void
}

const BAR_WIDTH = 24
const CLEAR = '\r\u001B[K'
const SHORTEST_PAUSE_MS = 1_000

export function progressLine(terminal: Terminal, clock: Clock): ProgressLine {
  let shown = ''
  let shownAt = clock.now()
  const redraw = (): void => terminal.write(`${CLEAR}${shown.slice(0, Math.max(20, (terminal.columns || 80) - 1))}`)
  return {
    show(done, total, note) {
      const text = `  ${terminal.isTTY ? `${bar(done, total)} ` : ''}${formatCount(done)} of ${formatCount(total)} inspected${note}`
      if (text === shown || (!terminal.isTTY && clock.now() - shownAt < SHORTEST_PAUSE_MS)) return
      shown = text
      shownAt = clock.now()
      if (terminal.isTTY) redraw()
      else terminal.write(`${text}\n`)
    },
    say(text) {
      terminal.write(`${terminal.isTTY && shown !== '' ? CLEAR : ''}${text}\n`)
      if (terminal.isTTY && shown !== '') redraw()
    },
    end() {
      if (terminal.isTTY && shown !== '') terminal.write(CLEAR)
      shown = ''
    },
  }
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.floor((done / total) * BAR_WIDTH)
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`
}
