import { createServer } from 'node:http'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { demo, type DemoOptions } from '../src/commands/demo.ts'
import { Refusal } from '../src/refusal.ts'
import { checkPage } from './page.ts'
import { TEXTS } from './licence-texts.ts'
import { screen, type Screen } from './screen.ts'
import { manifest, tree } from './tree.ts'

const never = new AbortController().signal

async function run(
  folder: string,
  given: Partial<DemoOptions> = {},
): Promise<{ code: number; terminal: Screen; out: string }> {
  const out = join(tree(), 'some', 'report')
  const terminal = screen()
  const options = { folder, out, url: 'memory:', concurrency: 4, port: 0, digestAfter: 20, chaos: false, ...given }
  return { code: await demo(options, terminal, never), terminal, out }
}

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
}

describe('the demo', { timeout: 30_000 }, () => {
  test('inspects every package once, posts progress with retries, and writes the report', async () => {
    const packages = Object.fromEntries(
      Array.from({ length: 120 }, (_, i) => [`node_modules/p${i}/package.json`, manifest(`p${i}`)]),
    )
    const { code, terminal, out } = await run(
      tree({
        ...packages,
        'node_modules/<img src=x>/package.json': manifest('<img src=x onerror=alert(1)>', '1.0.0', {
          license: '"><script>',
        }),
        'node_modules/broken/package.json': '{"name": ',
        'node_modules/empty/': '',
        'node_modules/old/package.json': { name: 'old', version: '1.0.0' },
        'node_modules/old/LICENCE.txt': TEXTS['GPL-3.0'] ?? '',
      }),
    )
    expect(terminal.errors).toBe('')
    expect(code).toBe(0)
    expect(terminal.text).toContain('witness agrees: 124 starts for 124 packages')
    expect(terminal.text).toMatch(/^ {2}inspect +124 +0 +124 +0 +0$/m)
    expect(terminal.text).toMatch(/^ {2}webhooks +[1-9] +0 +\d+ +3 +0$/m)
    expect(terminal.text).toMatch(/the receiver refused 3 posts, retried 3 times/)
    expect(terminal.text).toMatch(/digest scheduled for 20 ms after the start, started after \d+ ms/)

    const page = readFileSync(join(out, 'report.html'), 'utf8')
    checkPage(page)
    expect(page).not.toMatch(/<script|<img/)
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;')
    const report = readJson(join(out, 'report.json'))
    expect(report).toMatchObject({
      totals: { packages: 124, flagged: 4, problems: 4 },
      licences: [
        { licence: 'MIT', packages: 120 },
        { licence: 'unknown', packages: 3, flag: 'unknown' },
        { licence: 'GPL-3.0', packages: 1, flag: 'copyleft' },
      ],
    })
    expect(readFileSync(join(out, 'witness.ndjson'), 'utf8').trimEnd().split('\n')).toHaveLength(124)
  })

  test('of an empty folder says so and writes an empty report', async () => {
    const folder = tree()
    const { code, terminal, out } = await run(folder)
    expect(code).toBe(0)
    expect(terminal.text).toContain(`There are no packages in ${folder}; the report says so.`)
    expect(readJson(join(out, 'report.json'))).toMatchObject({ totals: { packages: 0 }, packages: [] })
    checkPage(readFileSync(join(out, 'report.html'), 'utf8'))
  })

  test('can be run again into the same folder', async () => {
    const folder = tree({ 'node_modules/a/package.json': manifest('a') })
    const { out } = await run(folder)
    const { code, terminal } = await run(folder, { out })
    expect(code).toBe(0)
    expect(terminal.text).toContain('witness agrees: 1 start for 1 package')
  })

  test.each([
    ['a missing folder', () => '/nowhere/at/all', {}, 'There is no folder /nowhere/at/all.'],
    ['a file', () => join(tree({ file: '' }), 'file'), {}, /is a file, not a folder\.$/],
    ['a path through a file', () => join(tree({ file: '' }), 'file', 'x'), {}, /^There is no folder/],
    [
      'a backend that is not there',
      () => tree(),
      { url: 'amqp://localhost' },
      /unknown scheme amqp:; the adapters given serve memory:, redis:, rediss:, valkey:, valkeys:$/,
    ],
    [
      'a server that is not there',
      () => tree(),
      { url: 'redis://:secret@127.0.0.1:1' },
      /^The backend cannot be used: no answer from the server: connect ECONNREFUSED 127\.0\.0\.1:1$/,
    ],
    ['chaos where nothing would outlive it', () => tree(), { chaos: true }, /^--chaos needs a backend that outlives/],
    ['what is no URL', () => tree(), { url: 'nonsense' }, /has no scheme; the adapters given serve memory:/],
  ])('refuses %s', async (_, folder, given, message) => {
    await expect(run(folder(), given)).rejects.toThrow(message)
    await expect(run(folder(), given)).rejects.toBeInstanceOf(Refusal)
  })

  test('refuses to write where a file is', async () => {
    const folder = tree({ file: '' })
    await expect(run(folder, { out: join(folder, 'file') })).rejects.toThrow(
      /cannot be written to .+: it is not a folder$/,
    )
    await expect(run(folder, { out: join(folder, 'file', 'x', 'y') })).rejects.toThrow(/it is not a folder$/)
  })

  test('refuses a port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    await expect(run(tree(), { port })).rejects.toThrow(`Port ${port} is in use. Choose another one with --port.`)
    server.close()
  })

  test('ends with 130 when it is interrupted, and says what became of the rest', async () => {
    const interrupt = new AbortController()
    const terminal = { ...screen(), writeError: (text: string) => void (said += text) }
    let said = ''
    const folder = tree(
      Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`node_modules/p${i}/package.json`, manifest(`p${i}`)])),
    )
    const out = tree()
    // As soon as the backend is named, the work is about to begin.
    terminal.write = (text) => void (text.startsWith('Backend') && queueMicrotask(() => interrupt.abort()))
    const options = { folder, out, url: undefined, concurrency: 2, port: undefined, digestAfter: 10, chaos: false }
    expect(await demo(options, terminal, interrupt.signal)).toBe(130)
    expect(said).toMatch(
      /^Interrupted: \d+ tasks? completed; the others were in memory and are gone with this process\.\n$/,
    )
    expect(existsSync(join(out, 'report.html'))).toBe(false)
  })
})
