import {
  checkArray,
  checkDuration,
  checkInteger,
  checkNoNull,
  checkObject,
  checkOneOf,
  checkOptions,
  checkTime,
  invalidArgument,
  MAX_COUNT,
  systemClock,
  type Backend,
  type Client,
  type Clock,
  type Duration,
  type Runnable,
} from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import type { CrewOptions } from './crew.ts'

/** The clock and the namespace are the testbed's: hand both on. */
export type OpenBackend = (given: { readonly clock: Clock; readonly namespace: string }) => Backend

export interface TestbedOptions {
  /**
   * With their handlers, or with others that stand in: `resize.handle(fake)`; or a function that makes them for the client of the testbed.
   * Default none: nothing runs, everything is only written down.
   */
  readonly tasks?: readonly Runnable[] | ((client: Client) => readonly Runnable[])
  /** Where the clock stands at first; default: the time of the machine. */
  readonly now?: Date | number
  /** `queued` (default): what is enqueued waits for `runAll` or `advance`. `inline`: an enqueue by `client` returns when what is due of it has run. */
  readonly mode?: 'queued' | 'inline'
  /** `record` (default): what a handler throws is stored, as ever. `throw`: the call that ran it throws it, too. */
  readonly onFailure?: 'record' | 'throw'
  /** Default the memory backend. One on a server is emptied at the end: it must be empty at the start. */
  readonly backend?: OpenBackend | undefined
  /** As for `createWorker`. Jitter is off unless `random` is given. */
  readonly worker?: CrewOptions
  /** So long, in real time, nothing may happen while a handler runs; then the call fails and names it. Default `"4s"`. */
  readonly patience?: Duration
  /** Handlers that one call may start, `advance` at one instant; default 1 000. */
  readonly limit?: number
}

/** The options, checked and complete. */
export interface TestbedSettings {
  readonly tasks: (client: Client) => readonly Runnable[]
  readonly now: number
  readonly mode: 'queued' | 'inline'
  readonly throws: 'nothing' | 'failures'
  readonly open: OpenBackend
  readonly worker: CrewOptions
  readonly patienceMs: number
  readonly limit: number
}

const OPTIONS = ['tasks', 'now', 'mode', 'onFailure', 'backend', 'worker', 'patience', 'limit']
const DEFAULT_PATIENCE: Duration = '4s'
const DEFAULT_LIMIT = 1_000
/** Handlers at a time in inline mode: each enqueue of a handler waits for another one. */
const INLINE_CONCURRENCY = 100

/** @throws QueueError `invalid_argument` that names the option at fault. */
export function settingsOf(options: TestbedOptions): TestbedSettings {
  checkOptions('options', options, OPTIONS)
  checkNoNull('options', options)
  const { tasks = [], now = systemClock.now(), backend = memoryBackend, worker = {} } = options
  if (typeof backend !== 'function') throw invalidArgument('options.backend', 'must be a function that opens a backend')
  checkObject('options.worker', worker)
  for (const name of ['client', 'tasks'])
    if (Object.hasOwn(worker, name)) throw invalidArgument(`options.worker.${name}`, "is the testbed's own")
  const mode = checkOneOf('options.mode', options.mode ?? 'queued', ['queued', 'inline'])
  const onFailure = checkOneOf('options.onFailure', options.onFailure ?? 'record', ['record', 'throw'])
  return {
    tasks: (client) => checkArray('options.tasks', typeof tasks === 'function' ? tasks(client) : tasks, Infinity),
    now: checkTime('options.now', now),
    mode,
    throws: onFailure === 'throw' ? 'failures' : 'nothing',
    open: backend,
    worker: mode === 'inline' ? { concurrency: INLINE_CONCURRENCY, ...worker } : worker,
    patienceMs: checkDuration('options.patience', options.patience ?? DEFAULT_PATIENCE, 1),
    limit: checkInteger('options.limit', options.limit ?? DEFAULT_LIMIT, 1, MAX_COUNT),
  }
}
