import { QueueError, type Backend, type HeldAttempt, type TurnAnswer, type TurnRequest } from '@millrace/core'
import { createBackoff } from './backoff.ts'
import { within, type Deadline } from './deadline.ts'

export type TurnParts = Omit<TurnRequest, 'workerId' | 'slot' | 'nonce'>

export interface Answered {
  readonly request: TurnRequest
  readonly answer: TurnAnswer
  /** Worker's clock when the answered call was made; when it was answered, if it was carried. */
  readonly sentAt: number
  /** It came with a hint: how long it took says nothing. */
  readonly isCarried: boolean
  /**
   * What the backend calls unknown without what this slot's last claim brought here: another turn may have settled that meanwhile, so
   * that this one mentioned it no more.
   */
  readonly unknown: readonly HeldAttempt[]
}

/**
 * One of the worker's lines to the backend: one call at a time. A call that may have taken effect is repeated word for word until it is
 * answered: same nonce, same settlements. So a claim whose reply was lost is answered again instead of a second one being made.
 */
export interface Slot {
  /** In flight, or to be repeated. What it settles and claims may or may not have happened. */
  readonly outstanding: TurnRequest | null
  /** When that call was first made, or its wait was to end. */
  readonly since: number
  readonly isInFlight: boolean
  /** The call in flight waits with whoever carries it, for as long as it takes. */
  readonly isWaiting: boolean
  /** Whether a call may have taken effect, was not answered, and is not in flight. */
  readonly isUncertain: boolean
  /** When an uncertain call may be repeated: each slot has a pause of its own, so that a call that always fails does not hold up the others. */
  readonly repeatAt: number
  /** How often it has failed so far. */
  readonly failures: number
  /**
   * A call that may have claimed was given up, or its answer could not be read. What it took comes back as unknown to this slot's next
   * touches, and is released; unless another claim of this slot comes first, and makes the backend forget it: then it would be taken for
   * abandoned.
   */
  readonly isInDoubt: boolean
  /** Whether a call that was sent more than once might still be on its way, and claim for a worker that does not listen any more. */
  readonly isSuspect: boolean
  /**
   * `compose` is asked only if there is nothing to repeat. `apply` takes the answer in the moment in which the call is no longer
   * outstanding: what it brought is never counted by nobody. `carried`: somebody else makes the call, and tells its answer, or null if it was
   * not made after all.
   */
  call(
    compose: (now: number) => TurnParts,
    apply: (answered: Answered) => void,
    carried?: Promise<TurnAnswer | null>,
  ): Promise<void>
  /** The wait is to end: from here on an answer is due. */
  endWait(): void
  /** Repeat it no more. */
  forget(): void
  doubt(): void
  /** A turn of this slot listed what the worker holds, and was answered. */
  trust(): void
}

export interface SlotSettings extends Omit<Deadline, 'what'> {
  readonly backend: Backend
  readonly workerId: string
  readonly slot: number
  readonly random: () => number
  readonly longestBackoffMs: number
  /** The call will not be repeated. */
  readonly onGivenUp: (request: TurnRequest) => void
}

