/// <reference lib="esnext.disposable" preserve="true" />

import {
  checkBoolean,
  checkDuration,
  checkNoNull,
  checkOptions,
  checkRuntime,
  checkSignal,
  invalidArgument,
  QueueError,
  type Duration,
} from '@millrace/core'
import type { WorkerHealth } from './health.ts'
import { settingsOf, type WorkerOptions } from './options.ts'
import { Session } from './session.ts'
import { onSignals } from './signals.ts'
import type { StopReport } from './stop-report.ts'

/** Claims records, runs their handlers and settles them, from one start to one stop. */
export interface Worker extends AsyncDisposable {
  readonly id: string

  /**
   * Resolves once the backend is open and the first turn was made. Errors that pass are retried for as long as it takes, and reported.
   * @throws QueueError at once for what cannot pass: permissions, versions, a closed backend; `closed` if it was stopped meanwhile.
   */
  start(): Promise<void>

  /**
   * Start, work until `signal` aborts, a process signal comes, or `stop` is called, then stop.
   * @throws what `start` throws, once everything is quiet.
   */
  run(options?: RunOptions): Promise<StopReport>

  /**
   * Claims no more, waits for the handlers until the grace is over, aborts their signals, and a moment later gives back what is left,
   * without consuming a retry. Settles within the grace, the moment, and five seconds more, also with the backend down and with handlers that
   * never return. After that no turn is made, no heartbeat, and no timer is left. Idempotent; a later call with less time shortens it.
   */
  stop(options?: StopOptions): Promise<StopReport>

  health(): WorkerHealth
}

export interface StopOptions {
  /** How long handlers may go on; default 30 s. */
  readonly grace?: Duration
  /** The same in ms. */
  readonly graceMs?: number
  /** How long handlers may go on once their signals have aborted; default 1 s. 0: what has not returned at once is given back at once. */
  readonly moment?: Duration
}

export interface RunOptions extends StopOptions {
  readonly signal?: AbortSignal
  /**
   * SIGTERM and SIGINT stop the worker; a second one aborts what still runs and gives it back at once; a third one ends the process, as
   * without this. Default false.
   */
  readonly handleSignals?: boolean
}

/** In ms. */
interface Patience {
  readonly grace: number
  readonly moment: number
}

const DEFAULT_GRACE: Duration = '30s'
const DEFAULT_MOMENT: Duration = '1s'
const NO_PATIENCE: Patience = { grace: 0, moment: 0 }

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

  async function stop({ grace, moment }: Patience): Promise<StopReport> {
    isStopped = true
    return await session.stop(grace, moment)
  }

  const worker: Worker = {
    id: settings.workerId,

    async start() {
      if (!(await started())) throw new QueueError('closed', 'the worker was stopped; create another one')
    },

    async run(given = {}) {
      checkOptions('options', given, ['signal', 'handleSignals', ...STOP_OPTIONS])
      const { handleSignals = false } = given
      const patience = patienceOf(given)
      const signal = checkSignal('options.signal', given.signal)
      checkBoolean('options.handleSignals', handleSignals)
      if (isStopped) throw new QueueError('closed', 'the worker was stopped; create another one')
      const end = (): void => void stop(patience)
      const ignoreSignals = handleSignals ? onSignals(end, () => void stop(NO_PATIENCE)) : undefined
      signal?.addEventListener('abort', end)
      try {
        if (signal?.aborted === true) end()
        await started()
        return await session.stopped
      } finally {
        ignoreSignals?.()
        signal?.removeEventListener('abort', end)
      }
    },

    async stop(given = {}) {
      checkOptions('options', given, STOP_OPTIONS)
      return await stop(patienceOf(given))
    },

    health: () => session.health(),
    [Symbol.asyncDispose]: async () => void (await worker.stop()),
  }
  return worker
}

const STOP_OPTIONS = ['grace', 'graceMs', 'moment']

function patienceOf(options: StopOptions): Patience {
  checkNoNull('options', options)
  const { grace, graceMs, moment = DEFAULT_MOMENT } = options
  if (grace !== undefined && graceMs !== undefined)
    throw invalidArgument('options.graceMs', 'cannot be combined with grace')
  return {
    grace:
      graceMs === undefined
        ? checkDuration('options.grace', grace ?? DEFAULT_GRACE)
        : checkDuration('options.graceMs', graceMs),
    moment: checkDuration('options.moment', moment),
  }
}
