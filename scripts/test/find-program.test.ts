import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findProgram, provide } from '../servers/provide.mjs'
import { otherMachine, type OtherMachine } from './machine.ts'

const DEBIAN = 'NAME="Debian"\nID=debian\nVERSION_CODENAME=bookworm\n'
const UBUNTU = 'ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n'
const printing = (version: string): string => `echo "Valkey server v=${version} sha=0"`

/** It has the server in the backports only, as Debian 12, and the backports only where it is told of them. */
const apt = {
  'apt-get': `echo "apt-get $*" >>"$LOG"
    case $1 in install) printf '#!/bin/sh\\n%s\\n' '${printing('8.0.1')}' >"$BIN/valkey-server"; chmod 755 "$BIN/valkey-server";; esac`,
  'apt-cache': `for word; do case $word in Dir::Etc::sourceparts=*)
    grep -q 'Suites: bookworm-backports' "\${word#*=}/millrace-backports.sources" && echo '  Candidate: 1:8.0.1+dfsg1-1~bpo12+1';; esac; done; true`,
}
const files = {
  'apt/sources.list.d/debian.sources':
    'Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\nComponents: main\n',
}
const docker = (answers: string): { docker: string } => ({
  docker: `echo "docker $*" >>"$LOG"; case "$1 $2" in ${answers} *) exit 1;; esac`,
})
const working = docker('"info "|"image inspect") exit 0;;')

async function found(machine: OtherMachine): Promise<{ program: unknown; said: readonly string[] }> {
  const said: string[] = []
  const program = await findProgram('valkey', machine, (doing) => void said.push(doing))
  return { program, said }
}
const refused = (machine: OtherMachine): Promise<string> =>
  found(machine).then(
    ({ program }) => JSON.stringify(program),
    (error: Error) => error.message,
  )

it('takes the program on PATH before all else', async () => {
  const machine = otherMachine({
    programs: { 'valkey-server': printing('7.2.5'), ...apt, ...working },
    isRoot: true,
    osRelease: DEBIAN,
  })
  expect(await found(machine)).toEqual({
    program: { how: 'program', file: join(machine.bin, 'valkey-server'), version: '7.2.5' },
    said: [],
  })
  expect(machine.log()).toEqual([])
})

it('installs it by apt if it is not on PATH, from the backports of the own mirror if it has to, before it asks for Docker', async () => {
  const machine = otherMachine({ programs: { ...apt, ...working }, files, isRoot: true, osRelease: DEBIAN })
  const { program, said } = await found(machine)
  expect(program).toEqual({ how: 'program', file: join(machine.bin, 'valkey-server'), version: '8.0.1' })
  expect(said).toEqual([
    'looking for valkey-server with apt',
    'looking for valkey-server with apt',
    'installing valkey-server 8.0.1 with apt',
  ])
  expect(machine.log()).toEqual([
    expect.stringMatching(/^apt-get update (?!.*sourceparts)/),
    expect.stringMatching(/^apt-get update .*Dir::Etc::sourceparts=/),
    expect.stringMatching(/^apt-get install --yes .*Dir::Etc::sourceparts=.* valkey-server$/),
  ])
})

it('installs it as the release has it where that is new enough', async () => {
  const programs = { ...apt, 'apt-cache': `echo '  Candidate: 7.2.7+dfsg1-0ubuntu0.24.04.1'` }
  const machine = otherMachine({ programs, isRoot: true, osRelease: UBUNTU })
  expect(await found(machine)).toMatchObject({ program: { how: 'program' } })
  expect(machine.log()).toEqual([expect.stringMatching(/^apt-get update/), expect.stringMatching(/^apt-get install/)])
})

it('takes Docker last, and fetches the image only if it is not there', async () => {
  const here = otherMachine({ programs: { ...apt, ...working }, osRelease: DEBIAN })
  expect(await found(here)).toEqual({ program: { how: 'docker', image: 'valkey/valkey:8' }, said: [] })
  expect(here.log()).toEqual(['docker info', 'docker image inspect valkey/valkey:8'])

  const away = otherMachine({ programs: docker('"info "|"pull --quiet") exit 0;;') })
  expect(await found(away)).toEqual({
    program: { how: 'docker', image: 'valkey/valkey:8' },
    said: ['fetching valkey/valkey:8 with Docker'],
  })
})

