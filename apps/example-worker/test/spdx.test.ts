import { describe, expect, test } from 'vitest'
import { formatExpression, mustAccept, parseExpression } from '../src/spdx.ts'

describe('a licence expression', () => {
  test.each([
    ['MIT', 'MIT'],
    ['(MIT)', 'MIT'],
    ['(MIT OR Apache-2.0)', 'MIT OR Apache-2.0'],
    ['mit or isc', 'mit OR isc'],
    ['MIT AND (BSD-3-Clause OR ISC)', 'MIT AND (BSD-3-Clause OR ISC)'],
    ['((MIT AND ISC) OR 0BSD)', 'MIT AND ISC OR 0BSD'],
    ['GPL-2.0-only WITH Classpath-exception-2.0', 'GPL-2.0-only WITH Classpath-exception-2.0'],
    ['GPL-2.0+', 'GPL-2.0+'],
    ['LicenseRef-Custom', 'LicenseRef-Custom'],
    ['DocumentRef-a.b:LicenseRef-c', 'DocumentRef-a.b:LicenseRef-c'],
  ])('%j is read as %j', (text, formatted) => {
    const expression = parseExpression(text)
    expect(expression && formatExpression(expression)).toBe(formatted)
  })

  test.each([
    '', '()', '(MIT', 'MIT)', 'MIT OR', 'OR MIT', 'MIT ISC', 'MIT, ISC', 'MIT/X11', 'GPL WITH', 'MIT AND AND ISC', '<script>', '+', '('.repeat(499),
    'MIT OR '.repeat(200) + 'MIT',
  ])('%j is none', (text) => expect(parseExpression(text)).toBeNull()) // prettier-ignore

  test.each([
    ['GPL-3.0', true],
    ['MIT OR GPL-3.0', false],
    ['MIT AND GPL-3.0', true],
    ['GPL-2.0 OR GPL-3.0', true],
    ['(MIT OR GPL-2.0) AND ISC', false],
  ])('%j can not be had without a GPL: %j', (text, expected) => {
    const expression = parseExpression(text)
    expect(expression && mustAccept(expression, (id) => id.startsWith('GPL'))).toBe(expected)
  })
})
