import type { Kind } from '../../../../scripts/servers/kinds.mjs'

/** How often something is done: so often by default, and more often in a long run. */
export function length(rounds: number): number {
  return Math.round(rounds * factor())
}

/** One of `step` in turn; the two lanes take different ones, and a run that is `step` times as long takes all. */
export function sample<T>(all: readonly T[], kind: Kind, step: number): readonly T[] {
  const every = Math.max(1, Math.round(step / factor()))
  const first = kind === 'redis' ? 0 : Math.floor(every / 2)
  return all.filter((_, i) => i % every === first)
}

function factor(): number {
  const given = Number(process.env['MILLRACE_TEST_LENGTH'] ?? 1)
  if (!(given >= 1)) throw new Error('MILLRACE_TEST_LENGTH must be a number of at least 1')
  return given
}
