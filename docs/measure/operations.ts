import {
  createIdMaker, encodeBody, encodeResult, systemClock, taskRequest,
  type Backend, type Claim, type Settlement, type TaskRecord, type TaskRequest, type TurnRequest,
} from '@millrace/core' // prettier-ignore

/** Something that producers, workers and operators do; it is done several times. */
export interface Operation {
  readonly name: string
  /** What it needs, and what is not counted. */
  readonly prepare?: (scene: Scene) => Promise<unknown>
  readonly run: (scene: Scene) => Promise<unknown>
}

/** The payload of every measurement here: 119 bytes as JSON. */
const INPUT = {
  to: 'ada@example.org',
  subject: 'The mill race',
  text: 'Water that works, and is led back into the river.',
  lines: 3,
}
const LINE = { queue: 'default', executionBackend: 'local' }
const makeId = createIdMaker(systemClock)

/** A namespace with a worker, and what the worker holds. */
export class Scene {
  readonly backend: Backend
  held: readonly TaskRecord[] = []
  #calls = 0

  constructor(backend: Backend) {
    this.backend = backend
  }

  request(fields: Partial<Pick<TaskRequest, 'key' | 'delayMs' | 'queue'>> = {}): TaskRequest {
    const { limits } = this.backend.capabilities
    return taskRequest(
      { id: makeId(), taskName: 'send', body: encodeBody({ kwargs: INPUT }, limits), ...fields },
      limits,
    )
  }

  requests(count: number): readonly TaskRequest[] {
    return Array.from({ length: count }, () => this.request())
  }

  async turn(parts: Partial<TurnRequest>): Promise<void> {
    const turn = { workerId: 'worker-1', slot: 0, nonce: `n${++this.#calls}`, ...parts }
    const { records } = await this.backend.turn(turn)
    if (parts.claim !== undefined) this.held = records
  }

  claim(limit: number, queue = LINE.queue): Claim {
    return { lines: [{ ...LINE, queue }], limit }
  }

  /** All that the worker holds, as done. */
  done(): readonly Settlement[] {
    const result = encodeResult({ sent: true }, this.backend.capabilities.limits)
    return this.held.map(({ id, attempt }) => ({ outcome: 'complete', id, attempt, result }))
  }
}

/** In this order: each leaves behind what the next ones need. */
export const OPERATIONS: readonly Operation[] = [
  { name: 'enqueue one record', run: (scene) => scene.backend.enqueue([scene.request()]) },
  { name: 'enqueue one with a key', run: (scene) => scene.backend.enqueue([scene.request({ key: makeId() })]) },
  {
    name: 'enqueue one for later',
    run: (scene) => scene.backend.enqueue([scene.request({ delayMs: 3_600_000, queue: 'later' })]),
  },
  { name: 'enqueue 100 at once', run: (scene) => scene.backend.enqueue(scene.requests(100)) },
  { name: 'claim from an empty line', run: (scene) => scene.turn({ claim: scene.claim(10, 'empty') }) },
  { name: 'claim one', run: (scene) => scene.turn({ claim: scene.claim(1) }) },
  {
    name: 'settle one and claim one',
    run: (scene) => scene.turn({ settlements: scene.done(), claim: scene.claim(1) }),
  },
  { name: 'claim 50', run: (scene) => scene.turn({ claim: scene.claim(50) }) },
  { name: 'settle 50 and claim 50', run: (scene) => scene.turn({ settlements: scene.done(), claim: scene.claim(50) }) },
  {
    name: 'a heartbeat for 50',
    run: (scene) => scene.turn({ touches: scene.held.map(({ id, attempt }) => ({ id, attempt })) }),
  },
  { name: 'read 50 by id', run: (scene) => scene.backend.get(scene.held.map(({ id }) => id)) },
  { name: 'a page of 100', run: (scene) => scene.backend.list({ view: 'completed', limit: 100 }) },
  { name: 'statistics of two lines', run: (scene) => scene.backend.statistics() },
  {
    name: 'cancel 50 that run',
    prepare: (scene) => scene.turn({ claim: scene.claim(50) }),
    run: (scene) => scene.backend.cancel({ ids: scene.held.map(({ id }) => id), includeRunning: true }),
  },
  {
    name: 'a sweep that finds nothing stale',
    run: (scene) => scene.backend.sweep({ what: 'stale', staleAfterMs: 60_000 }),
  },
  {
    name: 'a sweep that removes 20',
    run: (scene) => scene.backend.sweep({ what: 'finished', olderThanMs: 0, limit: 20 }),
  },
]
