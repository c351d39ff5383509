import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer } from '../../scripts/servers/start-server.mjs'
import { deployPrograms, expectMeeting } from './deploy-programs.ts'
import { installPacked } from './installed.ts'
import { typeErrors, writePrograms } from './programs.ts'

describe('what is published, installed outside of the repository', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-installed-')))
  const programs = writePrograms(folder, deployPrograms())
  let names: readonly string[]

  beforeAll(async () => void (names = await installPacked(folder)), 60_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('lies there itself', () => {
    const places = names.map((name) => join(folder, 'node_modules', name))
    expect(names).toEqual(expect.arrayContaining(['@millrace/redis', '@millrace/valkey', '@millrace/worker']))
    expect(places.map((place) => realpathSync(place))).toEqual(places)
  })

  it('has the types that a program needs', { timeout: 150_000 }, async () => {
    expect(await typeErrors(programs)).toEqual(new Map())
  })

  it.each(['redis', 'valkey'] as const)(
    'lets a producer and a worker meet on %s',
    { timeout: 150_000 },
    async (kind) => {
      const server = await startServer(kind)
      await expectMeeting(programs, server.url.replace('redis', kind))
      await server.stop()
    },
  )
})
