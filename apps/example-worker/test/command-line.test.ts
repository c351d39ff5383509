import { join } from 'node:path'
import { existsSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { runCommandLine } from '../src/command-line.ts'
import { screen, type Screen } from './screen.ts'
import { testServer } from './servers.ts'
import { manifest, tree } from './tree.ts'

afterEach(() => vi.unstubAllEnvs())

const never = new AbortController().signal

async function run(...words: readonly string[]): Promise<{ code: number; terminal: Screen }> {
  const terminal = screen()
  return { code: await runCommandLine(words, terminal, never), terminal }
}

describe('the command line', { timeout: 30_000 }, () => {
  test('runs the demo with what it is given', async () => {
    const out = join(tree(), 'out')
    const folder = tree({ 'node_modules/a/package.json': manifest('a') })
    const { code, terminal } = await run('demo', folder, '--out', out, '--concurrency', '2', '--url', 'memory:')
    expect(code).toBe(0)
    expect(terminal.text).toContain('2 handlers at once')
    expect(terminal.text).toContain(join(out, 'report.html'))
  })

  test.each([
    [['demo', '/nowhere/at/all'], 'There is no folder /nowhere/at/all.\n'],
    [
      ['demo', '--port', '70000'],
      /--port <port>' argument '70000' is invalid\. It must be a whole number from 0 to 65535\./,
    ],
    [['demo', '--concurrency', '0'], /whole number from 1 to 256/],
    [['demo', '--concurrency', '1e2'], /whole number from 1 to 256/],
    [['demo', '--outt', 'x'], /unknown option '--outt'/],
    [['demo', 'a', 'b'], /too many arguments/],
    [['dmo'], /unknown command 'dmo'/],
    [[], /Usage: example-worker/],
    [['demo', '--chaos', '--url', 'memory:'], /--chaos needs .* Try --url redis: or --url valkey:/],
    [['work', '--url', 'memory:', '--out', '.'], /nothing to work on\. Give a --url that processes share\./],
    [['pause', 'inspect'], /nothing to pause\. Give a --url that processes share\./],
    [['resume', 'no queue', '--url', 'redis://127.0.0.1:1'], /^queues\[0\] must be 1 to 200 of/],
    [['work', '--stale-after', '0'], /whole number from 1 to 3600/],
    [['work', '--url', 'redis:', '--out', '.'], /The backend's url must be redis:/],
    [['serve', '--root', '/nowhere/at/all'], 'There is no folder /nowhere/at/all.\n'],
  ])('%j ends with 2 and says why', async (words, message) => {
    const { code, terminal } = await run(...words)
    expect(code).toBe(2)
    expect(terminal.errors).toMatch(message)
  })

  test.each([['--help'], ['demo', '--help'], ['help', 'serve'], ['help', 'work']])('%s helps', async (...words) => {
    const { code, terminal } = await run(...words)
    expect(code).toBe(0)
    expect(terminal.text).toMatch(/^Usage: example-worker/)
  })

  test('serves until it is told to stop', async () => {
    const root = tree({ 'node_modules/a/package.json': manifest('a') })
    const stop = new AbortController()
    const answers: unknown[] = []
    const terminal = screen()
    const asking = {
      ...terminal,
      write(text: string) {
        terminal.write(text)
        const address = /http:\S+/.exec(text)?.[0]
        if (address !== undefined) void ask(address).finally(() => stop.abort())
      },
    }
    async function ask(address: string): Promise<void> {
      for (const [path, method] of [
        ['/inventory', 'POST'],
        ['/nothing', 'GET'],
      ] as const)
        answers.push((await fetch(address + path, { method })).status)
    }
    const out = tree()
    const words = ['serve', '--port', '0', '--root', root, '--out', out]
    expect(await runCommandLine(words, asking, stop.signal)).toBe(0)
    expect(answers).toEqual([202, 404])
    // The digest at least is scheduled for five seconds later.
    expect(terminal.text).toMatch(
      /Stopped\. Lost, because it was only in the memory of this process: \d+ accepted tasks? \((?:\d+ \w+(?:, )?)+\)\.\n$/,
    )
    expect(existsSync(join(out, 'witness.ndjson'))).toBe(false)
  })

  test('pauses and resumes queues for all who share a server, and says what is paused', async () => {
    await using server = await testServer('redis')
    const said = async (...words: readonly string[]): Promise<string> => (await run(...words, '--url', server.url)).terminal.text // prettier-ignore
    expect(await said('pause', 'inspect', 'webhooks')).toBe('Paused: inspect, webhooks. What runs is finished.\n')
    expect(await said('pause')).toBe('Paused: everything, inspect, webhooks. What runs is finished.\n')
    expect(await said('resume', 'inspect')).toBe('Paused: everything, webhooks. What runs is finished.\n')
    expect(await said('resume')).toBe('Paused: webhooks. What runs is finished.\n')
    expect(await said('resume', 'webhooks')).toBe('Nothing is paused.\n')
  })

  test('says nothing of what is lost if nothing is', async () => {
    const stop = new AbortController()
    const terminal = screen()
    const listening = {
      ...terminal,
      write(text: string) {
        terminal.write(text)
        if (text.includes('http:')) stop.abort()
      },
    }
    expect(
      await runCommandLine(['serve', '--port', '0', '--root', tree(), '--out', tree()], listening, stop.signal),
    ).toBe(0)
    expect(terminal.text).toMatch(/Stopped\.\n$/)
  })

  test.each(['', ' '])('takes MILLRACE_URL=%j for none', async (url) => {
    vi.stubEnv('MILLRACE_URL', url)
    const { code, terminal } = await run('demo', tree(), '--out', tree())
    expect(terminal.errors).toBe('')
    expect(code).toBe(0)
  })

  test('takes the backend from MILLRACE_URL', async () => {
    vi.stubEnv('MILLRACE_URL', 'nowhere://at-all')
    const { code, terminal } = await run('demo', tree(), '--out', tree())
    expect(terminal.errors).toContain('unknown scheme nowhere:')
    expect(code).toBe(2)
  })
})
