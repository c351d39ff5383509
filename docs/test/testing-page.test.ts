import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { command } from '../../scripts/servers/connection.mjs'
import { startServer } from '../../scripts/servers/start-server.mjs'
import { codeBlocksOf } from './code-blocks.ts'
import { run, runProgram, writePrograms } from './programs.ts'

const PAGE = 'docs/guide/testing.md'
const page = readFileSync(fileURLToPath(new URL(`../../${PAGE}`, import.meta.url)), 'utf8')
const files = codeBlocksOf(PAGE, page).filter(({ code }) => code.includes('MILLRACE_URL'))
const programs = writePrograms('testing', files)

it('the test that the page shows passes on memory and, by one URL, on a server', { timeout: 60_000 }, async () => {
  const [file] = files
  if (file === undefined || files.length > 1) throw new Error(`${PAGE} shows one file that takes a URL`)
  const server = await startServer('redis')
  const scriptsRun = async (): Promise<number> =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(String(await command(server.url, 'INFO', 'commandstats')))?.[1] ?? 0)

  expect(await runProgram(programs, file)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('pass 2') })
  expect(await scriptsRun()).toBe(0)
  expect(await runProgram(programs, file, server.url)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('pass 2'),
  })
  expect(await scriptsRun()).toBeGreaterThan(20)
  expect(await command(server.url, 'DBSIZE')).toBe(0)
  await server.stop()
})

it('the fixture that the page shows gives each test a testbed of its own', { timeout: 60_000 }, async () => {
  const shown = codeBlocksOf(PAGE, page).filter(({ code }) => code.includes("from 'vitest'"))
  const { folder } = writePrograms('testing-fixture', shown)
  writeFileSync(join(folder, 'vitest.config.mjs'), "export default { test: { include: ['docs-*.ts'] } }\n")
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
  const { exitCode, stdout, stderr } = await run(folder, [process.execPath, vitest, 'run', '--root', folder], {
    NO_COLOR: '1',
  })
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/Tests +2 passed/) })
})
