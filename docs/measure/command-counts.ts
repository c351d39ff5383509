import type { Backend } from '@millrace/core'
import { WRITES } from '../../scripts/checks/lua/commands.mjs'
import { callsIn } from '../../scripts/servers/command-stats.mjs'
import { command } from '../../scripts/servers/connection.mjs'
import { OPERATIONS, Scene } from './operations.ts'

/** What a server had to do for one operation. */
export interface CommandCount {
  readonly name: string
  /** Commands that the client sent. */
  readonly sent: number
  /** Commands that the scripts among them ran inside the server. */
  readonly inside: number
  /** How many of these were writes. */
  readonly writes: number
}

/** The least of so many counts: the others also carry what happens once a second, or the first time. */
const TIMES = 3
/** All others come out of scripts. */
const SENT = new Set(['evalsha', 'eval', 'smembers'])
const OURS = new Set(['info'])

/** Counted by the server itself, with INFO commandstats before and after. Nobody else may use the server meanwhile. */
export async function commandCounts(url: string, backend: Backend): Promise<readonly CommandCount[]> {
  const scene = new Scene(backend)
  await backend.enqueue(scene.requests(1_000))
  const counts: CommandCount[] = []
  for (const { name, prepare, run } of OPERATIONS) {
    const tries: CommandCount[] = []
    for (let i = 0; i < TIMES; i++) {
      await prepare?.(scene)
      const before = await callsOn(url)
      await run(scene)
      tries.push({ name, ...between(before, await callsOn(url)) })
    }
    counts.push(tries.reduce((least, one) => (one.sent + one.inside < least.sent + least.inside ? one : least)))
  }
  return counts
}

/** As the pages show it. */
export function tableOf(counts: readonly CommandCount[]): string {
  const rows = counts.map(({ name, sent, inside, writes }) => `| ${name} | ${sent} | ${inside} | ${writes} |`)
  return ['| | sent | run by scripts | of these writes |', '|---|--:|--:|--:|', ...rows].join('\n')
}

async function callsOn(url: string): Promise<ReadonlyMap<string, number>> {
  return callsIn(String(await command(url, 'INFO', 'commandstats')))
}

function between(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Omit<CommandCount, 'name'> {
  const calls = [...after].map(([name, count]) => ({ name, count: count - (before.get(name) ?? 0) }))
  const total = (fits: (name: string) => boolean): number =>
    calls.filter(({ name }) => !OURS.has(name) && fits(name)).reduce((sum, { count }) => sum + count, 0)
  return {
    sent: total((name) => SENT.has(name)),
    inside: total((name) => !SENT.has(name)),
    writes: total((name) => WRITES.has(name.toUpperCase())),
  }
}
