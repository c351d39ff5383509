import { KEYLESS, READS, WRITES } from '../../../../scripts/checks/lua/commands.mjs'
import type { Line } from '../../../../scripts/servers/monitor.mjs'
import { SCRIPTS, type Execution } from './executions.ts'

/** All of their arguments are keys. */
const OF_MANY_KEYS = new Set(['DEL', 'EXISTS', 'UNLINK'])

/** It tries every command, also those that come after a write. */
const TRIES_ALL = 'probe'

/** The rules of scripts that this execution broke: those that a linter can only guess at. */
export function brokenRules({ script, keys, commands }: Execution): readonly string[] {
  const broken = new Set<string>()
  if (script === '') broken.add('it is a script of ours')
  const declared = new Set(keys)
  let times = 0
  let hasWritten = false
  let hasMarked = false
  for (const line of commands) {
    const name = line.command.toUpperCase()
    if (!READS.has(name) && !WRITES.has(name)) broken.add(`it issues no ${name}`)
    for (const key of keysIn(line)) if (!declared.has(key)) broken.add(`it declares the keys of its ${name}`)
    if (name === 'TIME') times++
    if (times > 1) broken.add('it takes the time once')
    if (hasMarked) broken.add(`it issues no ${name} behind its mark`)
    hasMarked ||= isMark(line)
    if (hasWritten && !WRITES.has(name) && name !== 'EXISTS' && script !== TRIES_ALL)
      broken.add(`it issues no ${name} once it has written`)
    hasWritten ||= WRITES.has(name)
  }
  return [...broken].map((rule) => `${script}: ${rule}`)
}

/** Those that are given an instant, or take the server's. */
export const TIMED: ReadonlySet<string> = new Set(
  SCRIPTS.filter(({ args }) => args.includes('now')).map(({ name }) => name),
)

/** Whether it ran, and not only was unknown to the server, and time matters to it. */
export function isTimed({ script, commands }: Execution): boolean {
  return TIMED.has(script) && commands.length > 0
}

/** What an execution broke of the rule that only holds without a clock of the tests. */
export function brokenTime(execution: Execution): readonly string[] {
  const times = execution.commands.filter(({ command }) => command === 'time')
  return isTimed(execution) && times.length !== 1 ? [`${execution.script}: it takes the time once`] : []
}

/** Whether a command writes the latest instant that a namespace knows of. */
export function isMark({ command, args: [key = '', ...fields] }: Line): boolean {
  return command === 'hset' && key.endsWith(':meta') && fields.some((field, i) => i % 2 === 0 && field === 'mark')
}

/** Whether a command changes a hash, whereupon the mark is written too. */
export function isPut(line: Line): boolean {
  return ['hset', 'hdel'].includes(line.command) && !isMark(line)
}

function keysIn({ command, args }: Line): readonly string[] {
  const name = command.toUpperCase()
  if (KEYLESS.has(name)) return []
  return OF_MANY_KEYS.has(name) ? args : args.slice(0, 1)
}

/** What an adapter sends beside its scripts. Whoever writes a record does it in a script, and no script runs inside MULTI. */
const BESIDE = new Set([
  // The engine.
  'bzpopmin', 'config|get', 'hlen', 'hmget', 'hscan', 'info', 'smembers', 'subscribe', 'time', 'unsubscribe', 'zadd', 'zcard',
  // The libraries, for their connections.
  'auth', 'client|id', 'client|setinfo', 'client|unblock', 'hello', 'ping', 'quit', 'select',
]) // prettier-ignore

/** The commands that nobody expects, each once. */
export function strangers(beside: readonly Line[]): readonly string[] {
  const names = beside.map(({ command, args }) =>
    ['client', 'config'].includes(command) ? `${command}|${args[0]?.toLowerCase()}` : command,
  )
  return [...new Set(names)].filter((name) => !BESIDE.has(name))
}
