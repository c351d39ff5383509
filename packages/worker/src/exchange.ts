import type { ActResult, HeldAttempt, Touch, TurnAnswer, TurnRequest } from '@millrace/core'
import type { Heartbeat } from './heartbeat.ts'
import type { Held } from './held.ts'
import type { Intake } from './intake.ts'
import type { WorkerSettings } from './options.ts'
import type { Pace } from './pace.ts'
import type { Polling } from './polling.ts'
import type { Prefetched } from './prefetched.ts'
import type { Presenting } from './presence.ts'
import type { Settlements } from './settlements.ts'
import type { LineClaim, Selection } from './selection.ts'
import type { Answered, Slot, TurnParts } from './slot.ts'
import type { Starter } from './starter.ts'
import type { Farewell } from './stop-report.ts'

/** `working`: claims. `draining`: claims no more, waits for its handlers. `leaving`: settles what is left, and says goodbye. */
export type Phase = 'working' | 'draining' | 'leaving'

export interface ExchangeParts {
  readonly slots: readonly Slot[]
  readonly held: Held
  readonly prefetched: Prefetched
  readonly settlements: Settlements
  readonly heartbeat: Heartbeat
  readonly polling: Polling
  readonly selection: Selection
  readonly presenting: Presenting
  readonly intake: Intake
  readonly starter: Starter
  readonly pace: Pace
  readonly farewell: Farewell
}

/** What the worker has to say to the backend in its next turn, when, and what the answer means. */
export interface Exchange {
  /** Places for handlers that a claim may fill. */
  readonly free: number
  /** When there is something to say that is not being said; not later than now if there already is. */
  nextAt(phase: Phase, now: number): number
  /** Outcomes that the backend has not taken yet. */
  readonly unsettled: number
  compose(phase: Phase, slot: Slot, now: number): TurnParts
  /** What a wait for a hint may claim; null unless the worker has nothing else to do, and would claim whatever is hinted. */
  readonly offer: LineClaim | null
  apply(answered: Answered, phase: Phase, slot: Slot): void
  /** The call will not be repeated: what it said has to be said again. */
  givenUp(request: TurnRequest): void
}

/**
 * So many outcomes are worth a turn of their own beside those in flight: half of what runs, as with the starts; fewer wait until one of these is
 * answered. A small worker would take turns with its backend otherwise, a large one would send small change.
 */
const [LEAST_OUTCOMES, MOST_OUTCOMES] = [5, 25]

