import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { parseManifest, readManifest } from '../src/manifest.ts'
import { link, tree } from './tree.ts'

describe('a package.json', () => {
  test('gives what the inventory needs, also behind a byte order mark', async () => {
    const folder = tree({
      'package.json': `\uFEFF${JSON.stringify({
        name: '@scope/name',
        version: '1.2.3',
        license: 'MIT',
        scripts: { postinstall: 'node x', test: 'x' },
        dependencies: { a: '1' },
        devDependencies: { b: '1' },
      })}`,
    })
    expect(await readManifest(folder)).toEqual({
      missing: false,
      problems: [],
      manifest: {
        name: '@scope/name',
        version: '1.2.3',
        licence: 'MIT',
        installScripts: ['postinstall'],
        dependencies: ['a', 'b'],
      },
    })
  })

  test.each([
    ['is empty', '', 'package.json is empty'],
    ['is blank', ' \n', 'package.json is empty'],
    ['breaks off', '{"name": "a", "ver', 'package.json is not valid JSON'],
    ['has comments', '{ // a\n"name": "a" }', 'package.json is not valid JSON'],
    ['is null', 'null', 'package.json holds null, not an object'],
    ['is a list', '[]', 'package.json holds a list, not an object'],
    ['is a number', '7', 'package.json holds a number, not an object'],
    ['is absurdly deep', '['.repeat(200_000), 'package.json is not valid JSON'],
    ['has no name', '{"version": "1.0.0"}', 'package.json has no name'],
    ['has no version', '{"name": "a"}', 'package.json has no version'],
    ['has a number for a name', '{"name": 7, "version": "1.0.0"}', 'package.json: name is a number, not a text'],
    ['has a blank name', '{"name": " ", "version": "1.0.0"}', 'package.json: name is blank, not a text'],
    ['has an object for a version', '{"name": "a", "version": {}}', 'package.json: version is an object, not a text'],
    [
      'has an endless name',
      `{"name": "${'a'.repeat(300)}", "version": "1"}`,
      'package.json: name is longer than 214 characters',
    ],
    ['has a name in its prototype only', '{"__proto__": {"name": "a"}, "version": "1"}', 'package.json has no name'],
  ])('that %s is used as far as it goes', (_, text, problem) => {
    expect(parseManifest(text).problems).toEqual([problem])
  })

  test.each([
    ['is missing', {}, true, 'package.json is missing'],
    ['is a folder', { 'package.json/x': '' }, false, 'package.json is not a file'],
    [
      'is a link',
      { 'package.json': link('elsewhere.json'), 'elsewhere.json': '{}' },
      false,
      'package.json is a link, which is not followed',
    ],
    ['is not text', { 'package.json': new Uint8Array([0x7b, 0xff, 0xfe]) }, false, 'package.json is not UTF-8 text'],
    ['is huge', { 'package.json': ' '.repeat(1_048_577) }, false, 'package.json is larger than 1024 KiB'],
  ])('that %s is a problem, not an error', async (_, leaves, missing, problem) => {
    expect(await readManifest(tree(leaves))).toMatchObject({ missing, problems: [problem] })
  })

  test('that is a pipe nobody writes to is not waited for', async () => {
    const folder = tree()
    execFileSync('sh', ['-c', 'mkfifo package.json'], { cwd: folder })
    expect(await readManifest(folder)).toMatchObject({ problems: ['package.json is not a file'] })
  })

  test('with odd scripts and dependencies has none', () => {
    const { manifest } = parseManifest('{"name": "a", "version": "1", "scripts": ["install"], "dependencies": 7}')
    expect(manifest).toMatchObject({ installScripts: [], dependencies: [] })
  })
})
