import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scanPackages } from '../src/scan.ts'
import { link, manifest, tree } from './tree.ts'

async function scan(
  folder: string,
  boundary: string | null = null,
): Promise<{ keys: string[]; problems: readonly string[] }> {
  const { packages, problems } = await scanPackages(folder, { boundary })
  return { keys: packages.map(({ key }) => key).toSorted(), problems }
}

describe('a scan', () => {
  test('finds plain, scoped and nested packages once each', async () => {
    const folder = tree({
      'package.json': { name: 'project', dependencies: { a: '1' }, devDependencies: { '@s/b': '1' } },
      'node_modules/.bin/a': '',
      'node_modules/.cache/x/package.json': manifest('cached'),
      'node_modules/a/package.json': manifest('a'),
      'node_modules/a/node_modules/c/package.json': manifest('c', '2.0.0'),
      'node_modules/a/node_modules/d/package.json': manifest('d'),
      'node_modules/a/src/inner/package.json': manifest('inner'),
      'node_modules/@s/b/package.json': manifest('@s/b'),
      'node_modules/c/package.json': manifest('c'),
      'node_modules/d/package.json': manifest('d'),
      'node_modules/file.txt': '',
    })
    const { packages, problems } = await scanPackages(folder, { boundary: null })
    expect(problems).toEqual([])
    expect(packages.map(({ key, place, direct, copies }) => ({ key, place, direct, copies }))).toEqual([
      { key: '@s/b@1.0.0', place: 'node_modules/@s/b', direct: true, copies: 1 },
      { key: 'a@1.0.0', place: 'node_modules/a', direct: true, copies: 1 },
      { key: 'c@1.0.0', place: 'node_modules/c', direct: false, copies: 1 },
      { key: 'd@1.0.0', place: 'node_modules/d', direct: false, copies: 2 },
      { key: 'c@2.0.0', place: 'node_modules/a/node_modules/c', direct: false, copies: 1 },
    ])
    expect(await scan(join(folder, 'node_modules'))).toMatchObject({ keys: packages.map(({ key }) => key).toSorted() })
  })

  test('finds packages as pnpm lays them out, through links that go in circles', async () => {
    const folder = tree({
      'package.json': { dependencies: { a: '1' } },
      'node_modules/a': link('.pnpm/a@1.0.0/node_modules/a'),
      'node_modules/.pnpm/lock.yaml': '',
      'node_modules/.pnpm/a@1.0.0/node_modules/a/package.json': manifest('a'),
      'node_modules/.pnpm/a@1.0.0/node_modules/b': link('../../b@2.0.0/node_modules/b'),
      'node_modules/.pnpm/b@2.0.0/node_modules/b/package.json': manifest('b', '2.0.0'),
      'node_modules/.pnpm/b@2.0.0/node_modules/a': link('../../a@1.0.0/node_modules/a'),
      'node_modules/.pnpm/node_modules/b': link('../b@2.0.0/node_modules/b'),
      'node_modules/.pnpm/unused@1.0.0/x': '',
    })
    const { packages, problems } = await scanPackages(folder, { boundary: null })
    expect(problems).toEqual([])
    expect(packages.map(({ key, direct, copies }) => [key, direct, copies])).toEqual([
      ['a@1.0.0', true, 1],
      ['b@2.0.0', false, 1],
    ])
  })

  test('survives links to themselves, to their parents and to nowhere', async () => {
    const folder = tree({
      'node_modules/self': link('self'),
      'node_modules/gone': link('../gone'),
      'node_modules/up': link('..'),
      'node_modules/a/package.json': manifest('a'),
      'node_modules/a/node_modules': link('..'),
    })
    const { keys, problems } = await scan(folder)
    expect(keys).toEqual(['a@1.0.0'])
    expect(problems).toEqual([
      'node_modules/gone is a link that leads nowhere',
      'node_modules/self is a link that leads to itself',
      "node_modules/up leads to the project's own code, outside of node_modules",
    ])
  })

  test('takes a folder in node_modules without a usable package.json for a package, elsewhere not', async () => {
    const leaves = { 'broken/package.json': '{', 'empty/': '', 'ok/package.json': manifest('ok') }
    const inModules = tree(
      Object.fromEntries(Object.entries(leaves).map(([path, leaf]) => [`node_modules/${path}`, leaf])),
    )
    expect((await scan(inModules)).keys).toEqual([
      'ok@1.0.0',
      'unnamed:node_modules/broken',
      'unnamed:node_modules/empty',
    ])
    expect((await scan(tree(leaves))).keys).toEqual(['ok@1.0.0', 'unnamed:broken'])
  })

  test('gives a package with an endless identity a short key', async () => {
    const folder = tree({
      'node_modules/a/package.json': manifest('é'.repeat(200), 'v'.repeat(250)),
      'node_modules/b/package.json': manifest('é'.repeat(200), 'w'.repeat(250)),
    })
    const { keys } = await scan(folder)
    expect(keys).toEqual([expect.stringMatching(/^sha256:/), expect.stringMatching(/^sha256:/)])
    expect(new Set(keys).size).toBe(2)
  })

  test('does not leave its boundary', async () => {
    const outside = tree({ 'secret/package.json': manifest('secret') })
    const folder = tree({
      'node_modules/secret': link(join(outside, 'secret')),
      'node_modules/a/package.json': manifest('a'),
      'node_modules/a/node_modules': link(outside),
    })
    expect(await scan(folder, folder)).toEqual({
      keys: ['a@1.0.0'],
      problems: ['node_modules/a/node_modules and 1 more lead out of the permitted folder'],
    })
  })

  test('tells copies of one name and version apart where manifest or licence differ', async () => {
    const licensed = (license: string): object => manifest('c', '1.0.0', { license })
    const folder = tree({
      'node_modules/c/package.json': licensed('MIT'),
      'node_modules/c/LICENSE': 'Permission is granted',
      'node_modules/a/package.json': manifest('a'),
      'node_modules/a/node_modules/c/package.json': { ...licensed('MIT'), _resolved: 'from elsewhere' },
      'node_modules/a/node_modules/c/LICENSE': 'Permission is granted',
      'node_modules/b/package.json': manifest('b'),
      'node_modules/b/node_modules/c/package.json': licensed('GPL-3.0'),
      'node_modules/b/node_modules/c/LICENSE': 'Permission is granted',
      'node_modules/d/package.json': manifest('d'),
      'node_modules/d/node_modules/c/package.json': licensed('MIT'),
      'node_modules/d/node_modules/c/LICENSE': 'All rights reserved',
      'node_modules/e/package.json': manifest('e'),
      'node_modules/e/node_modules/c/package.json': licensed('GPL-3.0'),
      'node_modules/e/node_modules/c/LICENSE': 'Permission is granted',
      'node_modules/f/package.json': '{',
      'node_modules/g/package.json': '{',
    })
    const { packages } = await scanPackages(folder, { boundary: null })
    const first = 'node_modules/c'
    expect(
      packages
        .filter(({ name }) => name === 'c')
        .map(({ key, place, copies, differsFrom }) => [key, place, copies, differsFrom]),
    ).toEqual([
      ['c@1.0.0', first, 2, null],
      [expect.stringMatching(/^c@1\.0\.0#[\da-f]{16}$/), 'node_modules/b/node_modules/c', 2, first],
      [expect.stringMatching(/^c@1\.0\.0#[\da-f]{16}$/), 'node_modules/d/node_modules/c', 1, first],
    ])
    expect(new Set(packages.map(({ key }) => key)).size).toBe(packages.length)
    expect((await scanPackages(folder, { boundary: null })).packages).toEqual(packages)
  })

  test('says where a link leads that is no third party’s', async () => {
    const elsewhere = tree({ 'lib/package.json': manifest('lib') })
    const folder = tree({
      'packages/own/package.json': manifest('own'),
      'node_modules/own': link('../packages/own'),
      'node_modules/lib': link(join(elsewhere, 'lib')),
    })
    expect(await scan(folder)).toEqual({
      keys: [],
      problems: [
        'node_modules/lib leads out of the project, and not into a node_modules folder',
        "node_modules/own leads to the project's own code, outside of node_modules",
      ],
    })
  })

  test('says of a name that is not UTF-8 what it is', async () => {
    const folder = tree({ 'node_modules/a/package.json': manifest('a') })
    mkdirSync(Buffer.concat([Buffer.from(`${folder}/node_modules/b`), Buffer.from([0xff])]))
    expect(await scan(folder)).toEqual({
      keys: ['a@1.0.0'],
      problems: ['node_modules/b\uFFFD has a name that is not UTF-8'],
    })
  })

  test('takes links out of node_modules for the project’s own code', async () => {
    const folder = tree({
      'packages/own/package.json': manifest('own'),
      'node_modules/own': link('../packages/own'),
      'node_modules/a/package.json': manifest('a'),
      'apps/x/node_modules/a': link('../../../node_modules/a'),
    })
    const problems = ["node_modules/own leads to the project's own code, outside of node_modules"]
    expect(await scan(folder)).toEqual({ keys: ['a@1.0.0'], problems })
    expect(await scan(join(folder, 'apps/x'))).toEqual({ keys: ['a@1.0.0'], problems: [] })
  })

  test('says what may not be read', async () => {
    const folder = tree({
      'node_modules/closed/package.json': manifest('closed'),
      'node_modules/@closed/x/package.json': manifest('x'),
      'node_modules/open/package.json': manifest('open'),
    })
    chmodSync(join(folder, 'node_modules/closed'), 0)
    chmodSync(join(folder, 'node_modules/@closed'), 0)
    const { keys, problems } = await asOrdinaryUser(() => scan(folder))
    expect(keys).toEqual(['open@1.0.0', 'unnamed:node_modules/closed'])
    expect(problems).toEqual(['node_modules/@closed may not be read'])
  })

  test('of an empty folder finds nothing, of a missing one fails', async () => {
    expect(await scan(tree())).toEqual({ keys: [], problems: [] })
    await expect(scan('/nowhere/at/all')).rejects.toThrow('ENOENT')
  })
})

/** What permissions forbid, they do not forbid the superuser. */
async function asOrdinaryUser<T>(act: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await act()
  process.seteuid?.(65_534)
  try {
    return await act()
  } finally {
    process.seteuid?.(0)
  }
}
