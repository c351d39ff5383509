/// <reference lib="esnext.disposable" preserve="true" />

import {
  checkBoolean,
  checkDuration,
  checkNoNull,
  checkOptions,
  checkRuntime,
  invalidArgument,
  QueueError,
  type Duration,
} from '@millrace/core'
import type { WorkerHealth } from './health.ts'
import { settingsOf, type WorkerOptions } from './options.ts'
import { Session } from './session.ts'
import { onSignals } from './signals.ts'

/** Claims records, runs their handlers and settles them, from one start to one stop. */
export interface Worker extends AsyncDisposable {
  readonly id: string

  /**
   * Resolves once the backend is open and the first turn was made. Errors that pass are retried for as long as it takes, and reported.
   * @throws QueueError at once for what cannot pass: permissions, versions, a closed backend; `closed` if it was stopped meanwhile.
   */
  start(): Promise<void>

  /** Start, work until `signal` aborts, a process signal comes, or `stop` is called, then stop. */
  run(options?: RunOptions): Promise<void>

  /**
   * Claims no more, waits for the handlers until the grace is over, aborts their signals, and a moment later gives back what is left,
   * without consuming a retry. Settles within the grace and six seconds more, also with the backend down. Idempotent; a later call
   * with less grace shortens it.
   */
  stop(options?: StopOptions): Promise<void>

  health(): WorkerHealth
}

export interface StopOptions {
  /** How long handlers may go on; default 30 s. */
  readonly grace?: Duration
  /** The same in ms. */
  readonly graceMs?: number
}

export interface RunOptions extends StopOptions {
  readonly signal?: AbortSignal
  /** SIGTERM and SIGINT stop the worker; a second one ends the grace: what runs is aborted and given back, as `stop` says. Default false. */
  readonly handleSignals?: boolean
}

const DEFAULT_GRACE: Duration = '30s'

/**
 * A worker for these tasks; it does nothing before `start` or `run`.
 * @throws QueueError `invalid_argument` that names the option at fault.
 */
export function createWorker(options: WorkerOptions): Worker {
  checkRuntime()
  const settings = settingsOf(options)
  const session = new Session(settings)
  let starting: Promise<boolean> | null = null
  let isStopped = false

  /** To true once it has started, to false if it was stopped before. */
  async function started(): Promise<boolean> {
    if (isStopped) return false
    starting ??= session.start()
    return await starting
  }

  async function stop(graceMs: number): Promise<void> {
    isStopped = true
    await session.stop(graceMs)
  }

  const worker: Worker = {
    id: settings.workerId,

    async start() {
      if (!(await started())) throw new QueueError('closed', 'the worker was stopped; create another one')
    },

    async run(given = {}) {
      checkOptions('options', given, ['signal', 'handleSignals', 'grace', 'graceMs'])
      const { signal, handleSignals = false } = given
      const graceMs = graceOf(given)
      checkBoolean('options.handleSignals', handleSignals)
      if (isStopped) throw new QueueError('closed', 'the worker was stopped; create another one')
      const end = (): void => void stop(graceMs)
      const ignoreSignals = handleSignals ? onSignals(end, () => void stop(0)) : undefined
      signal?.addEventListener('abort', end)
      try {
        if (signal?.aborted === true) end()
        await started()
        await session.stopped
      } finally {
        ignoreSignals?.()
        signal?.removeEventListener('abort', end)
      }
    },

    async stop(given = {}) {
      checkOptions('options', given, ['grace', 'graceMs'])
      await stop(graceOf(given))
    },

    health: () => session.health(),
    [Symbol.asyncDispose]: () => worker.stop(),
  }
  return worker
}

function graceOf(options: StopOptions): number {
  checkNoNull('options', options)
  const { grace, graceMs } = options
  if (grace !== undefined && graceMs !== undefined)
    throw invalidArgument('options.graceMs', 'cannot be combined with grace')
  return graceMs === undefined
    ? checkDuration('options.grace', grace ?? DEFAULT_GRACE)
    : checkDuration('options.graceMs', graceMs)
}
