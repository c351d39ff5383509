import {
  guardBackend,
  type ActResult, type Assignment, type AuditPage, type AuditQuery, type Backend, type CancelRequest, type Capabilities, type Controls,
  type EnqueueResult, type History, type KeyReference, type LeaseRequest, type LeaseResult, type ListQuery, type Page, type ReplayOptions,
  type ReplayRequest, type ReplayResult, type Statistics, type StatisticsQuery, type SweepRequest, type SweepResult,
  type TaskRecord, type TaskRequest, type TurnAnswer, type TurnRequest, type WaitingTurn, type Watch, type WatchRequest,
} from '@millrace/core' // prettier-ignore
import { assign } from './assign.ts'
import { audit } from './audit.ts'
import { Caller, type Send } from './caller.ts'
import { cancel } from './cancel.ts'
import { controlsOn } from './controls.ts'
import { Deadlines } from './deadlines.ts'
import { destroy } from './destroy.ts'
import { Enqueues } from './enqueue.ts'
import { get, getByKey } from './get.ts'
import { HeldLines } from './held-lines.ts'
import { keysOf } from './keys.ts'
import { lease } from './lease.ts'
import { list } from './list.ts'
import { logs } from './logs.ts'
import { openServer, type Probe } from './open.ts'
import { checkEngineOptions, type EngineOptions } from './options.ts'
import { replay } from './replay.ts'
import type { RespClient } from './resp-client.ts'
import { statistics } from './statistics.ts'
import { sweep } from './sweep.ts'
import { turn } from './turn.ts'
import { Listener } from './listener.ts'
import { armWatch } from './watch.ts'

/**
 * A backend on a server that speaks the Redis protocol. `name` is the adapter's; `client` is closed with the backend.
 * @throws QueueError `invalid_argument` that names the option at fault.
 */
export function redisProtocolBackend(name: string, client: RespClient, options: EngineOptions = {}): Backend {
  return guardBackend(new RedisProtocolBackend(name, client, options))
}

class RedisProtocolBackend implements Backend {
  readonly capabilities: Capabilities
  readonly controls: Controls
  readonly history: History
  readonly #client: RespClient
  readonly #caller: Caller
  readonly #listener: Listener
  readonly #held = new HeldLines()
  readonly #enqueues = new Enqueues()
  readonly #probe: Probe

  constructor(name: string, client: RespClient, options: EngineOptions) {
    const checked = checkEngineOptions(name, options)
    const { namespace, agingMs, clock, limits, resendWindowMs, timeoutMs } = checked
    this.capabilities = Object.freeze({ name, durable: true, shared: true, limits, resendWindowMs })
    this.#client = client
    this.#probe = checked
    const [keys, deadlines] = [keysOf(namespace, 0), new Deadlines(timeoutMs)]
    this.#caller = new Caller({ client, keys, clock, deadlines, agingMs })
    this.controls = controlsOn(this.#caller)
    this.#listener = new Listener(client, this.#caller)
    this.history = { logs: (ids) => logs(this.#caller, ids) }
  }

  async open(): Promise<void> {
    await openServer(this.#caller, this.#client, this.#probe)
  }

  async close(): Promise<void> {
    await this.#listener.close()
    await this.#client.close()
  }

  enqueue(requests: readonly TaskRequest[]): Promise<readonly EnqueueResult[]> {
    return this.#enqueues.make(this.#caller.forActs(), requests)
  }

  get(ids: readonly string[]): Promise<readonly (TaskRecord | null)[]> {
    return get(this.#caller, ids)
  }

  getByKey(keys: readonly KeyReference[]): Promise<readonly (TaskRecord | null)[]> {
    return getByKey(this.#caller, keys)
  }

  list(query: ListQuery): Promise<Page> {
    return list(this.#caller, query)
  }

  turn(request: TurnRequest): Promise<TurnAnswer> {
    return this.#turnWith(request, null)
  }

  cancel(request: CancelRequest): Promise<readonly ActResult[]> {
    return cancel(this.#caller.forActs(), request)
  }

  async sweep(request: SweepRequest): Promise<SweepResult> {
    const { limit = this.capabilities.limits.batch } = request
    return await sweep(this.#caller.forActs(), { ...request, limit })
  }

  assign(assignments: readonly Assignment[]): Promise<readonly ActResult[]> {
    return assign(this.#caller.forActs(), assignments)
  }

  statistics(query: StatisticsQuery = {}): Promise<Statistics> {
    return statistics(this.#caller, query)
  }

  async watch(request: WatchRequest): Promise<Watch> {
    const lines = this.#probe.wakeups ? (request.lines ?? []) : []
    // A turn that waits would come at the instant at which its wait began, were it not the server's clock that says when.
    const carried = this.#caller.now === '' ? (turn: WaitingTurn, first: Send) => this.#turnWith(turn, first) : null
    return await armWatch(this.#listener, { ...request, lines }, carried)
  }

  lease(request: LeaseRequest): Promise<LeaseResult> {
    return lease(this.#caller, request)
  }

  replay(requests: readonly ReplayRequest[], options: ReplayOptions = {}): Promise<readonly ReplayResult[]> {
    return replay(this.#caller.forActs(), requests, options)
  }

  async audit(query: AuditQuery = {}): Promise<AuditPage> {
    const { limit = this.capabilities.limits.batch } = query
    return await audit(this.#caller.forActs(), { ...query, limit })
  }

  async destroy(): Promise<void> {
    await destroy(this.#caller.forActs())
  }

  #turnWith(request: TurnRequest, first: Send | null): Promise<TurnAnswer> {
    return turn({ caller: this.#caller.forActs(first), held: this.#held }, request)
  }
}
