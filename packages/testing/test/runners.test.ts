import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { sample } from './sample/sample.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const servers = [
  ['memory', undefined],
  ['Redis', process.env['MILLRACE_TEST_REDIS_URL']],
] as const
const count = sample.length

it.each(servers)('the sample passes under node:test on %s', { timeout: 60_000 }, async (_name, url) => {
  const { code, output } = await run(process.execPath, ['--test-reporter=tap', 'sample/with-node.ts'], url)
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining(`# pass ${count}\n# fail 0`) })
  for (const { name } of sample) expect(output).toContain(`- ${name}\n`)
})

it.each(servers)('the sample passes under Bun on %s', { timeout: 60_000 }, async (_name, url) => {
  const { code, output } = await run(bun(), ['test', './sample/with-bun.ts'], url)
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(`${count} pass\n +0 fail`) })
  for (const { name } of sample) expect(output).toContain(`(pass) ${name} [`)
})

/** What a package of its own brings for this platform: nothing is run at install to put it in its place. */
function bun(): string {
  const { resolve } = createRequire(createRequire(import.meta.url).resolve('bun/package.json'))
  return resolve(`@oven/bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}/bin/bun`)
}

/** The packages as they are built, as a user has them. */
async function run(
  program: string,
  args: readonly string[],
  url = '',
): Promise<{ code: number | null; output: string }> {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', MILLRACE_URL: url }
  const child = spawn(program, args, { cwd: here, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, output: `${out}${err}` }
}
