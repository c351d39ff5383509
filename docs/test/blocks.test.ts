import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { filesBelow } from '../../scripts/checks/files.mjs'
import { codeBlocksOf, npmScriptsOf } from './code-blocks.ts'
import { runProgram, typeErrors, writePrograms } from './programs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = filesBelow(root).filter((file) =>
  /^(README\.md|(?:apps|packages)\/[^/]+\/README\.md|docs\/.+\.md)$/.test(file),
)
const textOf = (file: string): string => readFileSync(`${root}/${file}`, 'utf8')
const blocks = pages.flatMap((page) => codeBlocksOf(page, textOf(page)))

describe('every program that a page shows compiles, runs, and prints what the page says', () => {
  const shown = blocks.filter(({ language, from }) => language === 'ts' && from === undefined)
  const programs = writePrograms('pages', shown)
  let errors: ReadonlyMap<string, string>

  beforeAll(async () => {
    errors = shown.length === 0 ? new Map() : await typeErrors(programs)
  }, 60_000)

  it('runs on a Node that strips types', () => {
    expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24)
  })

  for (const block of shown) {
    it.concurrent(`${block.page}:${block.line}`, { timeout: 150_000 }, async () => {
      expect(errors.get(programs.fileOf(block)) ?? '').toBe('')
      if (block.runs !== 'anywhere') return
      const { exitCode, stdout, stderr } = await runProgram(programs, block)
      expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' })
      if (block.output !== undefined) expect(stdout).toBe(block.output)
    })
  }
})

it('every part of a file that a page shows is in that file, word for word', () => {
  const parts = blocks.flatMap(({ page, line, code, from }) => (from === undefined ? [] : [{ page, line, code, from }]))
  const wrong = parts.filter(({ code, from }) => !textOf(from).includes(code))
  expect(wrong.map(({ page, line, from }) => `${page}:${line} differs from ${from}`)).toEqual([])
})

it('every npm script that a page tells its reader to run exists', () => {
  const manifest: { scripts: Record<string, string> } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  const missing = pages.flatMap((page) =>
    npmScriptsOf(blocks.filter((block) => block.page === page))
      .filter((script) => !(script in manifest.scripts))
      .map((script) => `${page}: ${script}`),
  )
  expect(missing).toEqual([])
})
