import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { repository } from './fixture.ts'

const setup = readFileSync(fileURLToPath(new URL('../setup.mjs', import.meta.url)), 'utf8')

/** A checkout whose `npx` is a script of ours instead of the real one. */
function checkout(npx: string): { root: string; run(...nodeOptions: string[]): { code: number | null; text: string } } {
  const root = repository({
    'scripts/setup.mjs': setup,
    'package.json': { devDependencies: { pnpm: '1.2.3', node: '24.0.0' } },
    'pnpm-lock.yaml': 'locked',
    'pnpm-workspace.yaml': 'packages: []',
    'bin/npx': `#!/bin/sh\nmkdir -p node_modules/.bin && : > node_modules/.bin/node\n${npx}\n`,
  })
  chmodSync(join(root, 'bin/npx'), 0o755)
  const run = (...nodeOptions: string[]) => {
    const env = { PATH: [join(root, 'bin'), process.env['PATH']].join(delimiter) }
    const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeOptions, 'scripts/setup.mjs'], {
      cwd: root,
      env,
      encoding: 'utf8',
    })
    return { code: status, text: stdout + stderr }
  }
  return { root, run }
}

it('installs what is locked, says so, and the second time does nothing', () => {
  const { run } = checkout('echo "called with $*"')
  expect(run()).toMatchObject({
    code: 0,
    text: expect.stringContaining('called with --yes pnpm@1.2.3 install --frozen-lockfile'),
  })
  expect(run()).toEqual({ code: 0, text: '' })
})

it('installs again when node_modules is gone', () => {
  const { root, run } = checkout('echo called')
  run()
  rmSync(join(root, 'node_modules'), { recursive: true })
  expect(run().text).toContain('called')
})

it.for([
  ['there is no network', 'echo "getaddrinfo ENOTFOUND host" >&2; exit 1', 'could not be reached'],
  ['the lock file is old', 'echo "ERR_PNPM_OUTDATED_LOCKFILE"; exit 1', 'does not match a package.json'],
  ['the install fails', 'echo "disk full"; exit 7', 'The install failed (exit code 7)'],
] as const)('says what to do when %s, and tries again the next time', ([, npx, message]) => {
  const { run } = checkout(npx)
  expect(run()).toMatchObject({ code: 1, text: expect.stringContaining(message) })
  expect(run()).toMatchObject({ code: 1, text: expect.stringContaining(message) })
})

it('refuses a Node that is too old before it does anything', () => {
  const { run } = checkout('echo called')
  const older = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'18.20.0'}})`
  const { code, text } = run('--import', older)
  expect(code).toBe(1)
  expect(text).toContain('Millrace needs Node 20 or newer')
  expect(text).not.toContain('called')
})
