import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runCase, suite, type OpenBackend } from '@millrace/conformance/suite'
import type { Backend } from '@millrace/core'
import { redisBackend } from '@millrace/redis'
import type { EngineOptions } from '@millrace/redis-protocol'
import { valkeyBackend } from '@millrace/valkey'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandsIn } from '../../scripts/checks/lua/commands.mjs'
import { command } from '../../scripts/servers/connection.mjs'
import { startServer, type Server } from '../../scripts/servers/start-server.mjs'
import { commandCounts, tableOf } from '../measure/command-counts.ts'
import { codeBlocksOf } from './code-blocks.ts'
import { runProgram, writePrograms } from './programs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const textOf = (page: string): string => readFileSync(`${root}/docs/backends/${page}`, 'utf8')
const page = textOf('redis.md')

/** What the engine sends beside its scripts. */
const BESIDE =
  'eval evalsha hmget hscan smembers zadd bzpopmin info client|id client|unblock publish subscribe unsubscribe'.split(
    ' ',
  )
/** The groups of the suite that break nothing: what breaks a backend needs more than the backend's own user. */
const GROUPS = ['enqueue', 'claim', 'scheduling', 'recover', 'cancel', 'statistics', 'list', 'wake-ups']

/** What a backend opens without, as the page says. */
const OPTIONAL = ['info', 'client|unblock']

const acl = (/```text acl\n([^`]+)```/.exec(page)?.[1] ?? '').trim().split(/\s+/)
const granted = acl.flatMap((word) => (word.startsWith('+') ? [word.slice(1)] : []))

it('the user on the page may do what the scripts and the engine do, and nothing else', () => {
  const needed = new Set([...commandsIn(root).map((name) => name.toLowerCase()), ...BESIDE])
  expect(granted.toSorted()).toEqual([...needed].toSorted())
})

const ADAPTERS = [
  { kind: 'redis', open: (url: string, options: EngineOptions = {}) => redisBackend({ ...options, url }) },
  {
    kind: 'valkey',
    open: (url: string, options: EngineOptions = {}) =>
      valkeyBackend({ ...options, url: url.replace('redis', 'valkey') }),
  },
] as const

describe.each(ADAPTERS)('on $kind', ({ kind, open }) => {
  let server: Server
  beforeAll(async () => void (server = await startServer(kind)), 60_000)
  afterAll(() => server.stop())

  const file = `${kind}.md`
  const blocks = codeBlocksOf(`docs/backends/${file}`, textOf(file)).filter(({ runs }) => runs === 'on-server')
  const programs = writePrograms(`on-${kind}`, blocks)
  for (const block of blocks) {
    it(`${block.page}:${block.line}`, { timeout: 150_000 }, async () => {
      const { exitCode, stdout, stderr } = await runProgram(programs, block, server.url.replace('redis', kind))
      expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' })
      expect(stdout).toBe(block.output)
    })
  }

  it('the table of commands on the page is what the server counts', { timeout: 150_000 }, async () => {
    await using backend = closing(open(server.url, { namespace: 'counted', resendWindowMs: 0 }))
    const shown = /\| \| sent \|[^]*?\n\n/.exec(page)?.[0].trim()
    const counted = tableOf(await commandCounts(server.url, backend))
    expect(counted, '`node docs/measure/main.ts` prints the table for docs/backends/redis.md').toBe(shown)
  })

  describe('as the user on the page', () => {
    const login = (): string => server.url.replace('//', '//millrace:secret@')
    const grant = (...more: readonly string[]): Promise<unknown> =>
      command(server.url, 'ACL', 'SETUSER', ...acl.slice(1), ...more)

    it('on the default namespace, and on no other one', async () => {
      await grant()
      await using own = closing(open(login()))
      expect((await own.statistics()).counts.pending).toBe(0)
      await using other = closing(open(login(), { namespace: 'other' }))
      await expect(other.open()).rejects.toMatchObject({ code: 'permission' })
    })

    it('opening names each permission that is missing', { timeout: 150_000 }, async () => {
      for (const name of granted.filter((one) => !OPTIONAL.includes(one))) {
        await grant(`-${name}`)
        await using backend = closing(open(login()))
        const error: unknown = await backend.open().catch((reason: unknown) => reason)
        const said = new RegExp(`\\b${name.replace('|', '.')}\\b`, 'i')
        expect(error).toMatchObject({ code: 'permission', message: expect.stringMatching(said) })
      }
      await grant()
    })

    it('opening names all that are missing at once', async () => {
      const missing = ['hmget', 'smembers', 'hscan', 'evalsha', 'zscore', 'client|id', 'subscribe']
      await grant(...missing.map((name) => `-${name}`))
      await using backend = closing(open(login()))
      const error: unknown = await backend.open().catch((reason: unknown) => reason)
      for (const name of missing) expect(String(error).toLowerCase()).toContain(name.replace('|', ' '))
      await grant()
    })

    it('opens without what the page calls optional, and says what is slower without it', async () => {
      const reports: string[] = []
      await grant(...OPTIONAL.map((name) => `-${name}`))
      await using backend = closing(open(login(), { onReport: ({ message }) => void reports.push(message) }))
      expect((await backend.statistics()).counts.pending).toBe(0)
      expect(reports).toEqual([expect.stringContaining('client unblock')])
      await grant()
    })

    for (const group of suite.filter(({ name }) => GROUPS.includes(name))) {
      it(`a backend keeps the group ${group.name}`, { timeout: 150_000 }, async () => {
        // Each case has a namespace of its own, and so has what the user may touch.
        await grant('~{suite-*:0}:*', '&{suite-*:0}:*')
        for (const one of group.cases)
          await runCase(
            one,
            opener((options) => open(login(), options)),
          )
      })
    }
  })
})

function opener(open: (options: EngineOptions) => Backend): OpenBackend {
  const unbroken = (): Promise<never> => Promise.reject(new Error('this user breaks nothing'))
  const faults = { forgetIndex: unbroken, forgetRecord: unbroken, writeGarbage: unbroken }
  return async (options) => ({
    backend: open(options),
    second: open(options),
    break: { ...faults, dropConnections: unbroken, swallowNextReply: unbroken },
  })
}

function closing(backend: Backend): Backend & AsyncDisposable {
  return Object.assign(backend, { [Symbol.asyncDispose]: () => backend.close() })
}