export function createExchange(settings: WorkerSettings, parts: ExchangeParts): Exchange {
  const { concurrency, clock, report } = settings
  const worthATurn = Math.min(MOST_OUTCOMES, Math.max(LEAST_OUTCOMES, Math.ceil(concurrency / 2)))
  const {
    slots,
    held,
    prefetched,
    settlements,
    heartbeat,
    polling,
    selection,
    presenting,
    intake,
    starter,
    pace,
    farewell,
  } = parts
  const free = (): number => Math.min(Math.max(0, concurrency - held.size), selection.room)

  /**
   * What the backend may take for held by this worker, beside what is to be settled by the next turn: a call in flight, or one whose reply
   * was lost, settles before it claims, so that it is the larger of both.
   */
  function load(unsettled: number): number {
    let sum = held.size + prefetched.size + unsettled
    for (const { outstanding } of slots) if (outstanding !== null) sum += weightOf(outstanding)
    return sum
  }

  /** Their next turn is to find out what their last claims took. */
  const doubtful = (): boolean => slots.some(({ isInDoubt, outstanding }) => isInDoubt && outstanding === null)
  const isAnyInDoubt = (): boolean => slots.some(({ isInDoubt }) => isInDoubt)
  const isHolding = (): boolean => held.isAnyOpen || prefetched.size > 0
  const isAnyWaiting = (): boolean => slots.some(({ isWaiting }) => isWaiting)
  const isAnyInFlight = (): boolean => slots.some(({ isInFlight }) => isInFlight)

  /** A full worker does not look for work, since it could not take it; nor does one that has enough in hand. */
  function wantsMore(): boolean {
    return isHungry() && selection.room > 0
  }

  function isHungry(): boolean {
    const busy = load(settlements.queued)
    if (busy < concurrency) return true
    const { ahead } = pace
    return 2 * (busy - concurrency) < ahead
  }

  /** What was lost is told, because a handler did its work in vain. */
  function settled(results: readonly ActResult[]): void {
    for (const { id, outcome } of results) {
      if (outcome !== 'lost' && outcome !== 'missing') continue
      report({
        level: 'warning',
        what: 'lost',
        message: `the outcome of ${id} came too late (${outcome}) and was dropped`,
        id,
      })
    }
  }

  function told(touches: readonly Touch[]): void {
    for (const { id, attempt, progress, log } of touches) {
      if (progress === undefined && log === undefined) continue
      const running = held.find(id)
      if (running?.attempt !== attempt) continue
      if (progress !== undefined) running.told(progress)
      if (log !== undefined) running.logged(log)
    }
  }

  /** Of an attempt that was settled meanwhile, by another turn, the answer says nothing new. */
  function beaten(touches: readonly Touch[], { lost, cancelled }: TurnAnswer): void {
    if (lost.length === 0 && cancelled.length === 0) return
    for (const { id, attempt } of touches) {
      const isLost = lost.includes(id)
      if (!isLost && !cancelled.includes(id)) continue
      const running = held.find(id)
      const next = prefetched.find(id)
      if (running?.attempt === attempt && running.isOpen) {
        if (!isLost) running.cancel()
        else running.lose()
      } else if (next?.attempt === attempt) {
        if (!isLost) intake.giveBack(next)
        else prefetched.remove(next)
      } else continue
      if (!isLost) continue
      const message = `${(running ?? next)?.taskName} ${id} (attempt ${attempt}) is not this worker's any more`
      report({ level: 'warning', what: 'lost', message, id })
    }
  }

  /** Everything that the worker answers for, in one list, with what handlers have reported. */
  function touches(now: number): readonly (Touch & HeldAttempt)[] {
    if (heartbeat.dueAt <= now) for (const slot of slots) if (slot.isSuspect) slot.doubt()
    heartbeat.beat()
    const running = held.open().map(({ id, attempt, report: progress, log }) => ({
      id,
      attempt,
      ...(progress === null ? {} : { progress }),
      ...(log === undefined ? {} : { log }),
    }))
    return [...running, ...prefetched.attempts()]
  }

  /** Only when nobody else has anything left to say: the backend forgets all slots. */
  function isGoodbye(phase: Phase, slot: Slot): boolean {
    return (
      phase === 'leaving' &&
      settlements.queued === 0 &&
      slots.every((one) => one === slot || (one.outstanding === null && !one.isInDoubt))
    )
  }

  return {
    get free() {
      return free()
    },

    get unsettled() {
      return settlements.size
    },

    nextAt(phase, now) {
      if (doubtful()) return now
      if (phase === 'leaving') return settlements.queued > 0 || !isAnyInFlight() ? now : Infinity
      if (settlements.queued >= worthATurn) return now
      // What does not wait for a call that hangs.
      const urgentAt = Math.min(isHolding() ? heartbeat.dueAt : Infinity, intake.overdueAt)
      const isWaiting = isAnyWaiting()
      if (isAnyInFlight() && !isWaiting) return urgentAt
      if (settlements.queued > 0) return now
      const mayLook = isWaiting || (phase === 'working' && wantsMore())
      const workAt = mayLook ? (selection.isOwed ? now : polling.dueAt) : Infinity
      return Math.min(urgentAt, workAt, presenting.dueAt(isHolding()))
    },

    get offer() {
      // Of a slot that is suspect only a turn that lists what is held can tell what it took.
      const isQuiet = slots.every(
        ({ outstanding, isInDoubt, isSuspect }) => outstanding === null && !isInDoubt && !isSuspect,
      )
      // One record: who is slow to hear of it holds up no others.
      return isQuiet && load(settlements.size) === 0 && selection.isPlain && polling.isTrusting && !polling.isHinted
        ? selection.claim(1)
        : null
    },

    compose(phase, slot, now) {
      intake.giveBackOverdue(now)
      const batch = settlements.batch()
      const mayClaim = phase === 'working' && !isAnyInDoubt()
      const limit = mayClaim ? concurrency + pace.ahead - load(settlements.queued - batch.length) : 0
      settlements.sent(batch)
      const claim = limit > 0 ? selection.claim(limit) : null
      if (claim !== null) polling.asked()
      // Not made of spreads, which cost as much as the rest.
      const parts: { -readonly [Name in keyof TurnParts]: TurnParts[Name] } = {}
      if (batch.length > 0) parts.settlements = batch
      if (claim !== null) parts.claim = claim
      if (heartbeat.dueAt <= now || slot.isInDoubt || isGoodbye(phase, slot)) parts.touches = touches(now)
      // Asked again, because a beat may put other slots in doubt.
      if (isGoodbye(phase, slot)) parts.presence = null
      else if (phase !== 'leaving' && presenting.dueAt(isHolding()) <= now)
        parts.presence = presenting.show(isHolding())
      return parts
    },

    apply({ request, answer, sentAt, isCarried, unknown }, phase, slot) {
      const { settlements: batch, touches: touched, claim } = request
      if (isCarried) polling.asked()
      else pace.answered(clock.now() - sentAt)
      if (batch !== undefined) {
        settled(answer.settled)
        if (phase !== 'working') farewell.answered(batch, answer.settled)
        settlements.answered(batch)
      }
      if (touched !== undefined) {
        told(touched)
        beaten(touched, answer)
        for (const one of unknown) if (!intake.has(one)) intake.giveBack(one)
        slot.trust()
      }
      if (claim === undefined || 'ids' in claim) return
      const { records, more, nextDueAt, now } = answer
      polling.answered({ taken: records.length, more, nextDueInMs: nextDueAt === null ? null : nextDueAt - now })
      for (const record of records) {
        if (phase === 'working') intake.take(record, now)
        else intake.giveBack(record)
      }
      selection.answered(claim, records)
      starter.start()
    },

    givenUp({ settlements: batch, touches: touched, claim, presence }) {
      if (batch !== undefined) settlements.returned(batch)
      if (touched !== undefined) heartbeat.hurry()
      if (claim !== undefined && !('ids' in claim)) selection.givenUp(claim)
      if (presence !== undefined && presence !== null) presenting.hide()
    },
  }
}

/** The most that a call may leave with the worker. */
function weightOf({ settlements = [], claim }: TurnRequest): number {
  return Math.max(settlements.length, claim !== undefined && 'limit' in claim ? claim.limit : 0)
}
