import { expect, it } from 'vitest'
import { importGraph } from '../checks/import-graph.mjs'
import { repository } from './fixture.ts'

const core = { name: '@millrace/core', dependencies: { '@standard-schema/spec': '1' } }
const memory = { name: '@millrace/memory', dependencies: { '@millrace/core': '1' } }
const problemsOf = (files: Record<string, string | object>): string[] => importGraph(repository(files)).problems

it('accepts what is drawn', () => {
  const problems = problemsOf({
    'packages/core/package.json': core,
    'packages/core/src/task.ts': `import type { StandardSchemaV1 } from '@standard-schema/spec'\nexport * from './status.ts'`,
    'packages/memory/package.json': memory,
    'packages/memory/src/index.ts': `import { STATUS } from '@millrace/core'\nimport 'node:crypto'`,
  })
  expect(problems).toEqual([])
})

it.for([
  ['a runtime import into core', `import { x } from '@standard-schema/spec'`, 'as a type only'],
  ['Node in core', `import { randomBytes } from 'node:crypto'`, 'runs anywhere'],
  ['an arrow that is not drawn', `export { memory } from '@millrace/memory'`, 'may not import @millrace/memory'],
  ['a hidden import', `await import('left-pad')`, 'may not import left-pad'],
  ['a path into another package', `import { x } from '../../memory/src/index.ts'`, 'leaves packages/core/src'],
] as const)('refuses %s', ([, source, problem]) => {
  const problems = problemsOf({ 'packages/core/package.json': core, 'packages/core/src/index.ts': source })
  expect(problems).toEqual([expect.stringContaining(problem)])
})

it('refuses a dependency, a peer and a client library that are not drawn', () => {
  const manifest = { ...memory, dependencies: { 'left-pad': '1' }, peerDependencies: { ioredis: '6' } }
  expect(problemsOf({ 'packages/memory/package.json': manifest })).toEqual([
    'packages/memory/package.json: may not depend on left-pad',
    'packages/memory/package.json: may not ask for the peer ioredis',
    'packages/memory/package.json: the client library ioredis belongs to @millrace/redis',
  ])
})

it('refuses an import that package.json does not name', () => {
  const files = {
    'packages/memory/package.json': { name: '@millrace/memory' },
    'packages/memory/src/index.ts': `import '@millrace/core'`,
  }
  expect(problemsOf(files)).toEqual([expect.stringContaining('@millrace/core is not in packages/memory/package.json')])
})

it('refuses a package that nobody drew', () => {
  expect(problemsOf({ 'packages/extra/package.json': { name: '@millrace/extra' } })).toHaveLength(1)
})

it('refuses the conformance suite and a client library in an app', () => {
  const problems = problemsOf({
    'apps/demo/package.json': { name: 'demo', devDependencies: { redis: '6' } },
    'apps/demo/src/main.ts': `import { describeBackend } from '@millrace/conformance/suite'`,
  })
  expect(problems).toEqual([
    expect.stringContaining('no source imports the conformance suite'),
    expect.stringContaining('redis belongs to no package'),
  ])
})
