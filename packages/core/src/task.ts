import type { StandardSchemaV1 } from '@standard-schema/spec'
import { checkBoolean, checkDuration, checkInteger, checkName, checkNoNull, checkOptions, checkText } from './check.ts'
import type { TaskContext } from './context.ts'
import type { Duration } from './duration.ts'
import { invalidArgument } from './errors.ts'
import type { Json, JsonObject } from './json.ts'
import { keyDefaults, type KeyDefaults, type KeyOptions } from './key-options.ts'
import { MAX_COUNT, MAX_NAME_LENGTH, MAX_PRIORITY } from './limits.ts'
import { DEFAULT_EXECUTION_BACKEND, DEFAULT_QUEUE } from './record.ts'
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from './retry.ts'
import { checkSchema, parse, type InputSchema, type OutputSchema } from './schema.ts'
import { parsedInput, storedInput, storedOutput, type JsonCompatible, type TaskTypes } from './typed.ts'

/** How a task's records wait, run and fail, unless an enqueue says otherwise. */
export interface TaskOptions extends KeyOptions {
  /** The line its records wait in; default `default`. */
  readonly queue?: string
  /** -4096..4096, higher first; default 0. */
  readonly priority?: number
  /** Runs again after a failure, so many times, at most 1 000 000; default 0. */
  readonly retries?: number
  /** How long before a retry; default exponential from 1 s to 10 min with full jitter. */
  readonly backoff?: RetryPolicy
  /** An attempt that takes longer fails, and its signal aborts; default: no limit. */
  readonly timeout?: Duration
  /** How often it runs again after its worker died or fell silent, apart from `retries`; default 3. */
  readonly maxRecoveries?: number
  /** false: never run it again after its worker died; report it instead. */
  readonly requeueOnStale?: boolean
  /** Which kind of worker runs it; default `local`. */
  readonly executionBackend?: string
  readonly executionProfile?: string
}

/** A named handler with typed input and output, or only its contract: what a producer needs, without the handler's code. */
export interface Task<Input, Output> {
  readonly name: string
  readonly options: Readonly<Required<Omit<TaskOptions, 'timeout' | 'executionProfile' | keyof KeyOptions>>> &
    KeyDefaults & {
      readonly timeoutMs: number | null
      readonly executionProfile: string | null
    }
  /** Present for the compiler only. */
  readonly types?: TaskTypes<Input, Output>
  /** Refuses a bad input before it is stored. @throws QueueError `invalid_argument` naming the offender. */
  checkInput(input: unknown): void | Promise<void>
  /** A stored result as the task's output type. */
  readOutput(result: Json): Output | Promise<Output>
}

/** What enqueueing needs of a task, whatever its types. */
export type AnyTask = Pick<Task<never, unknown>, 'name' | 'options' | 'checkInput'>

/** A task with its handler: what a worker takes. */
export interface HandledTask<Input, Output> extends Task<Input, Output>, Runnable {}

/** A handler without its types: parses the stored input, runs, and checks the output. */
export interface Runnable {
  readonly name: string
  readonly options: Task<never, unknown>['options']
  /**
   * The handler's call, not yet made; a promise only where a schema answers with one. @throws QueueError `invalid_argument`, or rejects with it, if the
   * schema refuses the stored input: no retry can help.
   */
  prepare(kwargs: JsonObject): HandlerCall | Promise<HandlerCall>
}

/** Answers with what the handler returns, or a promise of it. What it throws is the handler's, or the output schema's refusal. */
export type HandlerCall = (context: TaskContext) => unknown

/** A contract that a worker can be given a handler for. */
export interface TaskContract<Input, Parsed, Output> extends Task<Input, Output> {
  /** The task with this handler. The contract itself stays as it is. */
  handle(run: Run<Parsed, Output>): HandledTask<Input, Output>
}

export type Run<Parsed, Output> = (input: Parsed, context: TaskContext) => Handled<Output> | Promise<Handled<Output>>

/** A handler of a task whose output is null may return nothing. */
type Handled<Output> = Output extends null ? Output | void : Output

/** What is stored of what a handler returns: nothing becomes null. */
export type Stored<R> = R extends void | undefined ? null : R

/**
 * No further argument where `R` can be stored; otherwise one that nobody has, and the compile error shows its name. `unknown` passes:
 * the compiler asks this also before it has looked into `run`.
 */
type Storable<R> = unknown extends R
  ? []
  : Stored<R> extends JsonCompatible<Stored<R>>
    ? []
    : [runMustReturnStrictJson: never]

type In<S extends InputSchema> = StandardSchemaV1.InferInput<S>
type Out<S extends InputSchema | OutputSchema> = StandardSchemaV1.InferOutput<S>

/**
 * Declare a task. With `run`, everything in one place; without, a contract that producers can import and that a worker completes
 * with `.handle(run)`. `input` refuses at enqueue and parses at claim; `output` checks what the handler returns and types `result()`.
 *
 * @throws QueueError `invalid_argument` for an unknown or out-of-range option.
 */
