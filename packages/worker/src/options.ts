import {
  checkArray,
  checkDuration,
  checkInteger,
  checkName,
  checkNoNull,
  checkOneOf,
  checkOptions,
  DEFAULT_EXECUTION_BACKEND,
  invalidArgument,
  STATUS,
  type Backend,
  type Client,
  type Clock,
  type Duration,
  type Limits,
  type Line,
  type Runnable,
  type TaskContext,
} from '@millrace/core'
import type { DutySettings } from './duties.ts'
import type { PollSettings } from './polling.ts'
import { pid } from './presence.ts'
import { QUEUE_ORDERS, queuesOf, type QueueOrder, type QueuePlan, type QueueSettings } from './queues.ts'
import { createReporter, printReport, type Report, type Reporter } from './report.ts'
import { steady } from './steady.ts'
import type { UnknownTaskSettings } from './unknown-task.ts'

/**
 * Runs once per attempt and calls `run` once: the handler. What the handler returns or throws is the attempt's outcome, whatever this returns or
 * catches; only what this throws counts instead. Without a call of `run` the attempt fails, and a second call rejects and starts nothing.
 * It may end later than the signal aborts, as a handler may, and keeps the slot as long.
 */
export type Around = (context: TaskContext, run: () => Promise<unknown>) => Promise<unknown>

export interface WorkerOptions {
  readonly client: Client
  /** With their handlers: a contract alone cannot run, complete it with `.handle(run)`. */
  readonly tasks: readonly Runnable[]
  /** Handlers that run at the same time, from 1 to the backend's `limits.batch` (1 000); default 10. */
  readonly concurrency?: number
  /**
   * Records held at most beyond those that run, so that a handler need not wait for the backend. `auto` (default): up to four times
   * `concurrency`, at least 20, at most 200. Only while handlers are seen to be short, and then about two round trips' worth: 0 holds
   * none, a number is a limit, not a wish.
   */
  readonly prefetch?: 'auto' | number
  /** The queues to claim from, by name or with a limit or a weight of their own; default: those of the tasks, and `default`. */
  readonly queues?: readonly (string | QueueSettings)[]
  /** Which kind of worker this is; default `local`. */
  readonly executionBackend?: string
  /** `priority` (default): over all queues. `listed`: queue after queue, as given. `weighted`: each about its share, by chance; within a queue by priority. */
  readonly order?: QueueOrder
  /** Unique in the fleet; default made of the process id and a random part. */
  readonly workerId?: string
  /** A sign of life for everything that runs, so often; less than half of `staleAfter`. Default `"5s"`. */
  readonly heartbeat?: Duration
  /** Records whose worker was silent for longer are run again by another; equal in the whole fleet. Default `"20s"`. */
  readonly staleAfter?: Duration
  /** How often this worker looks for stale records; for overdue ones three times less often, for old ones twelve times. Default `"5s"`. */
  readonly sweepEvery?: Duration
  /** How long finished records are kept; default 24 h if completed, 14 days otherwise. At least the backend's `resendWindowMs`. false: this worker removes none. */
  readonly retention?: { readonly completed?: Duration; readonly others?: Duration } | false
  /** How often an idle worker looks for work, hints apart: from `min`, doubling to `max`. Default 100 ms to 5 s. */
  readonly poll?: { readonly min?: Duration; readonly max?: Duration }
  /** What is wrapped around the handler of each attempt: what it opens before `run()` it closes after, on every path. Default: nothing. */
  readonly around?: Around
  /** A record whose task is not known here waits for `delay`, again and again, and fails after `failAfter`. Default 30 s and 24 h. */
  readonly unknownTask?: { readonly delay?: Duration; readonly failAfter?: Duration }
  /** Told of what people want to know, each kind at most once a second; default: one line on standard error. */
  readonly onReport?: (report: Report) => void
  /** The source of jitter, in [0, 1). */
  readonly random?: () => number
}

/** Bounds of what `auto` may hold: with one handler at a time four records would be too few for a round trip, and with many, 200 are enough. */
const [LEAST_PREFETCHED, MOST_PREFETCHED] = [20, 200]

/** The options, checked and complete. */
export interface WorkerSettings extends Omit<DutySettings, 'limit'> {
  readonly backend: Backend
  readonly clock: Clock
  readonly limits: Limits
  readonly tasks: ReadonlyMap<string, Runnable>
  readonly concurrency: number
  readonly prefetch: number
  readonly queues: readonly QueuePlan[]
  /** Of the queues, in the same order. */
  readonly lines: readonly Line[]
  readonly order: QueueOrder
  readonly workerId: string
  readonly heartbeatMs: number
  readonly poll: PollSettings
  readonly around: Around | null
  readonly unknownTask: UnknownTaskSettings
  readonly random: () => number
  readonly report: Reporter
}

const OPTIONS = [
  'client', 'tasks', 'concurrency', 'prefetch', 'queues', 'executionBackend', 'order', 'workerId', 'heartbeat', 'staleAfter', 'sweepEvery', 'retention',
  'poll', 'around', 'unknownTask', 'onReport', 'random',
] // prettier-ignore

