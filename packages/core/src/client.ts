/// <reference lib="esnext.disposable" preserve="true" />

import { attemptsOn, type Attempts } from './attempts.ts'
import type {
  Backend,
  EnqueueResult,
  KeyReference,
  ListQuery,
  Page,
  Statistics,
  StatisticsQuery,
  View,
} from './backend.ts'
import { behindEnqueues } from './behind-enqueues.ts'
import { enqueueBatch } from './batch.ts'
import { cancel, type CancelFilter, type CancelOptions, type CancelReport } from './cancellation.ts'
import { checkArray, checkId, checkName, checkObject, checkOptions, checkText } from './check.ts'
import { systemClock, type Clock } from './clock.ts'
import type { KeyReset } from './controls.ts'
import { dispatchOn, type Dispatch } from './dispatch.ts'
import { requestMaker, type EnqueueOptions } from './enqueue.ts'
import { invalidArgument, QueueError } from './errors.ts'
import { handleOf, waitingOf, type Handle, type HandleActs, type ResultOptions } from './handle.ts'
import { createIdMaker } from './ids.ts'
import type { Limits } from './limits.ts'
import type { LogEntry } from './log.ts'
import { pausingOn, type Pausing } from './pausing.ts'
import type { TaskRecord } from './record.ts'
import { removePending, type RemovalOptions, type RemovalReport } from './removal.ts'
import type { TaskRequest } from './request.ts'
import { checkRuntime } from './runtime.ts'
import type { AnyTask, Task } from './task.ts'
import type { JsonCompatible } from './typed.ts'
import { upkeepOn, type Upkeep } from './upkeep.ts'

/**
 * The producer's door, with the single-record calls for programs that work on records by themselves. What was enqueued before a call
 * has its answer before the call is made, so that it is found, unless an asynchronous schema still looks at it: await that enqueue first. A
 * call that answers a resend alike is repeated once if its reply is lost.
 */
export interface Client extends Attempts, Dispatch, Pausing, Upkeep, AsyncDisposable {
  readonly backend: Backend
  readonly clock: Clock

  /**
   * Write one record down. Resolves once the backend has it. Enqueues of one tick travel in one call, or in a few if they are more than
   * 25, in order. If a reply is lost, the client repeats that call once with the same ids; an error that is still `indeterminate` names the
   * record that may be there.
   * @throws QueueError `invalid_argument`, `not_serializable`, `too_large` before any I/O; `key_conflict` if a namespace-wide key
   * belongs to another task's record.
   */
  enqueue<Input, Output>(
    task: Task<Input, Output>,
    input: JsonCompatible<Input>,
    options?: EnqueueOptions,
  ): Promise<Handle<Output>>

  /**
   * Enqueue, and wait for what the handler returns: of the record that holds the key, where the key was taken.
   * @throws what `enqueue` and `Handle.result` throw; bad waiting options before any I/O.
   */
  enqueueAndWait<Input, Output>(
    task: Task<Input, Output>,
    input: JsonCompatible<Input>,
    options?: EnqueueOptions & ResultOptions,
  ): Promise<Output>

  /** Many at once, in order, each with its own outcome, in as few calls as the backend's batch allows; all are checked before the first is written. */
  enqueueMany<Input, Output>(
    task: Task<Input, Output>,
    items: readonly EnqueueItem<Input>[],
  ): Promise<readonly BulkHandle<Output>[]>

  /** null if there is none (any more). */
  get(id: string): Promise<TaskRecord | null>
  /** The record that last took the key: of the task given, or of the whole namespace. */
  getByKey(key: string, of?: Pick<Task<never, unknown>, 'name'>): Promise<TaskRecord | null>
  /** Free a key that is taken for a window or for ever: of the task given, or of the whole namespace. */
  resetKey(key: string, of?: Pick<Task<never, unknown>, 'name'>): Promise<KeyReset>
  /** What handlers wrote down about the record, the oldest entry first; none if it is gone. */
  logs(id: string): Promise<readonly LogEntry[]>
  list(query: ListQuery): Promise<Page>
  /** Every record of a list, read page by page while you iterate. */
  each(query: Omit<ListQuery, 'cursor'> & { readonly view: View }): AsyncIterable<TaskRecord>
  statistics(query?: StatisticsQuery): Promise<Statistics>

  /** By id, ids, or a filter. A running record is cancelled only with `includeRunning`; its handler's signal then aborts. */
  cancel(target: string | readonly string[] | CancelFilter, options?: CancelOptions): Promise<CancelReport>

