import { spawn } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { otherMachine } from './machine.ts'

const script = fileURLToPath(new URL('../servers/apt-install.sh', import.meta.url))
const ALLOWS = '#!/bin/sh\nexit 0\n'
const FORBIDS = '#!/bin/sh\nexit 101\n'

/** An apt-get that asks the policy, as packages do, and says what it heard. */
const asking = `if [ -x "$MILLRACE_POLICY" ]; then "$MILLRACE_POLICY"; echo "policy $?" >>"$LOG"; else echo none >>"$LOG"; fi; `

async function install(before: string | undefined, aptGet = 'exit 0') {
  const machine = otherMachine({ programs: { 'apt-get': asking + aptGet } })
  const policy = join(machine.bin, '../policy-rc.d')
  if (before !== undefined) writeFileSync(policy, before)
  if (before !== undefined) chmodSync(policy, 0o755)
  const child = spawn('/bin/sh', [script, '60', 'install', 'redis-server'], {
    env: { ...machine.env, MILLRACE_POLICY: policy },
  })
  const [code] = await once(child, 'exit')
  return { code, heard: machine.log(), after: existsSync(policy) ? readFileSync(policy, 'utf8') : undefined, policy }
}

it('forbids the package to start a service, and leaves nothing behind', async () => {
  expect(await install(undefined)).toMatchObject({ code: 0, heard: ['policy 101'], after: undefined })
})

it('leaves a policy that forbids it as it is, and puts back one that would allow it', async () => {
  expect(await install(FORBIDS)).toMatchObject({ code: 0, heard: ['policy 101'], after: FORBIDS })
  const { policy, ...rest } = await install(ALLOWS)
  expect(rest).toEqual({ code: 0, heard: ['policy 101'], after: ALLOWS })
  expect(statSync(policy).mode & 0o111).not.toBe(0)
})

it('passes on that apt failed, and undoes what it did', async () => {
  expect(await install(ALLOWS, 'exit 100')).toMatchObject({ code: 100, after: ALLOWS })
})

it('undoes what it did when it is stopped', async () => {
  const stopped = await install(ALLOWS, 'kill -TERM $PPID; exit 0')
  expect(stopped).toMatchObject({ code: 1, heard: ['policy 101'], after: ALLOWS })
})

it('removes what an installation that was killed has left', async () => {
  const left = '#!/bin/sh\n# put here by an installation of Millrace, for its duration\nexit 101\n'
  expect(await install(left)).toMatchObject({ code: 0, heard: ['policy 101'], after: undefined })
})
