import {
  allows, CANCELLED, checkAging, DEFAULT_CANCEL_REASON, DEFAULT_LIMITS, guardBackend, isTerminal, QueueError, REPLACED, STATUS, systemClock,
  type ActOutcome, type ActResult, type Assignment, type AuditPage, type AuditQuery, type Backend, type CancelRequest, type Capabilities,
  type Clock, type Controls, type Duration, type EnqueueResult, type History, type KeyReference, type LeaseRequest, type LeaseResult, type ListQuery, type Page, type ReplayOptions,
  type ReplayRequest, type ReplayResult, type Statistics, type StatisticsQuery, type SweepRequest, type SweepResult, type TaskError,
  type TaskRecord, type TaskRequest, type TurnAnswer, type TurnRequest, type Watch, type WatchRequest,
} from '@millrace/core' // prettier-ignore
import { audit } from './audit.ts'
import { list } from './list.ts'
import { logOf } from './log.ts'
import { instantOf, isHeld, isQueued, keyName, lineName, recordOf, UNHELD, type Reservation, type Row } from './row.ts'
import { statistics } from './statistics.ts'
import { Store } from './store.ts'
import { sweep } from './sweep.ts'
import { turn } from './turn.ts'
import { NaiveWatch } from './watch.ts'

export interface NaiveOptions {
  /** What a server would be: the namespaces that several backends share. */
  readonly server: Map<string, Store>
  readonly namespace: string
  readonly aging?: Duration
  readonly clock?: Clock
}

/** Every promise of the contract, in the fewest words: each call scans whatever there is. For reading, not for use. */
export function naiveBackend(options: NaiveOptions): Backend {
  return guardBackend(new NaiveBackend(options))
}

export class NaiveBackend implements Backend {
  readonly capabilities: Capabilities = {
    name: 'naive',
    durable: false,
    shared: false,
    limits: DEFAULT_LIMITS,
    resendWindowMs: 600_000,
  }
  readonly history: History = { logs: async (ids) => this.#act((store) => ids.map((id) => logOf(store, id))) }
  readonly store: Store
  readonly controls: Controls = {
    pause: async (queues) => this.#act((store) => this.#setPaused(store, queues, 'on')),
    resume: async (queues) => this.#act((store) => this.#setPaused(store, queues, 'off')),
    paused: async () =>
      this.#act(({ paused: { namespace, queues } }) => ({ namespace, queues: [...queues].toSorted() })),
    resetKeys: async (keys) =>
      this.#act((store) =>
        keys.map((reference) => {
          const key = keyName({ ...reference, keyScope: reference.scope })
          const taken = store.blocking(key)
          if (taken === null) return 'free'
          if (taken.hold === 'active' || taken.hold === 'untilStart') return 'refused'
          store.keys.delete(key)
          return 'reset'
        }),
      ),
  }
  readonly #clock: Clock
  readonly #aging: number | null
  readonly #watches = new Set<NaiveWatch>()
  #losesNextReply = false

  constructor({ server, namespace, aging, clock = systemClock }: NaiveOptions) {
    this.store = server.get(namespace) ?? new Store()
    this.#clock = clock
    this.#aging = checkAging('naive.aging', aging)
    server.set(namespace, this.store)
  }