  /**
   * Cancel everything of a queue that waits when this is called: waiting, pending or scheduled. What runs is left alone, what is enqueued
   * meanwhile stays. The records are kept as cancelled ones until retention removes them. Needs the memory of one page.
   */
  removePending(queue: string, options?: RemovalOptions): Promise<RemovalReport>

  /**
   * Sends what was gathered, waits up to five seconds for the answers of enqueues under way, and closes the backend; what is not answered
   * then rejects, as indeterminate. Enqueues made after it was called are refused as `closed`, and all calls once the backend is. Idempotent.
   */
  close(): Promise<void>
}

export interface EnqueueItem<Input> {
  readonly input: JsonCompatible<Input>
  readonly options?: EnqueueOptions
}

/** What became of one item: as of any enqueue, or a conflict. */
export type BulkHandle<Output> = Handle<Output> | Conflict

/**
 * The namespace-wide key belongs to another task's record, and nothing was written. It has no `result`: that record's is of another type.
 */
export interface Conflict extends Omit<HandleActs<unknown>, 'result'> {
  readonly outcome: 'conflict'
  /** The one that has the key; null if it is gone. */
  readonly record: TaskRecord | null
}

export interface ClientOptions {
  readonly backend: Backend
  /** For ids and for waiting; the backend has its own. */
  readonly clock?: Clock
}

/** A backend that hangs must not keep a program from its end. */
const LONGEST_FAREWELL_MS = 5_000

