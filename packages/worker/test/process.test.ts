import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const sources = new URL('fixture/sources.mjs', import.meta.url)
const plain = new URL('fixture/program.ts', import.meta.url)
const difficult = new URL('fixture/difficult-program.ts', import.meta.url)

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly lines: readonly string[]
  readonly errors: string
}

/** Runs a program, sends it signals once it has said something so often, and answers how it ended. */
async function ended(
  program: URL,
  word: string,
  signals: Readonly<Record<string, readonly NodeJS.Signals[]>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', sources.href, fileURLToPath(program), word])
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  const said: string[] = []
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()))
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    said.push(line)
    const count = said.filter((one) => one === line).length
    for (const signal of signals[`${line} ${count}`] ?? []) child.kill(signal)
  })
  const [[code, signal]] = (await Promise.all([once(child, 'exit'), once(lines, 'close')])) as [
    [number | null, NodeJS.Signals | null],
    unknown,
  ]
  return { code, signal, lines: said, errors }
}

describe('a worker program', () => {
  it.each([
    ['SIGTERM, after its grace', 200, ['SIGTERM']],
    ['SIGINT and SIGTERM, at once', 3_600_000, ['SIGINT', 'SIGTERM']],
  ] as const)(
    'ends with code 0 and gives back what it held: %s',
    async (_name, graceMs, signals) => {
      const { code, lines, errors } = await ended(plain, String(graceMs), { 'running 3': signals })
      expect({ code, told: JSON.parse(lines.at(-1) ?? '{}') }, errors).toMatchObject({
        code: 0,
        told: {
          counts: { completed: 2, pending: 3, running: 0, failed: 0 },
          workers: 0,
          released: ['pending 1 0 release', 'pending 1 0 release', 'pending 1 0 release'],
          health: 'stopped',
          report: { released: 3, abandoned: 3, unsettled: 0 },
        },
      })
    },
    60_000,
  )

  it('is ended by a third signal, as if it listened to none', async () => {
    const { code, signal, lines, errors } = await ended(difficult, 'hangs', {
      'running 1': ['SIGINT', 'SIGTERM'],
      'aborted 1': ['SIGTERM'],
    })
    expect({ code, signal, lines }, errors).toEqual({ code: null, signal: 'SIGTERM', lines: ['running', 'aborted'] })
  }, 60_000)

  it('ends with code 1 and says why if it can not begin, and no repetition can help', async () => {
    const { code, lines, errors } = await ended(difficult, 'forbidden')
    expect({ code, lines }).toEqual({ code: 1, lines: [] })
    expect(errors).toContain('you may not')
  }, 60_000)
})
