import { expect, it } from 'vitest'
import { HeldLines } from '../src/held-lines.ts'

it('knows the lines of what is held, each once', () => {
  const held = new HeldLines()
  held.hold('1', 'a|local')
  held.hold('2', 'a|local')
  held.hold('3', 'b|local')
  held.letGo('3')
  expect(held.of(['1', '2', '3', '4'])).toEqual(['a|local'])
  expect([held.get('1'), held.get('3')]).toEqual(['a|local', undefined])
})

it('forgets the oldest instead of growing without end', () => {
  const held = new HeldLines()
  for (let i = 0; i < 30_000; i++) held.hold(String(i), 'a|local')
  expect([held.get('0'), held.get('29999')]).toEqual([undefined, 'a|local'])
})
