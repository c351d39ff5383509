import type { Line } from '../../../../scripts/servers/monitor.mjs'
import type { Script } from '../../src/script.ts'
import * as generated from '../../src/scripts.generated.ts'

/** One run of a script, with every command that it issued. */
export interface Execution {
  /** As in its file's name; empty for a script that is none of ours. */
  readonly script: string
  readonly keys: readonly string[]
  readonly commands: readonly Line[]
}

/** What a server ran: scripts, and commands beside them. */
export interface Watched {
  readonly executions: readonly Execution[]
  readonly beside: readonly Line[]
}

export const SCRIPTS: readonly Script[] = Object.values(generated)
const NAMES: ReadonlyMap<string, string> = new Map(SCRIPTS.flatMap(({ name, sha1, source }) => [[sha1, name], [source, name]])) // prettier-ignore

/** The commands of a script come right behind its call: a server does one thing at a time. */
export function watched(lines: readonly Line[]): Watched {
  const executions: (Execution & { readonly commands: Line[] })[] = []
  const beside: Line[] = []
  for (const line of lines) {
    if (line.lua) executions.at(-1)?.commands.push(line)
    else if (line.command === 'evalsha' || line.command === 'eval') executions.push(executionOf(line))
    else beside.push(line)
  }
  return { executions, beside }
}

function executionOf({ args }: Line): Execution & { readonly commands: Line[] } {
  const [script = '', count = '0', ...rest] = args
  return { script: NAMES.get(script) ?? '', keys: rest.slice(0, Number(count)), commands: [] }
}
