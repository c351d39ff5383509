import { encodeBody } from './body.ts'
import { sameFor, CheckedRequest } from './checked-request.ts'
import { checkDuration, checkInteger, checkNoNull, checkObject, checkOptions, checkTime } from './check.ts'
import type { Duration } from './duration.ts'
import { invalidArgument } from './errors.ts'
import type { IdMaker } from './ids.ts'
import type { JsonObject } from './json.ts'
import { keyFields, type KeyOptions } from './key-options.ts'
import { MAX_COUNT, type Limits } from './limits.ts'
import type { TaskRequest } from './request.ts'
import type { AnyTask } from './task.ts'

/** How this one record waits and runs; what is left out comes from the task. */
export interface EnqueueOptions extends KeyOptions {
  /** Due this long from now, by the backend's clock; or `scheduledAt`. */
  readonly delay?: Duration
  /** Not before this instant. One that has passed means now. */
  readonly scheduledAt?: Date | number
  /** Not worth starting after this long; or `expiresAt`. A record that was started once never expires. */
  readonly expiresIn?: Duration
  readonly expiresAt?: Date | number
  /** Uniqueness key, 1 to 512 bytes: of the records with one key one keeps the others off, for as long as `keyHold` says; or `keyBy`. */
  readonly key?: string
  readonly queue?: string
  readonly priority?: number
  readonly retries?: number
  readonly maxRecoveries?: number
  readonly requeueOnStale?: boolean
  readonly executionBackend?: string
  readonly executionProfile?: string
  /** Positional arguments beside the input; `context.record.args` shows them. */
  readonly args?: readonly unknown[]
  /** Application data that travels along: trace context, tenant, origin. */
  readonly metadata?: JsonObject
}

const OPTIONS = [
  'delay', 'scheduledAt', 'expiresIn', 'expiresAt', 'key', 'keyBy', 'keyScope', 'keyHold', 'onConflict', 'queue', 'priority', 'retries', 'maxRecoveries', 'requeueOnStale',
  'executionBackend', 'executionProfile', 'args', 'metadata',
] // prettier-ignore

/** Makes a request complete: checked, and its values snapshot as text, so that later changes of theirs do no harm. */
export type RequestMaker = (task: AnyTask, input: unknown, options: EnqueueOptions | undefined) => TaskRequest

export function requestMaker(makeId: IdMaker, limits: Limits): RequestMaker {
  /** What a task's requests without options have in common is checked once: it would take a busy producer a third of its time. */
  const plain = new WeakMap<
    AnyTask,
    { readonly name: string; readonly options: object; readonly request: CheckedRequest }
  >()

  return (task, input, options = NONE) => {
    const known = options === NONE ? plain.get(task) : undefined
    if (known?.options === task.options && known.name === task.name) {
      const kwargs = checkObject('input', input)
      return sameFor(known.request, { id: makeId(), body: encodeBody({ kwargs }, limits) })
    }
    const request = requestFor(task, input, options, makeId, limits)
    const { name, options: own } = task
    // One that anybody may change, or a key that is made of the input, is looked at each time.
    if (options === NONE && request.key === null && Object.isFrozen(own))
      plain.set(task, { name, options: own, request })
    return request
  }
}

const NONE: EnqueueOptions = Object.freeze({})

function requestFor(
  task: AnyTask,
  input: unknown,
  options: EnqueueOptions,
  makeId: IdMaker,
  limits: Limits,
): CheckedRequest {
  checkOptions('options', options, OPTIONS)
  checkNoNull('options', options)
  const { delay, scheduledAt, expiresIn, expiresAt, args, metadata } = options
  if (delay !== undefined && scheduledAt !== undefined)
    throw invalidArgument('options.delay', 'cannot be combined with scheduledAt')
  if (expiresIn !== undefined && expiresAt !== undefined)
    throw invalidArgument('options.expiresIn', 'cannot be combined with expiresAt')
  const kwargs = checkObject('input', input)
  return new CheckedRequest(
    {
      id: makeId(),
      taskName: task.name,
      body: encodeBody({ kwargs, args, metadata }, limits),
      queue: options.queue ?? task.options.queue,
      priority: options.priority ?? task.options.priority,
      maxRetries: checkInteger('options.retries', options.retries ?? task.options.retries, 0, MAX_COUNT),
      maxRecoveries: options.maxRecoveries ?? task.options.maxRecoveries,
      requeueOnStale: options.requeueOnStale ?? task.options.requeueOnStale,
      executionBackend: options.executionBackend ?? task.options.executionBackend,
      executionProfile: options.executionProfile ?? task.options.executionProfile,
      delayMs: delay === undefined ? null : checkDuration('options.delay', delay),
      scheduledAt: scheduledAt === undefined ? null : checkTime('options.scheduledAt', scheduledAt),
      expiresInMs: expiresIn === undefined ? null : checkDuration('options.expiresIn', expiresIn),
      expiresAt: expiresAt === undefined ? null : checkTime('options.expiresAt', expiresAt),
      ...keyFields(options, { name: task.name, options: task.options, input: kwargs, args, limits }),
    },
    limits,
    'options',
  )
}
