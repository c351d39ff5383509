import { expect, it } from 'vitest'
import { trackedText } from '../checks/tracked-text.mjs'
import { repository } from './fixture.ts'

// Written in pieces, so that this file does not hold what it forbids.
const path = (...parts: string[]): string => ['', ...parts].join('/')
const host = (...parts: string[]): string => parts.join('.')
const problemsOf = (file: string, text: string): string[] => trackedText(repository({ [file]: text })).problems

it.for([
  `see ${path('work', 'main')}`,
  `"${path('root', '.npmrc')}"`,
  path('home', 'somebody', 'x'),
  path('Users', 'somebody'),
  `https://${host('registry', 'example', 'org')}/x`,
  host('npmjs', 'org'),
])('refuses %s', (text) => {
  expect(problemsOf('notes.md', `first\n${text}\n`)).toEqual([expect.stringContaining('notes.md:2')])
})

it('refuses an address in the lock file', () => {
  expect(problemsOf('pnpm-lock.yaml', '    resolution: {integrity: x, tarball: y}')).toHaveLength(1)
})

it.for(['./work/x', 'src/root/y', 'https://example.org/work/', 'npm >=10.9.0', 'the npm registry'])(
  'accepts %s',
  (text) => {
    expect(problemsOf('notes.md', text)).toEqual([])
  },
)