/** @throws QueueError `invalid_argument` that names the option at fault. No I/O. */
export function settingsOf(options: WorkerOptions): WorkerSettings {
  checkOptions('options', options, OPTIONS)
  checkNoNull('options', options)
  const { client, random = Math.random } = options
  if (typeof client?.backend?.turn !== 'function')
    throw invalidArgument('options.client', 'must be a client: createClient({ backend })')
  const { backend } = client
  const clock = steady(client.clock)
  const { limits, resendWindowMs } = backend.capabilities
  const workerId = checkName(
    'options.workerId',
    options.workerId ?? `worker-${pid()}-${crypto.randomUUID().slice(0, 8)}`,
  )
  const { onReport = (report: Report) => printReport(workerId, report) } = options
  checkFunction('options.onReport', onReport)
  checkFunction('options.random', random)
  if (options.around !== undefined) checkFunction('options.around', options.around)
  const tasks = tasksOf(options.tasks, limits)
  const executionBackend = checkName('options.executionBackend', options.executionBackend ?? DEFAULT_EXECUTION_BACKEND)
  const order = checkOneOf('options.order', options.order ?? 'priority', QUEUE_ORDERS)
  const queues = queuesOf(options.queues, order, { tasks, limits })
  // A heartbeat carries everything that is held in one call.
  const concurrency = checkInteger('options.concurrency', options.concurrency ?? 10, 1, limits.batch)
  return {
    backend,
    clock,
    limits,
    tasks,
    concurrency,
    prefetch: prefetchOf(options.prefetch, concurrency, limits.batch - concurrency),
    queues,
    // Frozen, so that a backend looks at them once, not at each claim.
    lines: Object.freeze(queues.map(({ queue }) => Object.freeze({ queue, executionBackend }))),
    order,
    workerId,
    ...livenessOf(options),
    retention: retentionOf(options.retention, resendWindowMs),
    poll: pollOf(options.poll),
    around: options.around ?? null,
    unknownTask: unknownTaskOf(options.unknownTask),
    random,
    report: createReporter(onReport, clock),
  }
}

function tasksOf(given: readonly Runnable[], limits: Limits): ReadonlyMap<string, Runnable> {
  const tasks = new Map<string, Runnable>()
  checkArray('options.tasks', given, limits.batch).forEach((task, i) => {
    const parameter = `options.tasks[${i}]`
    if (typeof task?.name !== 'string') throw invalidArgument(parameter, 'must be a task: task(name, { run })')
    if (typeof task.prepare !== 'function')
      throw invalidArgument(parameter, `must have a handler: ${task.name} needs .handle(run)`)
    if (tasks.has(task.name)) throw invalidArgument(parameter, `must not be a second task named ${task.name}`)
    tasks.set(task.name, task)
  })
  if (tasks.size === 0) throw invalidArgument('options.tasks', 'must hold at least one task')
  return tasks
}

function livenessOf(options: WorkerOptions): Pick<WorkerSettings, 'heartbeatMs' | 'staleAfterMs' | 'sweepEveryMs'> {
  const heartbeatMs = checkDuration('options.heartbeat', options.heartbeat ?? '5s', 1)
  const staleAfterMs = checkDuration('options.staleAfter', options.staleAfter ?? '20s', 1)
  if (heartbeatMs * 2 >= staleAfterMs) {
    throw invalidArgument(
      'options.heartbeat',
      `must be less than half of staleAfter (${staleAfterMs} ms): one lost beat must not cost an attempt`,
    )
  }
  return { heartbeatMs, staleAfterMs, sweepEveryMs: checkDuration('options.sweepEvery', options.sweepEvery ?? '5s', 1) }
}

function prefetchOf(given: WorkerOptions['prefetch'] = 'auto', concurrency: number, most: number): number {
  if (given === 'auto') return Math.min(most, MOST_PREFETCHED, Math.max(LEAST_PREFETCHED, 4 * concurrency))
  if (Number.isInteger(given) && given >= 0 && given <= most) return given
  throw invalidArgument('options.prefetch', `must be auto or a whole number from 0 to ${most}`)
}

function retentionOf(given: WorkerOptions['retention'] = {}, resendWindowMs: number): WorkerSettings['retention'] {
  if (given === false) return null
  checkOptions('options.retention', given, [STATUS.completed, 'others'])
  checkNoNull('options.retention', given)
  return {
    completedMs: checkDuration('options.retention.completed', given.completed ?? '24h', resendWindowMs),
    othersMs: checkDuration('options.retention.others', given.others ?? '14d', resendWindowMs),
  }
}

function pollOf(given: WorkerOptions['poll'] = {}): PollSettings {
  checkOptions('options.poll', given, ['min', 'max'])
  checkNoNull('options.poll', given)
  const minMs = checkDuration('options.poll.min', given.min ?? '100ms', 1)
  return { minMs, maxMs: checkDuration('options.poll.max', given.max ?? Math.max(minMs, 5_000), minMs) }
}

function unknownTaskOf(given: WorkerOptions['unknownTask'] = {}): UnknownTaskSettings {
  checkOptions('options.unknownTask', given, ['delay', 'failAfter'])
  checkNoNull('options.unknownTask', given)
  return {
    delayMs: checkDuration('options.unknownTask.delay', given.delay ?? '30s', 1),
    failAfterMs: checkDuration('options.unknownTask.failAfter', given.failAfter ?? '24h'),
  }
}

function checkFunction(parameter: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidArgument(parameter, 'must be a function')
}
