import { manualClock } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { formatBytes, formatCount, formatMs } from '../src/amounts.ts'
import { progressLine } from '../src/progress-line.ts'
import { statisticsTable } from '../src/statistics-table.ts'
import { record } from './records.ts'
import { screen } from './screen.ts'

describe('the line of progress', () => {
  test('is one line that changes on a terminal', () => {
    const terminal = screen({ isTTY: true, columns: 40 })
    const line = progressLine(terminal, manualClock())
    line.show(0, 4, '')
    line.show(2, 4, '')
    line.show(2, 4, '')
    line.end()
    expect(terminal.text).toBe(
      `\r\u001B[K  [........................] 0 of 4 ins\r\u001B[K  [############............] 2 of 4 ins\r\u001B[K`,
    )
  })

  test('is at most one line a second elsewhere, and none twice', () => {
    const terminal = screen()
    const clock = manualClock()
    const line = progressLine(terminal, clock)
    for (const done of [0, 1, 1, 2, 3]) {
      line.show(done, 3, '')
      clock.advance(600)
    }
    line.end()
    expect(terminal.text).toBe('  1 of 3 inspected\n  3 of 3 inspected\n')
  })
})

describe('what is said above the line of progress stays', () => {
  test('on a terminal, and the line is there again below it', () => {
    const terminal = screen({ isTTY: true, columns: 40 })
    const line = progressLine(terminal, manualClock())
    line.say('before')
    line.show(2, 4, '')
    line.say('between')
    line.end()
    line.say('after')
    const bar = '\r\u001B[K  [############............] 2 of 4 ins'
    expect(terminal.text).toBe(`before\n${bar}\r\u001B[Kbetween\n${bar}\r\u001B[Kafter\n`)
  })

  test('elsewhere, as a line like any other', () => {
    const terminal = screen()
    const line = progressLine(terminal, manualClock())
    line.show(1, 4, '')
    line.say('between')
    line.end()
    expect(terminal.text).toBe('between\n')
  })
})

test('the table counts by queue and status, with sums', () => {
  const records = [
    record(),
    record({ attempt: 3, retryCount: 1, recoveries: 1 }),
    record({ queue: 'webhooks', status: 'failed', attempt: 2, retryCount: 1 }),
    record({ queue: 'webhooks', status: 'scheduled', attempt: 0 }),
  ]
  expect(statisticsTable(records)).toBe(
    [
      '  queue     scheduled  completed  failed  attempts  retries  recoveries',
      '  ---------------------------------------------------------------------',
      '  inspect           0          2       0         4        1           1',
      '  webhooks          1          0       1         2        1           0',
      '  ---------------------------------------------------------------------',
      '  all               1          2       1         6        2           1',
      '',
    ].join('\n'),
  )
})

test('amounts read well', () => {
  expect([0, 1023, 1536, 890_000_000, 3e15].map(formatBytes)).toEqual([
    '0 B',
    '1023 B',
    '1.5 KiB',
    '848.8 MiB',
    '2728.5 TiB',
  ])
  expect([7, 1234, 1234567].map(formatCount)).toEqual(['7', '1\u00A0234', '1\u00A0234\u00A0567'])
  expect([0, 999.4, 1500].map(formatMs)).toEqual(['0 ms', '999 ms', '1.5 s'])
})
