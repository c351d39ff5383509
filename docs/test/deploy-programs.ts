import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { codeBlocksOf, type CodeBlock } from './code-blocks.ts'
import { runProgram, type Programs } from './programs.ts'

const PAGE = 'docs/guide/deploy.md'

/** The two programs that the page shows: a producer, and the worker that it waits for. */
export function deployPrograms(): readonly [producer: CodeBlock, worker: CodeBlock] {
  const page = readFileSync(fileURLToPath(new URL(`../../${PAGE}`, import.meta.url)), 'utf8')
  const [producer, worker, ...others] = codeBlocksOf(PAGE, page).filter(({ runs }) => runs === 'on-server')
  if (producer === undefined || worker === undefined || others.length > 0) throw new Error(`${PAGE} shows two programs`)
  return [producer, worker]
}

/** The producer gets the worker's answer by way of a server, then the worker is told to stop, and does. */
export async function expectMeeting(programs: Programs, url: string): Promise<void> {
  const [producer, worker] = deployPrograms()
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
}
