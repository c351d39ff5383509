import type {
  Assignment, AuditPage, AuditQuery, Backend, CancelRequest, Capabilities, EnqueueResult, History, KeyReference, LeaseRequest, LeaseResult, ListQuery, Page,
  ReplayOptions, ReplayRequest, ReplayResult, Statistics, StatisticsQuery, SweepRequest, SweepResult,
} from './backend.ts' // prettier-ignore
import { checkRequest } from './check-request.ts'
import { CheckedRequest } from './checked-request.ts'
import {
  checkArray,
  checkBoolean,
  checkId,
  checkInteger,
  checkName,
  checkObject,
  checkOneOf,
  checkOptions,
  checkSignal,
  checkText,
} from './check.ts'
import { copyEach, copySweep, copyTurn, copyWatch } from './copies.ts'
import type { Controls } from './controls.ts'
import { invalidArgument } from './errors.ts'
import { guardControls } from './guard-controls.ts'
import { Life } from './guard-life.ts'
import { checkFence, checkIds, checkLine, checkTurn } from './guard-turn.ts'
import { guardWatch } from './guard-watch.ts'
import { checkKeyReferences } from './key-reference.ts'
import { MAX_DURATION_MS, MAX_NAME_LENGTH, MAX_REASON_BYTES, MAX_TIME, type Limits } from './limits.ts'
import type { TaskRecord } from './record.ts'
import type { TaskRequest } from './request.ts'
import { isTerminal, STATUSES, TERMINAL_STATUSES, isStatus } from './status.ts'
import type { ActResult, TurnAnswer, TurnRequest } from './turn.ts'
import type { Watch, WatchRequest } from './watch.ts'

/**
 * The edge of every backend: checks each argument before any I/O and passes on a copy, answers empty batches itself, opens on first
 * use, and refuses every call after `close` with `closed`. Because all adapters wear it, bad input means the same error everywhere.
 */
export function guardBackend(inner: Backend): Backend {
  return new GuardedBackend(inner)
}

class GuardedBackend implements Backend {
  readonly #inner: Backend
  readonly #limits: Limits
  readonly history: History
  readonly controls: Controls
  readonly #life: Life

