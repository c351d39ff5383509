import { expect, it } from 'vitest'
import { changeset } from '../checks/changeset.mjs'
import { repository } from './fixture.ts'

const core = { 'packages/core/package.json': { name: '@millrace/core' }, 'packages/core/src/index.ts': 'export {}' }
const problemsOf = (files: Record<string, string | object>): string[] => changeset(repository(files)).problems

it('accepts a changeset, a changelog, and a repository without sources', () => {
  expect(
    problemsOf({ ...core, '.changeset/a.md': `---\n'@millrace/core': minor\n---\n\nIt failed; now it works.\n` }),
  ).toEqual([])
  expect(problemsOf({ ...core, 'packages/core/CHANGELOG.md': '# 0.1.0' })).toEqual([])
  expect(problemsOf({})).toEqual([])
})

it('refuses sources that nobody announced', () => {
  expect(problemsOf({ ...core, '.changeset/README.md': 'how to' })).toHaveLength(1)
})

it('refuses a changeset for no package, and one that says nothing', () => {
  const file = '.changeset/a.md'
  expect(problemsOf({ ...core, [file]: `---\n'@millrace/none': minor\n---\n\nText.` })).toEqual([
    `${file}: no package @millrace/none`,
  ])
  expect(problemsOf({ ...core, [file]: `---\n'@millrace/core': minor\n---\n` })).toEqual([`${file}: says nothing`])
})
