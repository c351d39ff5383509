import { expect, it } from 'vitest'
import { drawing, spliced } from '../generate/lifecycle.mjs'

const transitions = {
  enqueue: { from: [], to: ['pending'] },
  claim: { from: ['pending'], to: ['running'] },
  retry: { from: ['running'], to: ['pending'] },
  release: { from: ['running'], to: ['pending'] },
  remove: { from: ['running'], to: [] },
}

it('draws every transition once, in the diagram and in the table', () => {
  const drawn = drawing(['pending', 'running'], transitions)
  expect(drawn).toContain('  [*] --> pending: enqueue\n')
  expect(drawn).toContain('  running --> pending: retry, release\n')
  expect(drawn).toContain('  running --> [*]: remove\n')
  expect(drawn).toContain('| enqueue | (none) | pending |')
  expect(drawing(['pending', 'running'], { ...transitions, claim: { from: [], to: [] } })).not.toBe(drawn)
})

it('replaces what is between the markers and nothing else', () => {
  const page = 'Before.\n<!-- generated:lifecycle -->\nold\n<!-- /generated -->\nAfter.\n'
  const once = spliced(page, 'new')
  expect(once).toBe('Before.\n<!-- generated:lifecycle -->\n\nnew\n\n<!-- /generated -->\nAfter.\n')
  expect(spliced(once, 'new')).toBe(once)
})

it('refuses a page without the markers', () => {
  expect(() => spliced('# Page', 'new')).toThrow('needs the markers')
})
