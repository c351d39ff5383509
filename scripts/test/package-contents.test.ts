import { expect, it } from 'vitest'
import { packageContents } from '../checks/package-contents.mjs'

const files = [
  'package.json',
  'README.md',
  'LICENSE',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/index.js.map',
  'src/index.ts',
]
const manifest = { name: '@millrace/core', dependencies: { x: '1.0.0' } }

it('accepts build, sources, page and licence', () => {
  expect(packageContents({ files, manifest })).toEqual([])
})

it.for(files.filter((file) => !file.endsWith('.map')))('refuses a package without %s', (missing) => {
  const others = files.filter((file) => file !== missing)
  expect(packageContents({ files: others, manifest })).toEqual([`@millrace/core: ${missing} is missing`])
})

it.for(['test/a.ts', 'dist/.tsbuildinfo', 'src/a.test.ts', 'tsconfig.json', '.env'])(
  'refuses to publish %s',
  (extra) => {
    expect(packageContents({ files: [...files, extra], manifest })).toEqual([
      `@millrace/core: ${extra} should not be published`,
    ])
  },
)

it('refuses a script at install, and a link into the workspace', () => {
  const wrong = { name: 'x', scripts: { postinstall: 'true' }, dependencies: { y: 'workspace:*' } }
  expect(packageContents({ files, manifest: wrong })).toEqual([
    'x: has a postinstall script',
    'x: y still points into the workspace',
  ])
})