it('says in one message why there is none and what to do', async () => {
  expect(await refused(otherMachine({ programs: { ...apt, ...docker('') }, osRelease: DEBIAN }))).toBe(
    `These tests need Valkey 7.2 or newer, and there is none:
  - MILLRACE_TEST_VALKEY_URL is not set
  - valkey-server is not on PATH
  - apt: this user is not root and can not install
  - Docker does not answer (docker info)
Install valkey-server (Debian, Ubuntu: apt-get install valkey-server; macOS: brew install valkey), start Docker,
or name a running server: MILLRACE_TEST_VALKEY_URL=redis://127.0.0.1:6380 (docker compose up --detach --wait starts one there).
Tests that need no server: npm test -- --project core`,
  )
})

it.for([
  [
    'the program is too old',
    { programs: { 'valkey-server': printing('7.0.1') } },
    'valkey-server on PATH is Valkey 7.0.1; 7.2 or newer is needed',
  ],
  [
    'the program is another',
    { programs: { 'valkey-server': 'echo "Redis server v=7.0.15"' } },
    'valkey-server on PATH is Redis 7.0.15, not Valkey',
  ],
  [
    'the program does not run',
    { programs: { 'valkey-server': 'exit 127' } },
    'valkey-server on PATH does not say which version it is',
  ],
  ['it is another system', { programs: apt, isRoot: true, osRelease: 'ID=fedora\n' }, 'apt: not a Debian or Ubuntu'],
  ['there is no apt', { programs: {}, isRoot: true, osRelease: DEBIAN }, 'apt: apt-get is not on PATH'],
  [
    'apt has an old one only',
    { programs: { ...apt, 'apt-cache': `echo '  Candidate: 7.0.4-1'` }, isRoot: true, osRelease: UBUNTU },
    'apt has no valkey-server of 7.2 or newer: 7.0.4',
  ],
  [
    'apt has no network',
    { programs: { ...apt, 'apt-get': 'echo "E: no route to m.example"; exit 100' }, isRoot: true, osRelease: UBUNTU },
    'apt has no valkey-server of 7.2 or newer: none (E: no route to m.example)',
  ],
  [
    'apt can not install it',
    {
      programs: {
        'apt-cache': `echo '  Candidate: 8.0.1'`,
        'apt-get': 'case $1 in install) echo "E: disk full"; exit 100;; esac',
      },
      isRoot: true,
      osRelease: UBUNTU,
    },
    'apt could not install valkey-server: E: disk full',
  ],
  ['there is no Docker', { programs: {} }, 'Docker is not installed'],
  [
    'Docker can not fetch it',
    { programs: docker('"info ") exit 0;; "pull --quiet") echo "denied" >&2; exit 1;;') },
    'Docker can not fetch valkey/valkey:8: denied',
  ],
] as const)('says so if %s', async ([, machine, reason]) => {
  expect(await refused(otherMachine(machine))).toContain(`\n  - ${reason}\n`)
})

it('never takes another server than the one that is named, and does not repeat its password', async () => {
  const named = async (url: string): Promise<string> => {
    const env = { MILLRACE_TEST_VALKEY_URL: url }
    const machine = otherMachine({ programs: { 'valkey-server': printing('8.0.1') }, env })
    return provide('valkey', machine, () => undefined).then(
      ({ words }) => words,
      (error: Error) => error.message,
    )
  }
  expect(await named('redis://:secret@127.0.0.1:1')).toBe(
    'MILLRACE_TEST_VALKEY_URL names a server that can not be used: connect ECONNREFUSED 127.0.0.1:1',
  )
  expect(await named('secret')).toBe('MILLRACE_TEST_VALKEY_URL is not a URL such as redis://127.0.0.1:6380')
})
