import { QueueError, type Backend, type TurnAnswer, type TurnRequest } from '@millrace/core'
import { within, type Deadline } from './deadline.ts'

export type TurnParts = Omit<TurnRequest, 'workerId' | 'slot' | 'nonce'>

export interface Answered {
  readonly request: TurnRequest
  readonly answer: TurnAnswer
  /** Worker's clock when the answered call was made. */
  readonly sentAt: number
}

/**
 * One of the worker's lines to the backend: one call at a time. A call that may have taken effect is repeated word for word until it is
 * answered: same nonce, same settlements. So a claim whose reply was lost is answered again instead of a second one being made.
 */
export interface Slot {
  /** Whether a call may have taken effect without an answer. */
  readonly isUncertain: boolean
  /** `compose` is asked only if there is nothing to repeat. */
  call(compose: () => TurnParts): Promise<Answered>
  /** Repeat it no more. What it may have claimed comes back as `unknown`. */
  forget(): void
}

export interface SlotSettings extends Omit<Deadline, 'what'> {
  readonly backend: Backend
  readonly workerId: string
  readonly slot: number
}

export function createSlot({ backend, workerId, slot, ...deadline }: SlotSettings): Slot {
  let unanswered: TurnRequest | null = null
  let made = 0
  // A worker that starts again under the same id must not meet its former nonces.
  const run = crypto.randomUUID().slice(0, 8)

  return {
    get isUncertain() {
      return unanswered !== null
    },
    async call(compose) {
      const request = unanswered ?? { workerId, slot, nonce: `${run}-${(made += 1)}`, ...compose() }
      const sentAt = deadline.clock.now()
      try {
        const answer = await within(backend.turn(request), { ...deadline, what: 'a turn' })
        unanswered = null
        return { request, answer, sentAt }
      } catch (error) {
        // A refusal says nothing about the call before it, unless no repetition can succeed.
        if (isIndeterminate(error)) unanswered = request
        else if (!isPassing(error)) unanswered = null
        throw error
      }
    },
    forget() {
      unanswered = null
    },
  }
}

/** What is no `QueueError` says nothing about the effect. */
function isIndeterminate(error: unknown): boolean {
  return !(error instanceof QueueError) || error.indeterminate
}

/** Whether the same call may succeed later. */
export function isPassing(error: unknown): boolean {
  return error instanceof QueueError && (error.retryable || error.indeterminate)
}
