import type { Backend, LeaseResult, ReplayResult, SweepRequest, SweepResult } from './backend.ts'
import { checkDuration, checkObject, checkOptions } from './check.ts'
import type { Duration } from './duration.ts'
import type { Status } from './status.ts'
import type { Fence } from './turn.ts'

/** One bounded step of a duty; `more` in the answer asks for the next. Workers do these by themselves. */
export interface Upkeep {
  /** Requeue or fail what runs without a heartbeat for longer than `staleAfter`. */
  recoverStale(options: StepOptions & { readonly staleAfter: Duration }): Promise<SweepResult>
  /** Expire what was not started before its deadline. */
  expireOverdue(options?: StepOptions): Promise<SweepResult>
  /** Remove what finished longer ago than `olderThan`, at least the backend's `resendWindowMs`. */
  cleanUp(
    options: StepOptions & { readonly olderThan: Duration; readonly statuses?: readonly Status[] },
  ): Promise<SweepResult>
  /** Bring one terminal record back, as an operator's explicit act; `refused` while a handler that was cancelled has not returned. */
  replay(
    record: { readonly id: string; readonly attempt: Fence },
    options?: { readonly delay?: Duration },
  ): Promise<ReplayResult>
  /** Own a duty for a time; `held` says whether this token does. */
  acquireLease(name: string, token: string, ttl: Duration): Promise<LeaseResult>
  releaseLease(name: string, token: string): Promise<LeaseResult>
}

export interface StepOptions {
  readonly queues?: readonly string[]
  /** Records per step; default and most: the backend's `limits.batch`. */
  readonly limit?: number
}

export function upkeepOn(backend: Backend): Upkeep {
  async function sweep(request: SweepRequest): Promise<SweepResult> {
    return await backend.sweep(request)
  }

  return {
    async recoverStale(options) {
      checkOptions('options', options, ['queues', 'limit', 'staleAfter'])
      const { staleAfter, ...step } = options
      return await sweep({ what: 'stale', staleAfterMs: checkDuration('options.staleAfter', staleAfter, 1), ...step })
    },
    async expireOverdue(options = {}) {
      checkOptions('options', options, ['queues', 'limit'])
      return await sweep({ what: 'expired', ...options })
    },
    async cleanUp(options) {
      checkOptions('options', options, ['queues', 'limit', 'olderThan', 'statuses'])
      const { olderThan, ...step } = options
      const olderThanMs = checkDuration('options.olderThan', olderThan, backend.capabilities.resendWindowMs)
      return await sweep({ what: 'finished', olderThanMs, ...step })
    },
    async replay(record, options = {}) {
      const { id, attempt } = checkObject('record', record)
      checkOptions('options', options, ['delay'])
      const delayMs = checkDuration('options.delay', options.delay ?? 0)
      const [result = { id, outcome: 'missing', status: null }] = await backend.replay([{ id, attempt }], { delayMs })
      return result
    },
    async acquireLease(name, token, ttl) {
      return await backend.lease({ name, token, ttlMs: checkDuration('ttl', ttl, 1) })
    },
    async releaseLease(name, token) {
      return await backend.lease({ name, token, ttlMs: 1, release: true })
    },
  }
}