export function createSlot(settings: SlotSettings): Slot {
  const { backend, workerId, slot, random, longestBackoffMs, onGivenUp, ...deadline } = settings
  const { clock } = deadline
  const ofATurn = { ...deadline, what: 'a turn' }
  const ofAWait = { ...ofATurn, ms: Infinity }
  const backoff = createBackoff(longestBackoffMs, random)
  let outstanding: TurnRequest | null = null
  let [since, repeatAt, suspectUntil] = [0, 0, 0]
  let [isInFlight, isWaiting, isUncertain, isInDoubt] = [false, false, false, false]
  let brought: readonly HeldAttempt[] = []
  let made = 0
  // A worker that starts again under the same id must not meet its former nonces.
  const run = crypto.randomUUID().slice(0, 8)

  function answered(request: TurnRequest, answer: TurnAnswer, how: Pick<Answered, 'sentAt' | 'isCarried'>): Answered {
    const { records } = answer
    const unknown = answer.unknown.filter(
      ({ id, attempt }) => !brought.some((one) => one.id === id && one.attempt === attempt),
    )
    // What is released now is mentioned once.
    if (unknown.length > 0) brought = [...brought, ...unknown]
    if (isUncertain && request.claim !== undefined) suspectUntil = clock.now() + 2 * deadline.ms
    outstanding = null
    isUncertain = false
    backoff.reset()
    // A claim that takes nothing is not remembered by the backend either.
    if (records.length > 0) brought = records.map(({ id, attempt }) => ({ id, attempt }))
    return { request, answer, sentAt: how.sentAt, isCarried: how.isCarried, unknown }
  }

  /** What a wait has brought; null: nothing. */
  async function heard(
    request: TurnRequest,
    carried: Promise<TurnAnswer | null>,
    waitedSince: number,
  ): Promise<Answered | null> {
    const answer = await afterWait(carried)
    if (answer === null) return null
    const how = { sentAt: clock.now(), isCarried: true }
    if (!isStale(answer, waitedSince)) return answered(request, answer, how)
    try {
      return answered(request, await within(backend.turn(request), ofATurn), how)
    } catch (error) {
      // It did claim, whatever this error says of its repetition.
      isUncertain = true
      throw error
    }
  }

  async function afterWait(carried: Promise<TurnAnswer | null>): Promise<TurnAnswer | null> {
    isWaiting = true
    try {
      return await within(carried, ofAWait)
    } finally {
      endWait()
    }
  }

  function endWait(): void {
    if (!isWaiting) return
    isWaiting = false
    since = clock.now()
  }

  /**
   * Whoever slept through the wait (a process that was stopped, an event loop that was kept busy) may hear of a claim that is somebody else's
   * by now. The same turn says what of it is still this worker's.
   */
  function isStale({ records }: TurnAnswer, waitedSince: number): boolean {
    return records.length > 0 && clock.now() - waitedSince > deadline.ms
  }

  function failed(error: unknown): void {
    if (isIndeterminate(error)) isUncertain = true
    // A refusal says nothing about the call before it, unless no repetition can succeed.
    else if (!isUncertain || !isPassing(error)) giveUp()
    if (isUncertain) repeatAt = clock.now() + backoff.next()
  }

  function giveUp(): void {
    const given = outstanding
    if (given === null) return
    isInDoubt ||= isUncertain && given.claim !== undefined
    outstanding = null
    isUncertain = false
    onGivenUp(given)
  }

  return {
    get outstanding() {
      return outstanding
    },
    get since() {
      return since
    },
    get isInFlight() {
      return isInFlight
    },
    get isWaiting() {
      return isWaiting
    },
    get isUncertain() {
      return isUncertain && !isInFlight
    },
    get repeatAt() {
      return repeatAt
    },
    get failures() {
      return backoff.failures
    },
    get isInDoubt() {
      return isInDoubt
    },
    get isSuspect() {
      return suspectUntil > clock.now()
    },
    async call(compose, apply, carried) {
      const sentAt = clock.now()
      if (outstanding === null) {
        since = sentAt
        outstanding = { workerId, slot, nonce: `${run}-${(made += 1)}`, ...compose(sentAt) }
      }
      const request = outstanding
      let done: Answered | null
      isInFlight = true
      try {
        done =
          carried === undefined
            ? answered(request, await within(backend.turn(request), ofATurn), { sentAt, isCarried: false })
            : await heard(request, carried, sentAt)
        if (done === null) return giveUp()
      } catch (error) {
        failed(error)
        throw error
      } finally {
        isInFlight = false
      }
      apply(done)
    },
    endWait,
    forget() {
      if (!isInFlight) giveUp()
    },
    doubt() {
      isInDoubt = true
    },
    trust() {
      isInDoubt = false
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
