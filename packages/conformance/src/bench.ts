import assert from 'node:assert/strict'
// prettier-ignore
import {
  createIdMaker, encodeBody, encodeError, encodeResult, manualClock, QueueError, STATUSES, taskRequest, type ActResult, type Backend,
  type CancelRequest, type ClaimLine, type EnqueueResult, type ErrorCode, type Fence, type IdMaker, type ListQuery, type ManualClock,
  type ReplayOptions, type ReplayResult, type Settlement, type Status, type SweepResult, type TaskRecord, type TaskRequest, type Touch,
  type TurnAnswer, type TurnRequest, type View, type Violation,
} from '@millrace/core'
import type { Break, OpenBackend, Opened, OpenOptions } from './harness.ts'
import { pagesOf } from './pages.ts'
import { DEFAULT_LINE, present, STALE_AFTER_MS, type RequestFields, type SweepParts } from './words.ts'

export { DEFAULT_LINE, ids, jsonOf, present, STALE_AFTER_MS, type RequestFields } from './words.ts'

/** What clients are told of a namespace. */
type Told = Pick<OpenOptions, 'aging'>

/** The ways in which a holder may end an attempt. */
export const ENDINGS = ['complete', 'fail', 'retry', 'snooze', 'release'] as const

/** One case's workplace: a fresh namespace, two clients, a clock that stands still, and the short words the cases are written in. */
export class Bench {
  readonly clock: ManualClock
  readonly namespace: string
  readonly makeId: IdMaker
  readonly #open: OpenBackend
  readonly #opened: Opened[] = []
  readonly #first: Opened
  #told: Told = {}
  #nonce = 0

  static async open(open: OpenBackend, { aging }: Told = {}): Promise<Bench> {
    const clock = manualClock()
    const namespace = `suite-${crypto.randomUUID()}`
    const told = aging === undefined ? {} : { aging }
    const bench = new Bench(open, namespace, clock, await open({ namespace, clock, ...told }))
    bench.#told = told
    return bench
  }

  private constructor(open: OpenBackend, namespace: string, clock: ManualClock, first: Opened) {
    this.#open = open
    this.namespace = namespace
    this.clock = clock
    this.makeId = createIdMaker(clock)
    this.#first = first
    this.#opened.push(first)
  }

  get backend(): Backend {
    return this.#first.backend
  }

  get second(): Backend {
    return this.#first.second
  }

  get break(): Break {
    return this.#first.break
  }

  get now(): number {
    return this.clock.now()
  }

  /** A delay longer than anything else that the suite waits for. */
  get later(): number {
    return this.backend.capabilities.resendWindowMs + 3_600_000
  }

  /** Further clients: of the same data, or of another namespace beside it. */
  async reopen(namespace: string = this.namespace, told: Told = this.#told): Promise<Opened> {
    const opened = await this.#open({ namespace, clock: this.clock, ...told })
    this.#opened.push(opened)
    return opened
  }

  request({ args, kwargs, metadata, ...fields }: RequestFields = {}): TaskRequest {
    const { limits } = this.backend.capabilities
    const body = encodeBody({ ...(args && { args }), ...(kwargs && { kwargs }), ...(metadata && { metadata }) }, limits)
    return taskRequest({ id: this.makeId(), taskName: 'demo.task', ...fields, body }, limits)
  }

  /** Answers whatever the backend does. */
  async ask(fields: RequestFields = {}, backend: Backend = this.backend): Promise<EnqueueResult> {
    const [result] = await backend.enqueue([this.request(fields)])
    return present(result)
  }

  /** The same where a record must be the answer. */
  async offer(
    fields: RequestFields = {},
    backend: Backend = this.backend,
  ): Promise<Exclude<EnqueueResult, { outcome: 'reserved' }>> {
    const result = await this.ask(fields, backend)
    assert.ok(result.outcome !== 'reserved', 'the key is reserved for a record that is gone')
    return result
  }

  async enqueue(fields: RequestFields = {}): Promise<TaskRecord> {
    return (await this.offer(fields)).record
  }

  async enqueueMany(count: number, fields: (i: number) => RequestFields = () => ({})): Promise<readonly TaskRecord[]> {
    const results = await this.backend.enqueue(Array.from({ length: count }, (_, i) => this.request(fields(i))))
    return results.map(({ record }) => present(record))
  }

