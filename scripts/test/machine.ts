import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { onPath, thisMachine, type Machine } from '../servers/machine.mjs'
import { repository } from './fixture.ts'

export interface OtherMachine extends Machine {
  /** The only folder on PATH. */
  readonly bin: string
  /** What the programs wrote to `$LOG`, by line. */
  log(): readonly string[]
}

/** A machine that has these programs, as shell scripts, and no others but what a script needs; files are beside its PATH. */
export function otherMachine({
  programs,
  files = {},
  ...facts
}: {
  readonly programs: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly isRoot?: boolean
  readonly osRelease?: string
  readonly env?: NodeJS.ProcessEnv
}): OtherMachine {
  const scripts = Object.entries({ timeout: 'shift; shift; exec "$@"', ...programs })
  const root = repository({
    ...files,
    ...Object.fromEntries(scripts.map(([name, text]) => [`bin/${name}`, `#!/bin/sh\n${text}\n`])),
  })
  const bin = join(root, 'bin')
  for (const [name] of scripts) chmodSync(join(bin, name), 0o755)
  for (const tool of ['sh', 'grep', 'rm', 'mv', 'chmod'])
    symlinkSync(onPath(tool, thisMachine()) ?? tool, join(bin, tool))
  const log = join(root, 'log')
  return {
    bin,
    env: { PATH: bin, BIN: bin, LOG: log, ...facts.env },
    isRoot: facts.isRoot ?? false,
    osRelease: facts.osRelease ?? '',
    apt: join(root, 'apt'),
    log: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
  }
}
