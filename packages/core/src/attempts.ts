import type { Backend } from './backend.ts'
import { encodeResult } from './body.ts'
import { checkArray, checkBoolean, checkDuration, checkName, checkObject, checkOptions } from './check.ts'
import type { Duration } from './duration.ts'
import { encodeError } from './failure.ts'
import type { IdMaker } from './ids.ts'
import { MAX_SLOTS } from './limits.ts'
import { DEFAULT_EXECUTION_BACKEND, DEFAULT_QUEUE, type TaskRecord } from './record.ts'
import type { ActOutcome, ActResult, Claim, Fence, Settlement, TurnAnswer, TurnRequest } from './turn.ts'

/** One claim of one record; a claimed record is one, too. `attempt: 'any'` is an explicit unfenced act. */
export interface AttemptRef {
  readonly id: string
  readonly attempt: Fence
}

export interface ClaimOptions {
  /** Who claims; shown on the record while it runs. */
  readonly workerId: string
  /** Default `["default"]`. */
  readonly queues?: readonly string[]
  readonly executionBackend?: string
  /** Default `priority`: over all queues. `listed`: queue after queue. */
  readonly order?: 'priority' | 'listed'
}

export interface FailOptions {
  /** Default true: as long as the record has retries left. */
  readonly retry?: boolean
  /** Default at once. */
  readonly retryIn?: Duration
}

/** What a worker does with one record at a time, for programs that run records by themselves. */
export interface Attempts {
  /** Take this record if it is due; null if it is not, or somebody was faster. */
  claimTask(id: string, options: Pick<ClaimOptions, 'workerId'>): Promise<TaskRecord | null>
  claimNext(options: ClaimOptions): Promise<TaskRecord | null>
  claimMany(limit: number, options: ClaimOptions): Promise<readonly TaskRecord[]>
  complete(attempt: AttemptRef, result?: unknown): Promise<ActResult>
  /** Retried if the record has retries left, else failed. */
  fail(attempt: AttemptRef, error: unknown, options?: FailOptions): Promise<ActResult>
  /** Run it again later; no retry is consumed. */
  snooze(attempt: AttemptRef, delay: Duration): Promise<ActResult>
  /** Give it back as it was; no retry is consumed. */
  release(attempt: AttemptRef): Promise<ActResult>
  /** A sign of life. `lost`: stop, it is no longer yours. `refused`: it was cancelled; stop and settle. */
  heartbeat(
    attempt: AttemptRef,
    options?: { readonly progress?: unknown },
  ): Promise<Extract<ActOutcome, 'ok' | 'lost' | 'refused'>>
  /** Declare the holders dead: the next stale sweep recovers their records at once. Answers the ids that were not theirs any more. */
  disown(attempts: readonly AttemptRef[]): Promise<readonly string[]>
}

export function attemptsOn(backend: Backend, makeId: IdMaker): Attempts {
  const { limits } = backend.capabilities
  const operator = `client-${makeId()}`
  let slot = 0

  /** Each call takes the next slot, so that concurrent calls keep their own memory of what they claimed. */
  async function turn(
    parts: Pick<TurnRequest, 'settlements' | 'claim' | 'touches'>,
    workerId: string = operator,
  ): Promise<TurnAnswer> {
    slot = (slot + 1) % MAX_SLOTS
    return await backend.turn({ workerId, slot, nonce: makeId(), ...parts })
  }

  async function settle(settlement: Settlement): Promise<ActResult> {
    const { settled } = await turn({ settlements: [settlement] })
    const [result = { id: settlement.id, outcome: 'missing', status: null }] = settled
    return result
  }

  async function claim(part: Claim, workerId: string): Promise<readonly TaskRecord[]> {
    const { records } = await turn({ claim: part }, checkName('options.workerId', workerId))
    return records
  }

  function overLines(limit: number, options: ClaimOptions): Claim {
    checkOptions('options', options, ['workerId', 'queues', 'executionBackend', 'order'])
    const { queues = [DEFAULT_QUEUE], executionBackend = DEFAULT_EXECUTION_BACKEND, order = 'priority' } = options
    const lines = checkArray('options.queues', queues, limits.batch).map((queue) => ({ queue, executionBackend }))
    return { lines, limit, order }
  }

  return {
    async claimTask(id, options) {
      checkOptions('options', options, ['workerId'])
      const [record = null] = await claim({ ids: [id] }, options.workerId)
      return record
    },
    async claimNext(options) {
      const [record = null] = await claim(overLines(1, options), options.workerId)
      return record
    },
    async claimMany(limit, options) {
      return await claim(overLines(limit, options), options.workerId)
    },
    async complete(held, result) {
      const { id, attempt } = checkObject('attempt', held)
      return await settle({ outcome: 'complete', id, attempt, result: encodeResult(result, limits) })
    },
    async fail(held, error, options = {}) {
      const { id, attempt } = checkObject('attempt', held)
      checkOptions('options', options, ['retry', 'retryIn'])
      const { retry = true, retryIn = 0 } = options
      const retryInMs = checkBoolean('options.retry', retry) ? checkDuration('options.retryIn', retryIn) : null
      return await settle({
        outcome: 'fail',
        id,
        attempt,
        error: encodeError(error, limits),
        retryInMs,
      })
    },
    async snooze(held, delay) {
      const { id, attempt } = checkObject('attempt', held)
      return await settle({ outcome: 'snooze', id, attempt, delayMs: checkDuration('delay', delay) })
    },
    async release(held) {
      const { id, attempt } = checkObject('attempt', held)
      return await settle({ outcome: 'release', id, attempt })
    },
    async heartbeat(held, options = {}) {
      const { id, attempt } = checkObject('attempt', held)
      checkOptions('options', options, ['progress'])
      const { progress } = options
      const touch = {
        id,
        attempt,
        ...(progress === undefined ? {} : { progress: encodeResult(progress, limits, 'options.progress') }),
      }
      const { lost, cancelled } = await turn({ touches: [touch] })
      return lost.includes(id) ? 'lost' : cancelled.includes(id) ? 'refused' : 'ok'
    },
    async disown(attempts) {
      const touches = checkArray('attempts', attempts, limits.batch).map((held, i) => {
        const { id, attempt } = checkObject(`attempts[${i}]`, held)
        return { id, attempt, alive: false }
      })
      const { lost } = await turn({ touches })
      return lost
    },
  }
}