  /** A turn of a worker of its own making, with a fresh nonce unless one is given. */
  async turn(parts: Partial<TurnRequest> = {}, backend: Backend = this.backend): Promise<TurnAnswer> {
    return await backend.turn({ workerId: 'worker-1', slot: 0, nonce: this.nonce(), ...parts })
  }

  nonce(): string {
    return `nonce-${++this.#nonce}`
  }

  async claim(
    limit = 1,
    parts: Partial<TurnRequest> & { readonly lines?: readonly ClaimLine[] } = {},
  ): Promise<readonly TaskRecord[]> {
    const { lines = [DEFAULT_LINE], ...rest } = parts
    return (await this.turn({ claim: { lines, limit }, ...rest })).records
  }

  async claimOne(id: string, parts: Partial<TurnRequest> = {}): Promise<TaskRecord> {
    const { records } = await this.turn({ claim: { ids: [id] }, ...parts })
    return present(records[0], `${id} could not be claimed`)
  }

  async settle(settlement: Settlement, backend: Backend = this.backend): Promise<ActResult> {
    const { settled } = await this.turn({ settlements: [settlement] }, backend)
    return present(settled[0])
  }

  complete(id: string, attempt: Fence, result?: unknown): Settlement {
    return { outcome: 'complete', id, attempt, result: encodeResult(result, this.backend.capabilities.limits) }
  }

  fail(
    id: string,
    attempt: Fence,
    retryInMs: number | null = null,
    error: unknown = new Error('it went wrong'),
  ): Settlement {
    return { outcome: 'fail', id, attempt, error: encodeError(error, this.backend.capabilities.limits), retryInMs }
  }

  snooze(id: string, attempt: Fence, delayMs = 60_000): Settlement {
    return { outcome: 'snooze', id, attempt, delayMs }
  }

  release(id: string, attempt: Fence): Settlement {
    return { outcome: 'release', id, attempt }
  }

  /** How the first attempt of a record may end; with a result so long that it lies aside. */
  ending(ending: (typeof ENDINGS)[number], id: string): Settlement {
    return {
      complete: this.complete(id, 1, 'x'.repeat(2_000)),
      fail: this.fail(id, 1, null),
      retry: this.fail(id, 1, 0),
      snooze: this.snooze(id, 1),
      release: this.release(id, 1),
    }[ending]
  }

  async get(id: string, backend: Backend = this.backend): Promise<TaskRecord> {
    const [record] = await backend.get([id])
    return present(record, `${id} does not exist`)
  }

  async exists(id: string): Promise<boolean> {
    const [record] = await this.backend.get([id])
    return record !== null && record !== undefined
  }

  touch(id: string, attempt: Fence, parts: Omit<Touch, 'id' | 'attempt'> = {}): Touch {
    return { id, attempt, ...parts }
  }

  async beat(touches: readonly Touch[], parts: Partial<TurnRequest> = {}): Promise<TurnAnswer> {
    return await this.turn({ touches, ...parts })
  }

  async cancel(id: string, parts: Omit<CancelRequest, 'ids'> = {}): Promise<ActResult> {
    const [result] = await this.backend.cancel({ ids: [id], ...parts })
    return present(result)
  }

  async replay(id: string, attempt: Fence, options: ReplayOptions = {}): Promise<ReplayResult> {
    const [result] = await this.backend.replay([{ id, attempt }], options)
    return present(result)
  }

  async sweepStale(parts: SweepParts<'stale'> = {}): Promise<SweepResult> {
    return await this.backend.sweep({ what: 'stale', staleAfterMs: STALE_AFTER_MS, ...parts })
  }

  async sweepExpired(parts: SweepParts<'expired'> = {}): Promise<SweepResult> {
    return await this.backend.sweep({ what: 'expired', ...parts })
  }

  async sweepFinished(parts: SweepParts<'finished'> = {}): Promise<SweepResult> {
    return await this.backend.sweep({
      what: 'finished',
      olderThanMs: this.backend.capabilities.resendWindowMs,
      ...parts,
    })
  }

  /** The callers race each other, every other one through the second client. */
  async race<T>(callers: number, call: (backend: Backend, i: number) => Promise<T>): Promise<readonly T[]> {
    return await Promise.all(
      Array.from({ length: callers }, (_, i) => call(i % 2 === 0 ? this.backend : this.second, i)),
    )
  }

