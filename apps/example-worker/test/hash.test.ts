import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fingerprint } from '../src/hash.ts'
import { link, tree } from './tree.ts'

const never = new AbortController().signal

describe('the fingerprint of a package', () => {
  test('is the same for the same paths and contents, wherever they lie', async () => {
    const leaves = { 'package.json': '{}', 'lib/b.js': 'b', 'lib/a.js': 'a', 'empty.js': '' }
    const one = await fingerprint(tree(leaves), never)
    const two = await fingerprint(tree(Object.fromEntries(Object.entries(leaves).toReversed())), never)
    expect(one).toEqual(two)
    expect(one).toMatchObject({ files: 4, bytes: 4, hashed: 'full', problems: [] })
    expect(one.hash).toMatch(/^[0-9a-f]{64}$/)
  })

  test('changes with a byte, a path, and a border between two files', async () => {
    const folder = tree({ a: 'one', b: 'two' })
    const { hash } = await fingerprint(folder, never)
    const others = [tree({ a: 'One', b: 'two' }), tree({ a: 'one', c: 'two' }), tree({ a: 'on', b: 'etwo' })]
    for (const other of others) expect((await fingerprint(other, never)).hash).not.toBe(hash)
  })

  test('leaves out the package’s own node_modules, and follows no link', async () => {
    const folder = tree({
      'index.js': 'x',
      'node_modules/other/index.js': 'y',
      'fixtures/node_modules/z.js': 'z',
      here: link('.'),
      hosts: link('/etc/hosts'),
      nowhere: link('nowhere/at/all'),
    })
    const { files, bytes, problems } = await fingerprint(folder, never)
    expect({ files, bytes, problems }).toEqual({ files: 5, bytes: 2 + 1 + 10 + 14, problems: [] })
  })

  test('says that it is partial where a file is too large to read whole', async () => {
    const folder = tree({ 'large.bin': '' })
    const large = join(folder, 'large.bin')
    truncateSync(large, 5 * 1_048_576)
    const before = await fingerprint(folder, never)
    expect(before).toMatchObject({ files: 1, bytes: 5 * 1_048_576, hashed: 'partial' })
    appendFileSync(large, 'x')
    const after = await fingerprint(folder, never)
    expect(after.hash).not.toBe(before.hash)
    renameSync(large, join(folder, 'renamed.bin'))
    expect((await fingerprint(folder, never)).hash).not.toBe(after.hash)
  })

  test('says that it is partial where all files together are too large', async () => {
    const folder = tree()
    for (let i = 0; i < 5; i++) {
      writeFileSync(join(folder, `${i}`), '')
      truncateSync(join(folder, `${i}`), 4 * 1_048_576)
    }
    expect(await fingerprint(folder, never)).toMatchObject({ files: 5, hashed: 'partial' })
  })

  test('of a folder that is gone says so', async () => {
    expect(await fingerprint('/nowhere/at/all', never)).toMatchObject({ files: 0, problems: ['could not be read: .'] })
  })

  test('ends with its signal', async () => {
    await expect(fingerprint(tree({ a: 'x' }), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  })
})
