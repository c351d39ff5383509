import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isCi, thisMachine } from '../../../scripts/servers/machine.mjs'
import { programOnPath } from '../../../scripts/servers/program.mjs'
import { startOwnServer, wantedServer, type ServerKind } from '../src/own-server.ts'
import { startReceiverFor } from '../src/receiver.ts'
import { Refusal } from '../src/refusal.ts'
import { tree } from './tree.ts'

afterEach(() => vi.unstubAllEnvs())

/** Listens and says so, as a server does. */
const LISTENS = `#!/usr/bin/env node
require('node:net').createServer().listen(Number(process.argv[3]), '127.0.0.1', () => console.log('Ready to accept connections'))
`

/** From now on only this stands for the servers, and their folders are made in the folder that is returned. */
function insteadOf(kind: ServerKind, program: string): string {
  const bin = tree({ [`${kind}-server`]: program })
  chmodSync(join(bin, `${kind}-server`), 0o755)
  vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`)
  return emptyTemp()
}

function emptyTemp(): string {
  const temp = tree()
  vi.stubEnv('TMPDIR', temp)
  return temp
}

async function isListening(url: string): Promise<boolean> {
  const socket = createConnection(Number(new URL(url).port), '127.0.0.1')
  return await once(socket, 'connect').then(
    () => (socket.destroy(), true),
    () => false,
  )
}

test.each([
  ['redis:', 'redis'],
  ['redis://', 'redis'],
  ['VALKEY:', 'valkey'],
  ['redis://localhost', null],
  ['rediss:', null],
  ['memory:', null],
])('%s wants %s', (url, kind) => expect(wantedServer(url)).toBe(kind))

describe.each(['redis', 'valkey'] as const)('a %s server of its own', (kind) => {
  const found = programOnPath(kind, thisMachine())
  const isReal = typeof found !== 'string'
  const name =
    isReal && found.how === 'program' ? `${kind}-server ${found.version}` : `a stand-in, for ${String(found)}`

  test(`starts, is killed, comes back at the same place, and is gone at the end with its folder: ${name}`, async () => {
    // A machine with Docker only has no real one. In CI that will not do: nobody would see it.
    expect(isReal || !isCi(thisMachine()), `in CI this needs the real one, and ${String(found)}`).toBe(true)
    if (!isReal) console.warn(`${found}: a stand-in was started instead`)
    const temp = isReal ? emptyTemp() : insteadOf(kind, LISTENS)
    const server = await startOwnServer(kind)
    expect(server.url).toMatch(new RegExp(`^${kind}://127\\.0\\.0\\.1:\\d+$`))
    expect(await isListening(server.url)).toBe(true)
    await server.kill()
    expect(await isListening(server.url)).toBe(false)
    await server.start()
    expect(await isListening(server.url)).toBe(true)
    expect(readdirSync(temp)).toHaveLength(1)
    await server[Symbol.asyncDispose]()
    expect(await isListening(server.url)).toBe(false)
    expect(readdirSync(temp)).toEqual([])
  })

  test('is refused with what it said if it does not start', async () => {
    const temp = insteadOf(kind, '#!/bin/sh\necho "bad configuration" >&2\n')
    await expect(startOwnServer(kind)).rejects.toThrow(`${kind}-server did not start:\nbad configuration`)
    expect(readdirSync(temp)).toEqual([])
  })

  test('is refused if it is not on PATH', async () => {
    vi.stubEnv('PATH', tree({ sh: '#!/bin/sh\nexec /bin/sh "$@"\n' }))
    await expect(startOwnServer(kind)).rejects.toBeInstanceOf(Refusal)
    await expect(startOwnServer(kind)).rejects.toThrow(`${kind}-server is not on PATH. Install it, or name`)
  })
})

test('a server takes another port if the first one is taken meanwhile', async () => {
  const first =
    "const isFirst = !require('node:fs').existsSync('second'); require('node:fs').writeFileSync('second', '')"
  const taken = "if (isFirst) { console.log('bind: Address already in use'); process.exit(1) }"
  insteadOf('redis', LISTENS.replace('\n', `\n${first}\n${taken}\n`))
  await using server = await startOwnServer('redis')
  expect(await isListening(server.url)).toBe(true)
})

test('a server ends with its user, also if that one is killed', { timeout: 20_000 }, async () => {
  const temp = insteadOf('redis', LISTENS)
  const module = fileURLToPath(new URL('../src/own-server.ts', import.meta.url))
  const code = `const { startOwnServer } = await import(${JSON.stringify(module)}); console.log((await startOwnServer('redis')).url)`
  const user = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url]: unknown[] = await once(user.stdout.setEncoding('utf8'), 'data')
  expect(await isListening(String(url).trim())).toBe(true)
  user.kill('SIGKILL')
  await expect.poll(() => isListening(String(url).trim()), { timeout: 10_000 }).toBe(false)
  await expect.poll(() => readdirSync(temp), { timeout: 10_000 }).toEqual([])
})

test('the receiver of a folder is at the same port each time, and elsewhere only if that is taken', async () => {
  const folder = tree()
  const first = await startReceiverFor(folder, 0)
  const second = await startReceiverFor(folder, 0)
  expect(second.url).not.toBe(first.url)
  await second[Symbol.asyncDispose]()
  await first[Symbol.asyncDispose]()
  await using third = await startReceiverFor(folder, 0)
  expect(third.url).toBe(first.url)
})