export function task<S extends InputSchema, R>(
  name: string,
  options: TaskOptions & {
    readonly input: S
    readonly output?: undefined
    readonly run: (input: Out<S>, context: TaskContext) => R | Promise<R>
  },
  ...check: Storable<R>
): HandledTask<In<S>, Stored<R>>
export function task<S extends InputSchema, O extends OutputSchema>(
  name: string,
  options: TaskOptions & {
    readonly input: S
    readonly output: O
    readonly run: Run<Out<S>, StandardSchemaV1.InferInput<O>>
  },
): HandledTask<In<S>, Out<O>>
export function task<Input extends object, R>(
  name: string,
  options: TaskOptions & {
    readonly input?: undefined
    readonly output?: undefined
    readonly run: (input: Input, context: TaskContext) => R | Promise<R>
  },
  ...check: Storable<R>
): HandledTask<Input, Stored<R>>
export function task<S extends InputSchema, O extends OutputSchema>(
  name: string,
  options: TaskOptions & { readonly input: S; readonly output: O; readonly run?: undefined },
): TaskContract<In<S>, Out<S>, Out<O>>
export function task<S extends InputSchema>(
  name: string,
  options: TaskOptions & { readonly input: S; readonly output?: undefined; readonly run?: undefined },
): TaskContract<In<S>, Out<S>, Json>
export function task<Input extends object = JsonObject, Output = Json>(
  name: string,
  options?: TaskOptions & { readonly input?: undefined; readonly output?: undefined; readonly run?: undefined },
): TaskContract<Input, Input, Output>
export function task(
  name: string,
  given: TaskOptions & Parts = {},
): HandledTask<object, unknown> | TaskContract<object, unknown, unknown> {
  checkName('name', name)
  checkOptions('options', given, OPTIONS)
  checkNoNull('options', given)
  const { input, output, run } = given
  if (input !== undefined) checkSchema('options.input', input)
  if (output !== undefined) checkSchema('options.output', output)
  if (run !== undefined) checkHandler('options.run', run)
  const contract: Task<object, unknown> = {
    name,
    options: complete(given),
    checkInput(value) {
      if (input === undefined) return
      const checked = parse(input, value, 'input')
      return checked instanceof Promise ? checked.then(() => undefined) : undefined
    },
    readOutput: (result) => (output === undefined ? storedOutput(result) : parse(output, result, 'result')),
  }
  const handle = (handler: AnyRun): HandledTask<object, unknown> => {
    checkHandler('run', handler)
    return { ...contract, ...runnable(contract, handler, input, output) }
  }
  if (run === undefined) return { ...contract, handle }
  return handle(run)
}

type AnyRun = (input: never, context: TaskContext) => unknown

interface Parts {
  readonly input?: InputSchema | undefined
  readonly output?: OutputSchema | undefined
  readonly run?: AnyRun | undefined
}

const OPTIONS = [
  'queue', 'priority', 'retries', 'backoff', 'timeout', 'maxRecoveries', 'requeueOnStale', 'executionBackend', 'executionProfile', 'keyBy', 'keyScope', 'keyHold', 'onConflict',
  'input', 'output', 'run',
] // prettier-ignore

function checkHandler(parameter: string, handler: AnyRun): void {
  if (typeof handler !== 'function') throw invalidArgument(parameter, 'must be a function')
}

function complete(given: TaskOptions): Task<never, unknown>['options'] {
  const { backoff = DEFAULT_RETRY_POLICY, requeueOnStale = true, timeout, executionProfile } = given
  if (typeof backoff !== 'function')
    throw invalidArgument('options.backoff', 'must be a retry policy: fixed(...), exponential(...), or a function')
  return Object.freeze({
    queue: checkName('options.queue', given.queue ?? DEFAULT_QUEUE),
    priority: checkInteger('options.priority', given.priority ?? 0, -MAX_PRIORITY, MAX_PRIORITY),
    retries: checkInteger('options.retries', given.retries ?? 0, 0, MAX_COUNT),
    backoff,
    timeoutMs: timeout === undefined ? null : checkDuration('options.timeout', timeout, 1),
    maxRecoveries: checkInteger('options.maxRecoveries', given.maxRecoveries ?? 3, 0, MAX_COUNT),
    requeueOnStale: checkBoolean('options.requeueOnStale', requeueOnStale),
    executionBackend: checkName('options.executionBackend', given.executionBackend ?? DEFAULT_EXECUTION_BACKEND),
    executionProfile:
      executionProfile === undefined ? null : checkText('options.executionProfile', executionProfile, MAX_NAME_LENGTH),
    ...keyDefaults(given),
  })
}

function runnable(
  contract: Task<object, unknown>,
  handler: AnyRun,
  input: InputSchema | undefined,
  output: OutputSchema | undefined,
): Runnable {
  /** No function of its own that waits: a busy worker makes one for each record. */
  const callWith = (parsed: never): HandlerCall =>
    output === undefined
      ? (context) => handler(parsed, context)
      : async (context) => {
          const returned = await handler(parsed, context)
          await parse(output, returned, 'result')
          return returned
        }
  return {
    name: contract.name,
    options: contract.options,
    prepare(kwargs) {
      if (input === undefined) return callWith(storedInput<never>(kwargs))
      const parsed = parse(input, kwargs, 'input')
      if (parsed instanceof Promise) return parsed.then((value) => callWith(parsedInput<never>(value)))
      return callWith(parsedInput<never>(parsed))
    },
  }
}
