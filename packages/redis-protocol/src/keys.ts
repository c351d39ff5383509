import { STATUS, type Line, type Status } from '@millrace/core'

/** The keys of a partition that every line shares. */
export const SHARED_KEYS = [
  'meta', 'records', 'bodies', 'results', 'keys', 'keyexpiry', 'progress', 'logs', 'awaited', 'claims', 'workers', 'queues', 'leases', 'controls', 'history', 'probe',
] as const // prettier-ignore

/**
 * The keys of one line, in the order in which every script gets them. All but `wake` are sorted sets of record ids; a record is in exactly
 * one of those named for its status, or in `external`.
 *
 * - `waiting`: by id
 * - `pending`: in execution order
 * - `external`: pending too, in execution order, but handed to an external system: claimed by id only
 * - `scheduled`: by the time it is due
 * - `running`: by heartbeat, holders declared dead first
 * - `held`: cancelled ones whose holder has not let go, by heartbeat, beside `cancelled`
 * - `expiring`: never started ones by their deadline, beside their status
 * - `completed`, `failed`, `cancelled`, `expired`: by their end
 * - `wake`: at most one member: the line may have work
 */
export const LINE_KEYS: readonly LineKey[] = [
  STATUS.waiting, STATUS.pending, 'external', STATUS.scheduled, STATUS.running, 'held', 'expiring', STATUS.completed, STATUS.failed,
  STATUS.cancelled, STATUS.expired, 'wake',
] // prettier-ignore

export type SharedKey = (typeof SHARED_KEYS)[number]
export type LineKey = Status | 'external' | 'held' | 'expiring' | 'wake'

/** The names of the keys of one partition. They carry one hash tag, so that every script is legal on a cluster. */
export interface Keys {
  /** What all keys begin with. */
  readonly prefix: string
  readonly shared: Readonly<Record<SharedKey, string>>
  /** Keys of a line, by default all, as in `LINE_KEYS`. */
  ofLine(line: string, names?: readonly LineKey[]): readonly string[]
  wake(line: string): string
  /** Where the ends of records that a producer waits for are told. */
  doneChannel(producer: string): string
  /** Where a worker is told to beat at once. */
  controlChannel(workerId: string): string
}

export function keysOf(namespace: string, partition: number): Keys {
  const prefix = `{${namespace}:${partition}}:`
  /** Per list of names, of which each script has one, and per line. */
  const known = new Map<readonly LineKey[], Map<string, readonly string[]>>()

  function keyOf(line: string, name: LineKey): string {
    return `${prefix}l:${line}:${name}`
  }

  function remember(names: readonly LineKey[], line: string): readonly string[] {
    const lines = known.get(names) ?? new Map<string, readonly string[]>()
    const keys = names.map((name) => keyOf(line, name))
    if (lines.size < MAX_KNOWN_LINES) known.set(names, lines.set(line, keys))
    return keys
  }

  return {
    prefix,
    shared: Object.freeze({
      meta: `${prefix}meta`,
      records: `${prefix}records`,
      bodies: `${prefix}bodies`,
      results: `${prefix}results`,
      keys: `${prefix}keys`,
      keyexpiry: `${prefix}keyexpiry`,
      progress: `${prefix}progress`,
      logs: `${prefix}logs`,
      awaited: `${prefix}awaited`,
      claims: `${prefix}claims`,
      workers: `${prefix}workers`,
      queues: `${prefix}queues`,
      leases: `${prefix}leases`,
      controls: `${prefix}controls`,
      history: `${prefix}history`,
      probe: `${prefix}probe`,
    }),
    ofLine(line, names = LINE_KEYS) {
      const keys = known.get(names)?.get(line)
      return keys ?? remember(names, line)
    },
    wake: (line) => keyOf(line, 'wake'),
    doneChannel: (producer) => `${prefix}done:${producer}`,
    controlChannel: (workerId) => `${prefix}ctl:${workerId}`,
  }
}

/** Names of lines come and go; those beyond are put together anew each time. */
const MAX_KNOWN_LINES = 1_000

/** No name of a queue or an execution backend contains the separator. */
export function lineName({ queue, executionBackend }: Line): string {
  return `${queue}|${executionBackend}`
}

export function lineOf(name: string): Line {
  const [queue = '', executionBackend = ''] = name.split('|')
  return { queue, executionBackend }
}