  async open(): Promise<void> {
    this.store.age(this.#aging, 'opens')
  }

  async close(): Promise<void> {
    for (const watch of this.#watches) watch.end()
  }

  async enqueue(requests: readonly TaskRequest[]): Promise<readonly EnqueueResult[]> {
    return this.#act((store) => {
      store.age(this.#aging, 'enqueues')
      return requests.map((request) => this.#enqueue(request))
    })
  }

  async get(ids: readonly string[]): Promise<readonly (TaskRecord | null)[]> {
    return this.#act((store) => ids.map((id) => store.record(id)))
  }

  async getByKey(keys: readonly KeyReference[]): Promise<readonly (TaskRecord | null)[]> {
    const names = keys.map((key) => keyName({ ...key, keyScope: key.scope }))
    return this.#act((store) => names.map((name) => store.record(store.keys.get(name)?.id ?? '')))
  }

  async list(query: ListQuery): Promise<Page> {
    return this.#act((store) => list(store, query))
  }

  async turn(request: TurnRequest): Promise<TurnAnswer> {
    return this.#act((store) => turn(store, request))
  }

  async cancel({
    ids,
    includeRunning = false,
    reason = DEFAULT_CANCEL_REASON,
  }: CancelRequest): Promise<readonly ActResult[]> {
    return this.#actOnEach(
      ids.map((id) => ({ id })),
      (row) => {
        if (row.status === STATUS.cancelled) return 'ok'
        if (!allows('cancel', row.status) || (row.status === STATUS.running && !includeRunning)) return 'refused'
        this.#cancel(row, CANCELLED(reason))
        return 'ok'
      },
    )
  }

  async sweep(request: SweepRequest): Promise<SweepResult> {
    return this.#act((store) => sweep(store, request))
  }

  async assign(assignments: readonly Assignment[]): Promise<readonly ActResult[]> {
    return this.#actOnEach(assignments, (row, { attempt, expectedRef = row.executionRef, ...wanted }) => {
      if (attempt !== 'any' && attempt !== row.attempt) return 'lost'
      if (isTerminal(row.status)) return 'refused'
      const { executionRef, executionBackend = row.executionBackend, executionProfile = row.executionProfile } = wanted
      const isMoved = executionBackend !== row.executionBackend
      if (!isMoved && executionRef === row.executionRef && executionProfile === row.executionProfile) return 'ok'
      if (expectedRef !== row.executionRef) return 'lost'
      if (isMoved && row.status === STATUS.running) return 'refused'
      if (isMoved) this.store.drop(row.id, lineName(row))
      this.store.put({ ...row, executionRef, executionBackend, executionProfile })
      return 'ok'
    })
  }

  async statistics({ queue }: StatisticsQuery = {}): Promise<Statistics> {
    return this.#act((store) => statistics(store, queue))
  }

  async watch(request: WatchRequest): Promise<Watch> {
    return this.#act((store) => {
      const watch = new NaiveWatch(store, request)
      this.#watches.add(watch)
      return watch
    })
  }

  async lease({ name, token, ttlMs, release = false }: LeaseRequest): Promise<LeaseResult> {
    return this.#act(({ leases, now }) => {
      const held = leases.get(name)
      if (held !== undefined && held.until > now && held.token !== token) return { held: false, until: held.until }
      leases.delete(name)
      if (release) return { held: false, until: null }
      leases.set(name, { token, until: now + ttlMs })
      return { held: true, until: now + ttlMs }
    })
  }

  async replay(
    requests: readonly ReplayRequest[],
    { delayMs = 0 }: ReplayOptions = {},
  ): Promise<readonly ReplayResult[]> {
    return this.#actOnEach(requests, (row, { attempt }) => {
      const { now, keys } = this.store
      if (attempt !== 'any' && attempt !== row.attempt) return 'lost'
      if (row.lastEvent === 'replay') return 'ok'
      if (!allows('replay', row.status) || isHeld(row)) return 'refused'
      const { id, taskName } = row
      const key = row.keyHold === 'active' ? keyName(row) : ''
      if ((this.store.blocking(key)?.id ?? id) !== id) return 'key_taken'
      if (key !== '') keys.set(key, { id, taskName, hold: 'active', until: 0 })
      this.store.move(row, 'replay', delayMs > 0 ? STATUS.scheduled : STATUS.pending, {
        ...UNHELD,
        scheduledAt: delayMs > 0 ? now + delayMs : null,
        queuedAt: Math.max(instantOf(row, now), now + delayMs),
        expiresAt: null,
        completedAt: null,
        result: null,
        error: null,
        progress: null,
        retryCount: 0,
        recoveries: 0,
        replays: row.replays + 1,
      })
      return 'ok'
    })
  }

  async audit(query: AuditQuery = {}): Promise<AuditPage> {
    return this.#act((store) => audit(store, query))
  }

  async destroy(): Promise<void> {
    this.#act((store) => store.clear())
  }

  /** For tests: the connection is lost, and with it what this backend's watches may have missed. */
  dropConnections(): void {
    for (const watch of this.#watches) watch.tellAll()
  }

  /** For tests: the next call takes effect, and its caller learns nothing of it. Answers with what tells whether that has happened. */
  swallowNextReply(): () => Promise<boolean> {
    this.#losesNextReply = true
    return async () => !this.#losesNextReply
  }

  /** One call is one act: nothing else runs in between, all of it happens at one instant, and hints go out when it is over. */
  #act<T>(act: (store: Store) => T): T {
    this.store.now = this.#clock.now()
    const answer = act(this.store)
    this.store.deliver()
    if (!this.#losesNextReply) return answer
    this.#losesNextReply = false
    throw new QueueError('connection', 'the reply was lost', { indeterminate: true })
  }

  /** Each act in order, with the status that its record has then. No act on what cannot be read is done. */
  #actOnEach<A extends { readonly id: string }, O extends ReplayResult['outcome']>(
    acts: readonly A[],
    act: (row: Row, one: A) => O,
  ): readonly { readonly id: string; readonly outcome: O | ActOutcome; readonly status: ActResult['status'] }[] {
    return this.#act((store) =>
      acts.map((one) => {
        const row = store.row(one.id)
        const outcome = row !== null ? act(row, one) : store.texts.has(one.id) ? 'refused' : 'missing'
        return { id: one.id, outcome, status: store.record(one.id)?.status ?? null }
      }),
    )
  }

  #setPaused(store: Store, queues: readonly string[] | null, to: 'on' | 'off'): void {
    if (queues === null) store.paused.namespace = to === 'on'
    for (const queue of queues ?? []) store.paused.queues[to === 'on' ? 'add' : 'delete'](queue)
    for (const line of store.linesOf(queues === null ? {} : { queues })) if (to === 'off') store.mark(line)
  }

  /** The same id again answers as the first time; a key that is taken answers with the record that has it, or replaces it. */
  #enqueue(request: TaskRequest): EnqueueResult {
    const { store } = this
    const known = store.record(request.id)
    if (known !== null) return { outcome: store.row(request.id)?.outcome ?? 'created', record: known }

    const key = keyName(request)
    const taken = store.blocking(key)
    const holder = taken === null ? null : store.row(taken.id)
    const isReplaced = taken !== null && holder !== null && isReplaceable(holder, taken, request)
    if (taken !== null && holder === null)
      return { outcome: 'reserved', record: null, id: taken.id, taskName: taken.taskName }
    if (holder !== null && !isReplaced) return { outcome: 'existing', record: recordOf(holder, store.now) }
    if (holder !== null) this.#cancel(holder, REPLACED(request.id))

    const row = newRow(isReplaced ? atTimeOf(holder, request) : request, isReplaced ? 'replaced' : 'created', store.now)
    if (key !== '') store.keys.set(key, reservationOf(request, taken, store.now))
    store.move(row, 'enqueue', row.status)
    return { outcome: row.outcome, record: recordOf(row, store.now) }
  }

  /** A holder that lives keeps the record, and with it the key, until it lets go; it is told. */
  #cancel(row: Row, error: TaskError): void {
    const { heartbeatAt, workerId } = row
    this.store.end(row, 'cancel', STATUS.cancelled, {
      error: JSON.stringify(error),
      heartbeatAt,
      workerId: heartbeatAt === null ? null : workerId,
    })
    for (const watch of this.store.watches) if (workerId !== null) watch.tellControl(workerId)
  }
}

