import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const sources = new URL('fixture/sources.mjs', import.meta.url)
const program = new URL('fixture/program.ts', import.meta.url)

/** Runs the program, sends the signals once its three handlers run, and answers what it printed last and how it ended. */
async function stopped(
  graceMs: number,
  ...signals: NodeJS.Signals[]
): Promise<{ code: number | null; told: unknown; errors: string }> {
  const child = spawn(process.execPath, ['--import', sources.href, fileURLToPath(program), String(graceMs)])
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  let last = ''
  let running = 0
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()))
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    last = line
    running += line === 'running' ? 1 : 0
    if (line === 'running' && running === 3) for (const signal of signals) child.kill(signal)
  })
  const [[code]] = (await Promise.all([once(child, 'exit'), once(lines, 'close')])) as [[number | null], unknown]
  return { code, told: last.startsWith('{') ? JSON.parse(last) : last, errors }
}

describe('a worker program', () => {
  it.each([
    ['SIGTERM, after its grace', 200, ['SIGTERM']],
    ['SIGINT and SIGTERM, at once', 3_600_000, ['SIGINT', 'SIGTERM']],
  ] as const)(
    'ends with code 0 and gives back what it held: %s',
    async (_name, graceMs, signals) => {
      const { code, told, errors } = await stopped(graceMs, ...signals)
      expect({ code, told }, errors).toMatchObject({
        code: 0,
        told: {
          counts: { completed: 2, pending: 3, running: 0, failed: 0 },
          workers: 0,
          released: ['pending 1 0 release', 'pending 1 0 release', 'pending 1 0 release'],
          health: 'stopped',
        },
      })
    },
    60_000,
  )
})
