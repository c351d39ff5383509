import {
  createIdMaker, encodeBody, encodeNote, encodeResult, taskRequest, type Backend, type ManualClock, type TaskRecord, type TaskRequest, type TaskRequestFields, type Touch,
} from '@millrace/core' // prettier-ignore

/** What one operation costs. */
export interface Cost {
  readonly roundTrips: number
  /** Commands that the client sends. */
  readonly sent: number
  /** Commands that scripts run inside the server. */
  readonly inside: number
  /** Characters of all replies. */
  readonly received: number
}

export interface Operation {
  readonly name: string
  /** What it needs, and what is not counted. */
  readonly prepare?: (scene: Scene) => Promise<void>
  readonly run: (scene: Scene) => Promise<unknown>
}

const LINE = { queue: 'default', executionBackend: 'local' }
/** 100 bytes as JSON. */
const INPUT = { text: 'x'.repeat(89) }

/** A namespace with a backlog, and a worker. */
export class Scene {
  readonly backend: Backend
  readonly clock: ManualClock
  /** What the worker holds. */
  held: readonly TaskRecord[] = []
  /** What `prepare` made for the operation. */
  made: readonly string[] = []
  readonly #makeId: () => string
  #calls = 0

  constructor(backend: Backend, clock: ManualClock) {
    this.backend = backend
    this.clock = clock
    this.#makeId = createIdMaker(clock)
  }

  requests(count: number, fields: Partial<TaskRequestFields> = {}): readonly TaskRequest[] {
    const { limits } = this.backend.capabilities
    const body = encodeBody({ kwargs: INPUT }, limits)
    return Array.from({ length: count }, () =>
      taskRequest({ id: this.#makeId(), taskName: 'send', body, ...fields }, limits),
    )
  }

  async make(count: number, fields: Partial<TaskRequestFields> = {}): Promise<void> {
    const results = await this.backend.enqueue(this.requests(count, fields))
    this.made = results.map(({ record }) => record?.id ?? '')
  }

  async fill(count: number): Promise<void> {
    for (let left = count; left > 0; left -= 1_000) await this.make(Math.min(left, 1_000))
    for (let left = count / 2; left > 0; left -= 1_000)
      await this.make(Math.min(left, 1_000), { queue: 'later', delayMs: 3_600_000_000 })
  }

  /** Completes what the worker holds, and claims so many. */
  async turn(limit: number): Promise<void> {
    const result = encodeResult({ sent: true }, this.backend.capabilities.limits)
    const { records } = await this.backend.turn({
      workerId: 'worker-1',
      slot: 0,
      nonce: `n${this.#calls++}`,
      settlements: this.held.map(({ id, attempt }) => ({ outcome: 'complete', id, attempt, result })),
      ...(limit === 0 ? {} : { claim: { lines: [LINE], limit } }),
    })
    this.held = records
  }

  async beat(alive: boolean): Promise<void> {
    await this.#touch({ alive })
  }

  async writeDown(message: string): Promise<void> {
    await this.#touch({ log: [{ number: (this.#calls += 1), agoMs: 0, text: encodeNote(message, undefined, 1) }] })
  }

  async #touch(sign: Omit<Touch, 'id' | 'attempt'>): Promise<void> {
    const touches = this.held.map(({ id, attempt }) => ({ id, attempt, ...sign }))
    await this.backend.turn({ workerId: 'worker-1', slot: 0, nonce: `n${this.#calls++}`, touches })
  }
}

/** In this order: each leaves nothing behind that the next ones would count. */
export const OPERATIONS: readonly Operation[] = [
  ...[1, 100, 1_000].map((count) => operation(`enqueue ${count}`, (scene) => scene.make(count))),
  operation('enqueue 1 with a key', (scene) => scene.make(1, { key: crypto.randomUUID() })),
  operation('enqueue 1 with a key for a window', (scene) => scene.make(1, { key: crypto.randomUUID(), keyHold: 'window', keyWindowMs: 1 })),
  operation('enqueue 1 for later', (scene) => scene.make(1, { queue: 'later', delayMs: 60_000 })),
  ...[1, 50, 200].map((count) => operation(`complete and claim ${count}`, (scene) => scene.turn(count), (scene) => scene.turn(count))),
  operation('beat for 200', (scene) => scene.beat(true)),
  operation('write down for 200', (scene) => scene.writeDown('something happened')),
  operation('read what 200 wrote down', ({ backend, held }) => backend.history.logs(held.map(({ id }) => id))),
  operation('complete 200', (scene) => scene.turn(0), (scene) => scene.turn(200)),
  operation('get 100', ({ backend, made }) => backend.get(made), (scene) => scene.make(100)),
  ...[1, 100].map((count) => operation(`cancel ${count}`, ({ backend, made }) => backend.cancel({ ids: made }), (scene) => scene.make(count))),
  operation('sweep 100 that are stale', ({ backend }) => backend.sweep({ what: 'stale', staleAfterMs: 60_000 }), async (scene) => {
    await scene.turn(100)
    await scene.beat(false)
    scene.held = []
  }),
  operation('sweep 100 that are overdue', ({ backend }) => backend.sweep({ what: 'expired' }), async (scene) => {
    await scene.make(100, { expiresInMs: 0 })
    scene.clock.advance(1)
  }),
  operation('sweep 100 that have finished', ({ backend }) => backend.sweep({ what: 'finished', olderThanMs: 0, limit: 100 })),
  operation('list 100 that wait', ({ backend }) => backend.list({ view: 'next', queue: 'default' })),
  operation('list 100 that have finished', ({ backend }) => backend.list({ view: 'completed', queue: 'default' })),
  operation('statistics', ({ backend }) => backend.statistics()),
  operation('get 1 by key', ({ backend }) => backend.getByKey([{ scope: 'task', taskName: 'send', key: 'k' }]), async (scene) => {
    await scene.make(1, { key: 'k' })
  }),
  operation('reset 1 key', ({ backend }) => backend.controls.resetKeys([{ scope: 'task', taskName: 'send', key: 'ever' }]), async (scene) => {
    await scene.make(1, { key: 'ever', keyHold: 'forever' })
  }),
  operation('assign 100', ({ backend, made }) => backend.assign(made.map((id) => ({ id, attempt: 0, executionRef: 'job' }))), (scene) => scene.make(100)),
  operation('replay 100', ({ backend, made }) => backend.replay(made.map((id) => ({ id, attempt: 0 }))), async (scene) => {
    await scene.make(100)
    await scene.backend.cancel({ ids: scene.made })
  }),
  operation('pause 1 queue', ({ backend }) => backend.controls.pause(['default']), ({ backend }) => backend.controls.resume(null)),
  operation('paused', ({ backend }) => backend.controls.paused()),
  operation('resume 1 queue', ({ backend }) => backend.controls.resume(['default']), ({ backend }) => backend.controls.pause(['default'])),
  operation('lease', ({ backend }) => backend.lease({ name: 'duty', token: 'a', ttlMs: 1_000 })),
] // prettier-ignore

function operation(name: string, run: Operation['run'], prepare?: Operation['prepare']): Operation {
  return { name, run, ...(prepare === undefined ? {} : { prepare }) }
}