export function createClient(options: ClientOptions): Client {
  checkRuntime()
  checkOptions('options', options, ['backend', 'clock'])
  const { backend, clock = systemClock } = options
  if (typeof backend?.enqueue !== 'function')
    throw invalidArgument('options.backend', 'must be a backend: memoryBackend(), connect(url, adapters), ...')
  if (typeof clock?.now !== 'function' || typeof clock.after !== 'function')
    throw invalidArgument('options.clock', 'must be a clock: systemClock, manualClock(), ...')
  const { limits } = backend.capabilities
  const makeId = createIdMaker(clock)
  const makeRequest = requestMaker(makeId, limits)
  const batch = enqueueBatch(backend)
  const ordered = behindEnqueues(backend, batch)
  const source = { backend: ordered, clock }
  let closing: Promise<void> | null = null
  /** Enqueues that a schema keeps waiting. */
  const checking = new Set<Promise<unknown>>()

  /** Snapshot at once, so that later changes of the input do no harm; a promise only for a schema that answers with one. */
  function prepared(task: AnyTask, input: unknown, given?: EnqueueOptions): TaskRequest | Promise<TaskRequest> {
    if (typeof task?.checkInput !== 'function') throw invalidArgument('task', 'must be a task: task(name, options)')
    const request = makeRequest(task, input, given)
    if (closing !== null) throw new QueueError('closed', 'the client is closed')
    return task.checkInput(input)?.then(() => request) ?? request
  }

  /** The same, its refusals under the name of the item. */
  function preparedItem(task: AnyTask, item: Untyped, i: number): TaskRequest | Promise<TaskRequest> {
    try {
      const request = prepared(task, item.input, item.options)
      if (!(request instanceof Promise)) return request
      return request.catch((error: unknown) => {
        throw atItem(i, error)
      })
    } catch (error) {
      throw atItem(i, error)
    }
  }

  /** In this very tick unless a schema waits, so that a call made right after finds it. */
  function add(request: TaskRequest | Promise<TaskRequest>): Promise<EnqueueResult> {
    return request instanceof Promise ? tracked(request.then((checked) => batch.add(checked))) : batch.add(request)
  }

  /** Whoever closes waits for it, too. */
  function tracked<T>(checked: Promise<T>): Promise<T> {
    const over = checked.catch(() => {})
    checking.add(over)
    void over.finally(() => checking.delete(over))
    return checked
  }

  async function finish(): Promise<void> {
    const answers = batch.underWay()
    if (answers !== null || checking.size > 0) {
      const { promise: over, resolve } = Promise.withResolvers<void>()
      const disarm = clock.after(LONGEST_FAREWELL_MS, resolve)
      await Promise.race([Promise.all([answers, ...checking]), over])
      disarm()
    }
    batch.end()
    await backend.close()
  }

  const client: Client = {
    ...attemptsOn(ordered, makeId),
    ...dispatchOn(ordered),
    ...pausingOn(ordered),
    ...upkeepOn(ordered),
    backend,
    clock,

    async enqueue(task, input, given) {
      const result = await add(prepared(task, input, given))
      if (belongsToOther(result, task)) {
        const { id, taskName } = ownerOf(result)
        throw new QueueError('key_conflict', `the key belongs to ${taskName} ${id}, a record of another task`, {
          parameter: 'options.key',
        })
      }
      return handleOf(task, result, source)
    },

    async enqueueAndWait(task, input, options = {}) {
      const { timeout, signal, ...given } = checkObject('options', options)
      const waiting = { ...(timeout === undefined ? {} : { timeout }), ...(signal === undefined ? {} : { signal }) }
      waitingOf(waiting)
      const handle = await client.enqueue(task, input, given)
      return await handle.result(waiting)
    },

    async enqueueMany(task, items) {
      checkArray('items', items, Infinity)
      items.forEach((item, i) => checkOptions(`items[${i}]`, item, ['input', 'options']))
      const prepare: (TaskRequest | Promise<TaskRequest>)[] = []
      try {
        for (const [i, item] of items.entries()) prepare.push(preparedItem(task, item, i))
      } catch (error) {
        // The schema may still be busy with the items before: their refusal must not become an unhandled one.
        void Promise.allSettled(prepare.map((one) => Promise.resolve(one)))
        throw error
      }
      const ready = prepare.filter((one): one is TaskRequest => !(one instanceof Promise))
      const results = await (ready.length === prepare.length
        ? batch.addAll(ready)
        : tracked(Promise.all(prepare.map((one) => Promise.resolve(one))).then((checked) => batch.addAll(checked))))
      return results.map((result) => {
        if (!belongsToOther(result, task)) return handleOf(task, result, source)
        const owner = ownerOf(result)
        return { ...owner, outcome: 'conflict', record: result.record, refresh: () => client.get(owner.id) }
      })
    },

    async get(id) {
      const [record = null] = await ordered.get([checkId('id', id)])
      return record
    },

    async getByKey(key, of) {
      const [record = null] = await ordered.getByKey([referenceTo(key, of, limits)])
      return record
    },

    async resetKey(key, of) {
      const [reset = 'free'] = await ordered.controls.resetKeys([referenceTo(key, of, limits)])
      return reset
    },

    async logs(id) {
      const [entries = []] = await ordered.history.logs([checkId('id', id)])
      return entries
    },

    list: (query) => ordered.list(query),

    async *each(query) {
      let cursor: string | null = null
      do {
        const page: Page = await ordered.list({ ...query, cursor })
        yield* page.records
        cursor = page.cursor
      } while (cursor !== null)
    },

    statistics: (query) => ordered.statistics(query),
    cancel: (target, given) => cancel(ordered, target, given),
    removePending: (queue, given) => removePending(ordered, queue, given),

    async close() {
      closing ??= finish()
      await closing
    },

    [Symbol.asyncDispose]: () => client.close(),
  }
  return client
}

/** The record that was written, or has the key: also one that is gone. */
function ownerOf(result: EnqueueResult): Pick<TaskRecord, 'id' | 'taskName'> {
  const { id, taskName } = result.record ?? result
  return { id, taskName }
}

function belongsToOther(result: EnqueueResult, task: Pick<Task<never, unknown>, 'name'>): boolean {
  return (result.outcome === 'existing' || result.outcome === 'reserved') && ownerOf(result).taskName !== task.name
}

function referenceTo(
  key: string,
  of: Pick<Task<never, unknown>, 'name'> | undefined,
  { keyBytes }: Limits,
): KeyReference {
  checkText('key', key, keyBytes)
  if (of === undefined) return { scope: 'namespace', key }
  return { scope: 'task', taskName: checkName('of.name', checkObject('of', of).name), key }
}

/** An item, of whatever task. */
interface Untyped {
  readonly input: unknown
  readonly options?: EnqueueOptions
}

/** What is wrong with an item, under the item's name. */
function atItem(index: number, error: unknown): unknown {
  if (!(error instanceof QueueError) || !ITEM.test(error.parameter ?? '')) return error
  const parameter = `items[${index}].${error.parameter}`
  const message = error.message.replace(error.parameter ?? '', () => parameter)
  return new QueueError(error.code, message, { parameter, cause: error.cause })
}

const ITEM = /^(input|options)\b/