/** It still waits, is of the same task, and no other hold than its own ends what outlasts it. */
function isReplaceable(row: Row, { hold }: Reservation, { onConflict, taskName, keyHold }: TaskRequest): boolean {
  const mayEnd = hold === 'active' || hold === 'untilStart' || hold === keyHold
  return onConflict !== 'keep' && isQueued(row) && row.taskName === taskName && mayEnd
}

/** The latest content at the first one's time: a delay begins anew only to `extend`. */
function atTimeOf({ scheduledAt }: Row, request: TaskRequest): TaskRequest {
  const isDelayed = request.delayMs !== null && request.delayMs > 0
  return request.onConflict === 'extend' || !isDelayed ? request : { ...request, delayMs: null, scheduledAt }
}

/** So does a window. */
function reservationOf(request: TaskRequest, taken: Reservation | null, now: number): Reservation {
  const { id, taskName, keyHold, keyWindowMs, onConflict } = request
  const goesOn = keyHold === 'window' && taken?.hold === 'window' && onConflict === 'replace'
  const until = keyWindowMs === null ? 0 : goesOn ? taken.until : now + keyWindowMs
  return { id, taskName, hold: keyHold ?? 'active', until }
}

function newRow(request: TaskRequest, outcome: Row['outcome'], now: number): Row {
  const { delayMs, expiresInMs, onConflict: _, keyWindowMs: __, ...fields } = request
  const scheduledAt = delayMs === null || delayMs === 0 ? request.scheduledAt : now + delayMs
  return {
    ...fields,
    outcome,
    status: scheduledAt !== null && scheduledAt > now ? STATUS.scheduled : STATUS.pending,
    lastEvent: 'enqueue',
    attempt: 0,
    retryCount: 0,
    recoveries: 0,
    replays: 0,
    scheduledAt,
    expiresAt: expiresInMs === null ? request.expiresAt : now + expiresInMs,
    createdAt: now,
    queuedAt: Math.max(now, scheduledAt ?? now),
    startedAt: null,
    heartbeatAt: null,
    completedAt: null,
    executionRef: null,
    workerId: null,
    result: null,
    error: null,
    progress: null,
  }
}
