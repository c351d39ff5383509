import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demo, type DemoOptions } from '../src/commands/demo.ts'
import { serve } from '../src/commands/serve.ts'
import type { OwnServer } from '../src/own-server.ts'
import { screen, type Screen } from './screen.ts'
import { testServer } from './servers.ts'
import { manifest, tree } from './tree.ts'

const PACKAGES = 60
const never = new AbortController().signal

function packages(): string {
  const paths = Array.from({ length: PACKAGES }, (_, i) => `p${i}`)
  return tree(Object.fromEntries(paths.map((name) => [`node_modules/${name}/package.json`, manifest(name)])))
}

function options(given: Partial<DemoOptions>): DemoOptions {
  const url = undefined
  return {
    folder: packages(), out: tree(), url, concurrency: 4, port: undefined, digestAfter: 0, chaos: false, ...given,
  } // prettier-ignore
}

/** Does something as soon as a text is there. */
function when(text: string, act: () => void): Screen {
  const inner = screen()
  let isDone = false
  return Object.assign(Object.create(inner), {
    write(more: string) {
      inner.write(more)
      if (isDone || !inner.text.includes(text)) return
      isDone = true
      act()
    },
  })
}

describe.each(['redis', 'valkey'] as const)('the demo on %s', { timeout: 60_000 }, (kind) => {
  let server: OwnServer
  beforeAll(async () => void (server = await testServer(kind)), 60_000)
  afterAll(async () => await server[Symbol.asyncDispose]())

  test('shares the work between two processes, and leaves none behind', async () => {
    const terminal = screen()
    const given = options({ url: server.url })
    expect({ code: await demo(given, terminal, never), errors: terminal.errors }).toEqual({ code: 0, errors: '' })
    expect(terminal.text).toContain(`Backend ${kind}, 2 worker processes with 4 handlers each`)
    expect(terminal.text).toContain(`witness agrees: ${PACKAGES} starts for ${PACKAGES} packages, in 2 processes\n`)
    expect(terminal.text).toMatch(new RegExp(`^ {2}inspect +${PACKAGES} +0 +${PACKAGES} +0 +0$`, 'm'))
    const pids = [...terminal.text.matchAll(/worker \d \| Works on \w+ in process (\d+)/g)].map(([, pid]) =>
      Number(pid),
    )
    expect(pids).toHaveLength(2)
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(JSON.parse(readFileSync(join(given.out, 'report.json'), 'utf8'))).toMatchObject({
      totals: { packages: PACKAGES },
    })
  })

  test('with chaos loses a worker and the server, and nothing else', async () => {
    const terminal = screen()
    const code = await demo(options({ url: `${kind}:`, chaos: true }), terminal, never, testServer)
    expect({ code, text: terminal.text }).toEqual({ code: 0, text: terminal.text })
    const [, held = 0] = /worker \d \(process \d+\) is killed, at work on (\d+) tasks? /.exec(terminal.text) ?? []
    expect(Number(held)).toBeGreaterThan(0)
    expect(terminal.text).toMatch(/worker 1 \(process \d+\) ended: SIGKILL; worker 3 takes its place/)
    expect(terminal.text).toMatch(/chaos after .+: the server is killed \(\d+ of 60 inspected\)/)
    expect(terminal.text).toMatch(/chaos after .+: the server has been started again, and answers/)
    expect(terminal.text).toMatch(new RegExp(`  recovered: ${held} of the ${held} tasks? that the killed worker held`))
    const [, recoveries = 0] = /^ {2}all .* (\d+)$/m.exec(terminal.text) ?? []
    expect(Number(recoveries)).toBeGreaterThanOrEqual(Number(held))
    expect(terminal.text).toMatch(/witness agrees: \d+ starts for 60 packages, in \d processes/)
  })
})

describe('on a server of the user', { timeout: 60_000 }, () => {
  let server: OwnServer
  beforeAll(async () => void (server = await testServer('redis')), 60_000)
  afterAll(async () => await server[Symbol.asyncDispose]())

  test('chaos kills a worker only', async () => {
    const terminal = screen()
    expect(await demo(options({ url: server.url, chaos: true }), terminal, never)).toBe(0)
    expect(terminal.text).toContain('the server was left alone: the demo has not started it')
    expect(terminal.text).not.toContain('the server is killed')
  })

  test('what an interrupted demo leaves is done by the next one', async () => {
    const interrupt = new AbortController()
    const given = options({ url: server.url })
    const terminal = when('worker 2 | Works on', () => interrupt.abort())
    expect(await demo(given, terminal, interrupt.signal)).toBe(130)
    expect(terminal.errors).toMatch(/^Interrupted: \d+ tasks? completed; the others wait for the next worker\.\n$/)
    const again = screen()
    expect(await demo(given, again, never)).toBe(0)
    expect(again.text).toContain('60 packages inspected')
  })

  test('what a stopped HTTP producer leaves waits', async () => {
    const stop = new AbortController()
    const terminal: Screen = when('http:', () => {
      const address = /http:\S+/.exec(terminal.text)?.[0] ?? ''
      void fetch(`${address}/inventory`, { method: 'POST' }).finally(() => stop.abort())
    })
    const given = { root: packages(), out: tree(), url: server.url, concurrency: 4, port: 0 }
    expect(await serve(given, terminal, stop.signal)).toBe(0)
    expect(terminal.text).toMatch(/Stopped\. What waits for the next worker: \d+ accepted tasks? \(/)
  })

  test('workers end with the demo that started them, however it ends', async () => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
    const { folder = '', out } = options({})
    const words = ['demo', folder, '--out', out, '--url', server.url, '--chaos']
    const program = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'ignore'] })
    const pids: number[] = []
    for await (const line of createInterface({ input: program.stdout })) {
      const [, pid] = /Works on \w+ in process (\d+)/.exec(line) ?? []
      if (pid !== undefined) pids.push(Number(pid))
      if (pids.length === 2) program.kill('SIGKILL')
    }
    expect(pids.length).toBeGreaterThanOrEqual(2)
    await expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([])
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
