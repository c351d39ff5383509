import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { startServer } from '../../scripts/servers/start-server.mjs'
import { codeBlocksOf } from './code-blocks.ts'
import { runProgram, writePrograms } from './programs.ts'

const page = 'docs/guide/deploy.md'
const blocks = codeBlocksOf(page, readFileSync(fileURLToPath(new URL(`../../${page}`, import.meta.url)), 'utf8'))
const shown = blocks.filter(({ runs }) => runs === 'on-server')
const programs = writePrograms('deploy', shown)

it.each(['redis', 'valkey'] as const)(
  'the producer and the worker of the page meet on %s',
  { timeout: 60_000 },
  async (kind) => {
    const [producer, worker, ...others] = shown
    if (producer === undefined || worker === undefined || others.length > 0)
      throw new Error(`${page} shows two programs`)
    const server = await startServer(kind)
    const url = server.url.replace('redis', kind)
    const working = spawn(process.execPath, [join(programs.folder, programs.fileOf(worker))], {
      env: { ...process.env, MILLRACE_URL: url },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(working, 'exit')
    const said = text(working.stdout)
    expect(await runProgram(programs, producer, url)).toEqual({ exitCode: 0, stdout: producer.output, stderr: '' })
    working.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(await said).toBe(worker.output)
    await server.stop()
  },
)