  constructor(inner: Backend) {
    this.#inner = inner
    this.#limits = inner.capabilities.limits
    this.history = Object.freeze({ logs: (ids: readonly string[]) => this.#logs(ids) })
    this.#life = new Life(inner)
    this.controls = guardControls(() => inner.controls, { limits: this.#limits, life: this.#life })
  }

  get capabilities(): Capabilities {
    return this.#inner.capabilities
  }

  async open(): Promise<void> {
    await this.#life.opened()
  }

  async close(): Promise<void> {
    await this.#life.close()
  }

  async enqueue(requests: readonly TaskRequest[]): Promise<readonly EnqueueResult[]> {
    const limits = this.#limits
    const own = checkArray('requests', requests, limits.batch).map((request, i) => ownRequest(request, i, limits))
    if (!this.#life.isOpen) await this.#life.opened()
    return own.length === 0 ? [] : await this.#inner.enqueue(own)
  }

  async get(ids: readonly string[]): Promise<readonly (TaskRecord | null)[]> {
    checkIds('ids', ids, this.#limits)
    const own = [...ids]
    if (!this.#life.isOpen) await this.#life.opened()
    return own.length === 0 ? [] : await this.#inner.get(own)
  }

  async getByKey(keys: readonly KeyReference[]): Promise<readonly (TaskRecord | null)[]> {
    checkKeyReferences('keys', keys, this.#limits)
    const own = copyEach(keys)
    if (!this.#life.isOpen) await this.#life.opened()
    return own.length === 0 ? [] : await this.#inner.getByKey(own)
  }

  async list(query: ListQuery): Promise<Page> {
    this.#checkList(query)
    const own = { ...query }
    if (!this.#life.isOpen) await this.#life.opened()
    return await this.#inner.list(own)
  }

  async turn(request: TurnRequest): Promise<TurnAnswer> {
    checkTurn(request, this.#limits)
    const own = copyTurn(request)
    if (!this.#life.isOpen) await this.#life.opened()
    return await this.#inner.turn(own)
  }

  async cancel(request: CancelRequest): Promise<readonly ActResult[]> {
    checkOptions('cancel', request, ['ids', 'includeRunning', 'reason'])
    checkIds('cancel.ids', request.ids, this.#limits)
    if (request.includeRunning !== undefined) checkBoolean('cancel.includeRunning', request.includeRunning)
    if (request.reason !== undefined) checkText('cancel.reason', request.reason, MAX_REASON_BYTES)
    const own = { ...request, ids: [...request.ids] }
    if (!this.#life.isOpen) await this.#life.opened()
    return own.ids.length === 0 ? [] : await this.#inner.cancel(own)
  }

  async sweep(request: SweepRequest): Promise<SweepResult> {
    this.#checkSweep(request)
    const own = copySweep(request)
    if (!this.#life.isOpen) await this.#life.opened()
    return await this.#inner.sweep(own)
  }

  async assign(assignments: readonly Assignment[]): Promise<readonly ActResult[]> {
    checkArray('assignments', assignments, this.#limits.batch).forEach((one, i) =>
      checkAssignment(`assignments[${i}]`, one),
    )
    const own = copyEach(assignments)
    if (!this.#life.isOpen) await this.#life.opened()
    return own.length === 0 ? [] : await this.#inner.assign(own)
  }

  async statistics(query: StatisticsQuery = {}): Promise<Statistics> {
    checkOptions('statistics', query, ['queue'])
    if (query.queue !== undefined) checkName('statistics.queue', query.queue)
    const own = { ...query }
    if (!this.#life.isOpen) await this.#life.opened()
    return await this.#inner.statistics(own)
  }

  async watch(request: WatchRequest): Promise<Watch> {
    checkOptions('watch', request, ['lines', 'ids', 'workerId', 'signal'])
    checkArray('watch.lines', request.lines ?? [], this.#limits.batch).forEach((line, i) =>
      checkLine(`watch.lines[${i}]`, line),
    )
    checkIds('watch.ids', request.ids ?? [], this.#limits)
    if (request.workerId !== undefined) checkName('watch.workerId', request.workerId)
    checkSignal('watch.signal', request.signal)
    const own = copyWatch(request)
    if (!this.#life.isOpen) await this.#life.opened()
    return guardWatch(await this.#inner.watch(own), this.#limits)
  }

  async lease(request: LeaseRequest): Promise<LeaseResult> {
    checkOptions('lease', request, ['name', 'token', 'ttlMs', 'release'])
    checkName('lease.name', request.name)
    checkName('lease.token', request.token)
    checkInteger('lease.ttlMs', request.ttlMs, 1, MAX_DURATION_MS)
    if (request.release !== undefined) checkBoolean('lease.release', request.release)
    const own = { ...request }
    if (!this.#life.isOpen) await this.#life.opened()
    return await this.#inner.lease(own)
  }

  async replay(requests: readonly ReplayRequest[], options: ReplayOptions = {}): Promise<readonly ReplayResult[]> {
    checkArray('replay', requests, this.#limits.batch).forEach((one, i) => {
      checkOptions(`replay[${i}]`, one, ['id', 'attempt'])
      checkId(`replay[${i}].id`, one.id)
      checkFence(`replay[${i}].attempt`, one.attempt, 0)
    })
    checkOptions('replay.options', options, ['delayMs'])
    if (options.delayMs !== undefined) checkInteger('replay.options.delayMs', options.delayMs, 0, MAX_DURATION_MS)
    const own = copyEach(requests)
    const ownOptions = { ...options }
    if (!this.#life.isOpen) await this.#life.opened()
    return own.length === 0 ? [] : await this.#inner.replay(own, ownOptions)
  }

  async audit(query: AuditQuery = {}): Promise<AuditPage> {
    checkOptions('audit', query, ['repair', 'cursor', 'limit'])
    if (query.repair !== undefined) checkBoolean('audit.repair', query.repair)
    this.#checkPage('audit', query, 1)
    const own = { ...query }
    if (!this.#life.isOpen) await this.#life.opened()
    return await this.#inner.audit(own)
  }

  async destroy(): Promise<void> {
    if (!this.#life.isOpen) await this.#life.opened()
    await this.#inner.destroy()
  }

  async #logs(ids: readonly string[]): ReturnType<History['logs']> {
    checkIds('ids', ids, this.#limits)
    const own = [...ids]
    if (!this.#life.isOpen) await this.#life.opened()
    return own.length === 0 ? [] : await this.#inner.history.logs(own)
  }

  #checkList(query: ListQuery): void {
    checkOptions('list', query, [
      'view',
      'queue',
      'taskName',
      'executionBackend',
      'external',
      'since',
      'order',
      'limit',
      'cursor',
    ])
    checkOneOf('list.view', query.view, ['next', ...STATUSES])
    for (const name of ['queue', 'taskName', 'executionBackend'] as const) {
      if (query[name] !== undefined) checkName(`list.${name}`, query[name])
    }
    if (query.external !== undefined) checkBoolean('list.external', query.external)
    if (query.since !== undefined) {
      if (!isStatus(query.view) || !isTerminal(query.view))
        throw invalidArgument('list.since', 'needs a view of a terminal status')
      checkInteger('list.since', query.since, 0, MAX_TIME)
    }
    if (query.order !== undefined) checkOneOf('list.order', query.order, ['asc', 'desc'])
    this.#checkPage('list', query, 0)
  }

  #checkPage(parameter: string, { limit, cursor }: Pick<ListQuery, 'limit' | 'cursor'>, min: number): void {
    if (limit !== undefined) checkInteger(`${parameter}.limit`, limit, min, this.#limits.batch)
    if (cursor !== undefined && cursor !== null && (typeof cursor !== 'string' || cursor === '')) {
      throw invalidArgument(`${parameter}.cursor`, 'must be the cursor of the page before')
    }
  }

  #checkSweep(request: SweepRequest): void {
    checkObject('sweep', request)
    checkOneOf('sweep.what', request.what, ['stale', 'expired', 'finished'])
    checkOptions('sweep', request, SWEEP[request.what])
    if (request.limit !== undefined) checkInteger('sweep.limit', request.limit, 0, this.#limits.batch)
    checkArray('sweep.queues', request.queues ?? [], this.#limits.batch).forEach((queue, i) =>
      checkName(`sweep.queues[${i}]`, queue),
    )
    if (request.what === 'stale') checkInteger('sweep.staleAfterMs', request.staleAfterMs, 1, MAX_DURATION_MS)
    if (request.what === 'finished') {
      checkInteger('sweep.olderThanMs', request.olderThanMs, this.capabilities.resendWindowMs, MAX_DURATION_MS)
      checkArray('sweep.statuses', request.statuses ?? [], STATUSES.length).forEach((status, i) =>
        checkOneOf(`sweep.statuses[${i}]`, status, TERMINAL_STATUSES),
      )
    }
  }
}

/** One that `taskRequest` made is frozen, and was checked. */
function ownRequest(request: TaskRequest, index: number, limits: Limits): TaskRequest {
  if (typeof request === 'object' && request !== null && CheckedRequest.isFor(request, limits)) return request
  checkRequest(`requests[${index}]`, request, limits)
  return { ...request }
}

const SWEEP = {
  stale: ['what', 'staleAfterMs', 'queues', 'limit'],
  expired: ['what', 'queues', 'limit'],
  finished: ['what', 'olderThanMs', 'statuses', 'queues', 'limit'],
} as const

function checkAssignment(parameter: string, one: Assignment): void {
  checkOptions(parameter, one, ['id', 'attempt', 'expectedRef', 'executionRef', 'executionBackend', 'executionProfile'])
  checkId(`${parameter}.id`, one.id)
  checkFence(`${parameter}.attempt`, one.attempt, 0)
  for (const name of ['expectedRef', 'executionRef', 'executionProfile'] as const) {
    const value = one[name]
    if (value !== undefined && value !== null) checkText(`${parameter}.${name}`, value, MAX_NAME_LENGTH)
  }
  if (one.executionRef === undefined) throw invalidArgument(`${parameter}.executionRef`, 'must be a reference or null')
  if (one.executionBackend !== undefined) checkName(`${parameter}.executionBackend`, one.executionBackend)
}
