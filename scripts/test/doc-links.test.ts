import { expect, it } from 'vitest'
import { docLinks } from '../checks/doc-links.mjs'
import { repository } from './fixture.ts'

const problemsOf = (page: string): string[] =>
  docLinks(repository({ 'README.md': page, 'docs/a.md': '# One `two` & three\n\n## Same\n\n## Same\n' })).problems

it('accepts links that lead somewhere', () => {
  const page = `# Top
[page](docs/a.md) [heading](./docs/a.md#one-two--three) [again](docs/a.md#same-1) [here](#top) [folder](docs) [web](https://example.org/x)
[ref]: docs/a.md
\`[code](nowhere.md)\`
`
  expect(problemsOf(page)).toEqual([])
  expect(problemsOf('```md\n[code](nowhere.md)\n```\n')).toEqual([])
})

it.for([
  ['[a](docs/b.md)', 'no such file'],
  ['[a](docs/a.md#four)', 'no such heading'],
  ['[a](#nowhere)', 'no such heading'],
  ['[a](/docs/a.md)', 'relative'],
  ['[ref]: docs/b.md', 'no such file'],
  ['![image](docs/a.png "title")', 'no such file'],
  ['```ts\n```\n[a](docs/b.md)', 'README.md:3'],
] as const)('refuses %s', ([page, problem]) => {
  expect(problemsOf(page)).toEqual([expect.stringContaining(problem)])
})