  /** Every record of a view, page by page. */
  async listAll(
    view: View,
    query: Partial<ListQuery> = {},
    backend: Backend = this.backend,
  ): Promise<readonly TaskRecord[]> {
    const all: TaskRecord[] = []
    for await (const { records } of pagesOf((cursor) => backend.list({ view, ...query, cursor }))) all.push(...records)
    return all
  }

  /** A record in the given status, reached through the contract. `waiting` is reserved: nothing leads there yet. */
  async make(status: Exclude<Status, 'waiting'>, fields: RequestFields = {}): Promise<TaskRecord> {
    if (status === 'scheduled') return await this.enqueue({ delayMs: this.later, ...fields })
    const { id } = await this.enqueue(status === 'expired' ? { ...fields, expiresInMs: 1 } : fields)
    if (status === 'expired') {
      this.clock.advance(2)
      await this.sweepExpired()
    }
    if (status === 'cancelled') await this.cancel(id)
    if (status === 'running' || status === 'completed' || status === 'failed') {
      const { attempt } = await this.claimOne(id)
      if (status === 'completed') await this.settle(this.complete(id, attempt, 'made'))
      if (status === 'failed') await this.settle(this.fail(id, attempt))
    }
    const record = await this.get(id)
    assert.equal(record.status, status)
    return record
  }

  /** A record that was cancelled while it ran; its holder has not let go of it yet. */
  async makeHeld(fields: RequestFields = {}): Promise<TaskRecord> {
    const { id } = await this.make('running', fields)
    await this.cancel(id, { includeRunning: true })
    return await this.get(id)
  }

  /** The record is as it was before but for these changes, whoever looks at it. */
  async expectChange(before: TaskRecord, changes: Partial<TaskRecord>): Promise<void> {
    assert.deepEqual(await this.get(before.id, this.second), { ...before, ...changes })
  }

  /** What `act` answers, after which the whole record is as it was before. */
  async unchanged<T>(id: string, act: () => Promise<T>): Promise<T> {
    const before = await this.get(id, this.second)
    const answer = await act()
    await this.expectChange(before, {})
    return answer
  }

  /** Does the call or, where the first reply is lost, again: what a client does that resends. */
  async resend<T>(call: () => Promise<T>): Promise<T> {
    const wasLost = await this.break.swallowNextReply()
    const answer = await call().catch((error: unknown) => {
      assert.ok(error instanceof QueueError && error.indeterminate, `not an indeterminate error: ${String(error)}`)
      return call()
    })
    assert.ok(await wasLost(), 'no reply was lost: break.swallowNextReply() has to lose that of this call')
    return answer
  }

  async expectError(code: ErrorCode, call: () => Promise<unknown>, parameter?: string): Promise<QueueError> {
    const error: unknown = await call().then(
      () => null,
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof QueueError, `expected a QueueError ${code}, got ${String(error)}`)
    assert.equal(error.code, code, error.message)
    if (parameter !== undefined) assert.equal(error.parameter, parameter)
    return error
  }

  async violations(repair = false): Promise<readonly Violation[]> {
    const all: Violation[] = []
    for await (const { violations } of pagesOf((cursor) => this.second.audit({ repair, cursor })))
      all.push(...violations)
    return all
  }

  async expectCleanAudit(): Promise<void> {
    assert.deepEqual(await this.violations(), [])
  }

  /** Statistics are exact: for every status the count is what listing it shows. */
  async expectConsistentCounts(): Promise<void> {
    const { counts } = await this.second.statistics()
    for (const status of STATUSES) {
      const { length } = await this.listAll(status, { limit: this.second.capabilities.limits.batch }, this.second)
      assert.equal(counts[status], length, `statistics count ${counts[status]} ${status}, the list shows ${length}`)
    }
  }

  /** Everything is destroyed and every client closed, also where a step fails. */
  async close(): Promise<void> {
    const failures: unknown[] = []
    const attempt = async (step: () => Promise<void>): Promise<void> => {
      await step().catch((error: unknown) => failures.push(error))
    }
    // Watches end first: a hint that one of them gives back must not outlive its namespace.
    for (const { backend } of this.#opened) await attempt(() => backend.close())
    for (const { second } of this.#opened) await attempt(() => second.destroy().catch(ignoreClosed))
    for (const { second } of this.#opened) await attempt(() => second.close())
    if (failures.length > 0) throw new AggregateError(failures, 'what the case used could not be cleared away')
  }
}

function ignoreClosed(error: unknown): void {
  if (!(error instanceof QueueError && error.code === 'closed')) throw error
}
