import {
  CANCELLED, DEFAULT_CANCEL_REASON, guardBackend, QueueError,
  type ActResult, type Assignment, type AuditPage, type AuditQuery, type Backend, type CancelRequest, type Capabilities, type Controls,
  type EnqueueResult, type History, type KeyReference, type LeaseRequest, type LeaseResult, type ListQuery, type Page, type ReplayOptions,
  type ReplayRequest, type ReplayResult, type Statistics, type StatisticsQuery, type SweepRequest, type SweepResult,
  type TaskRecord, type TaskRequest, type TurnAnswer, type TurnRequest, type WaitingTurn, type Watch, type WatchRequest,
} from '@millrace/core' // prettier-ignore
import { assign } from './assign.ts'
import { audit } from './audit.ts'
import { cancel } from './cancel.ts'
import { controlsIn } from './controls.ts'
import { enqueue } from './enqueue.ts'
import { lastHolder } from './key.ts'
import { lease } from './lease.ts'
import { list } from './list.ts'
import { logOf } from './log.ts'
import type { Namespace } from './namespace.ts'
import { memoryOptions, type MemoryOptions } from './options.ts'
import { actOnEach } from './outcome.ts'
import { replay } from './replay.ts'
import { recordOf } from './row.ts'
import { statistics } from './statistics.ts'
import { namespaceIn, namespacesOf } from './store.ts'
import { sweep } from './sweep.ts'
import { turn } from './turn.ts'
import { MemoryWatch } from './watch.ts'

/**
 * The reference backend: every promise of the contract in plain code, without a server. Records live in this process and end with
 * it. Nothing that goes in or comes out is shared with the store.
 * @throws QueueError `invalid_argument` for an unknown or wrong option.
 */
export function memoryBackend(options: MemoryOptions = {}): Backend {
  const inner = new MemoryBackend(options)
  const backend = guardBackend(inner)
  inners.set(backend, inner)
  return backend
}

/** What is behind the guard of a memory backend, for `break.ts`. */
export function innerOf(backend: Backend): MemoryBackend {
  const inner = inners.get(backend)
  if (inner === undefined) throw new TypeError('not a memory backend')
  return inner
}

const inners = new WeakMap<Backend, MemoryBackend>()

export class MemoryBackend implements Backend {
  readonly capabilities: Capabilities
  readonly controls: Controls = controlsIn((act) => this.#act(act))
  readonly history: History = {
    logs: async (ids) => this.#act((namespace) => ids.map((id) => logOf(namespace, id))),
  }
  readonly watches: Set<MemoryWatch> = new Set()
  /** The next call takes effect and its caller learns nothing of it. */
  losesNextReply = false
  readonly #namespaces: Map<string, Namespace>
  readonly #name: string
  readonly #now: () => number
  readonly #agingMs: number | null

  constructor(options: MemoryOptions) {
    const { store, namespace, clock, limits, resendWindowMs, agingMs } = memoryOptions(options)
    this.capabilities = Object.freeze({ name: 'memory', durable: false, shared: false, limits, resendWindowMs })
    this.#namespaces = namespacesOf(store)
    this.#name = namespace
    this.#agingMs = agingMs
    this.#now = () => clock.now()
  }

  /** Looked up at each call, because any backend of the store may have destroyed it meanwhile. */
  get namespace(): Namespace {
    return namespaceIn(this.#namespaces, this.#name)
  }

  async open(): Promise<void> {
    this.namespace.checkAging(this.#agingMs)
  }

  async close(): Promise<void> {
    for (const watch of this.watches) watch.end()
  }

  async enqueue(requests: readonly TaskRequest[]): Promise<readonly EnqueueResult[]> {
    return this.#act((namespace, now) => {
      namespace.fixAging(this.#agingMs)
      return requests.map((request) => enqueue(namespace, request, now))
    })
  }

  async get(ids: readonly string[]): Promise<readonly (TaskRecord | null)[]> {
    return this.#act((namespace, now) => ids.map((id) => read(namespace, id, now)))
  }

  async getByKey(keys: readonly KeyReference[]): Promise<readonly (TaskRecord | null)[]> {
    return this.#act((namespace, now) =>
      keys.map((key) => read(namespace, lastHolder(namespace, { ...key, keyScope: key.scope }), now)),
    )
  }

  async list(query: ListQuery): Promise<Page> {
    return this.#act((namespace, now) => list(namespace, query, now))
  }

  async turn(request: TurnRequest): Promise<TurnAnswer> {
    return this.#act((namespace, now) => turn(namespace, request, now))
  }

  async cancel({
    ids,
    includeRunning = false,
    reason = DEFAULT_CANCEL_REASON,
  }: CancelRequest): Promise<readonly ActResult[]> {
    const acts = ids.map((id) => ({ id, includeRunning, error: CANCELLED(reason) }))
    return this.#act((namespace, now) => actOnEach({ namespace, now }, acts, (one) => cancel(namespace, one, now)))
  }

  async sweep(request: SweepRequest): Promise<SweepResult> {
    const { limit = this.capabilities.limits.batch } = request
    return this.#act((namespace, now) => sweep(namespace, { ...request, limit }, now))
  }

  async assign(assignments: readonly Assignment[]): Promise<readonly ActResult[]> {
    return this.#act((namespace, now) => actOnEach({ namespace, now }, assignments, (one) => assign(namespace, one)))
  }

  async statistics(query: StatisticsQuery = {}): Promise<Statistics> {
    return this.#act((namespace, now) => statistics(namespace, query, now))
  }

  async watch(request: WatchRequest): Promise<Watch> {
    const carried = (one: WaitingTurn): TurnAnswer => this.#act((namespace, now) => turn(namespace, one, now))
    const parts = { siblings: this.watches, turn: carried }
    return this.#act((namespace) => MemoryWatch.arm(namespace, request, parts))
  }

  async lease(request: LeaseRequest): Promise<LeaseResult> {
    return this.#act((namespace, now) => lease(namespace, request, now))
  }

  async replay(
    requests: readonly ReplayRequest[],
    { delayMs = 0 }: ReplayOptions = {},
  ): Promise<readonly ReplayResult[]> {
    return this.#act((namespace, now) =>
      actOnEach({ namespace, now }, requests, (one) => replay(namespace, one, { delayMs, now })),
    )
  }

  async audit(query: AuditQuery = {}): Promise<AuditPage> {
    const { limit = this.capabilities.limits.batch } = query
    return this.#act((namespace, now) => audit(namespace, { ...query, limit }, now))
  }

  async destroy(): Promise<void> {
    return this.#act((namespace) => {
      namespace.clear()
      if (!namespace.wakeups.isWatched) this.#namespaces.delete(this.#name)
    })
  }

  /** The whole call in one piece: nothing else runs in between, and hints go out when it is over. */
  #act<T>(act: (namespace: Namespace, now: number) => T): T {
    const { namespace } = this
    const answer = act(namespace, this.#now())
    namespace.wakeups.deliver()
    if (!this.losesNextReply) return answer
    this.losesNextReply = false
    if (answer instanceof MemoryWatch) answer.end()
    throw new QueueError('connection', 'the reply was lost', { indeterminate: true })
  }
}

function read(namespace: Namespace, id: string, now: number): TaskRecord | null {
  const stored = namespace.rows.get(id)
  return stored === undefined ? null : recordOf(stored, id, now)
}
