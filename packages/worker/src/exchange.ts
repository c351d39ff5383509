import type { ActResult, Touch, TurnAnswer } from '@millrace/core'
import type { Heartbeat } from './heartbeat.ts'
import type { Held } from './held.ts'
import type { Intake } from './intake.ts'
import type { WorkerSettings } from './options.ts'
import type { Polling } from './polling.ts'
import type { Presenting } from './presence.ts'
import type { Settlements } from './settlements.ts'
import type { Answered, TurnParts } from './slot.ts'

/** `working`: claims. `draining`: claims no more, waits for its handlers. `leaving`: settles what is left, and says goodbye. */
export type Phase = 'working' | 'draining' | 'leaving'

export interface ExchangeParts {
  readonly held: Held
  readonly settlements: Settlements
  readonly heartbeat: Heartbeat
  readonly polling: Polling
  readonly presenting: Presenting
  readonly intake: Intake
}

/** What the worker has to say to the backend in its next turn, when, and what the answer means. */
export interface Exchange {
  /** Slots that a claim may fill. */
  readonly free: number
  /** When there is something to say; not later than now if there already is. */
  nextAt(phase: Phase): number
  /** Outcomes that the backend has not taken yet. */
  readonly unsettled: number
  /**
   * A call that may have claimed was given up, or its answer could not be read. What it took comes back as unknown to the next heartbeat,
   * and is released; unless another claim comes first, and makes the backend forget it: then it would be taken for abandoned.
   */
  doubt(): void
  compose(phase: Phase): TurnParts
  apply(answered: Answered, phase: Phase): void
}

export function createExchange(settings: WorkerSettings, parts: ExchangeParts): Exchange {
  const { clock, concurrency, lines, order, report } = settings
  const { held, settlements, heartbeat, polling, presenting, intake } = parts
  const free = (): number => Math.max(0, concurrency - held.size)
  let isInDoubt = false

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

  function beaten(touches: readonly Touch[], { lost, cancelled, unknown }: TurnAnswer): void {
    for (const { id, attempt } of touches) {
      const one = held.find(id)
      if (one?.attempt !== attempt) continue
      if (cancelled.includes(id)) one.cancel()
      if (!lost.includes(id)) continue
      one.lose()
      report({
        level: 'warning',
        what: 'lost',
        message: `${one.taskName} ${id} (attempt ${attempt}) is not this worker's any more`,
        id,
      })
    }
    for (const attempt of unknown) {
      if (!held.has(attempt) && !settlements.has(attempt))
        settlements.add({ outcome: 'release', id: attempt.id, attempt: attempt.attempt })
    }
  }

  function presenceIn(phase: Phase, now: number): Pick<TurnParts, 'presence'> {
    if (phase === 'leaving') return { presence: null }
    return presenting.dueAt <= now ? { presence: presenting.presence } : {}
  }

  return {
    get free() {
      return free()
    },

    get unsettled() {
      return settlements.size
    },

    nextAt(phase) {
      const now = clock.now()
      if (settlements.size > 0 || phase === 'leaving') return now
      return Math.min(
        presenting.dueAt,
        held.isAnyOpen ? heartbeat.dueAt : Infinity,
        // A worker that is full does not look for work: it could not take it.
        phase === 'working' && free() > 0 ? polling.dueAt : Infinity,
      )
    },

    doubt() {
      isInDoubt = true
      heartbeat.hurry()
    },

    compose(phase) {
      const now = clock.now()
      const batch = settlements.batch()
      // What stays behind is still held, as the backend sees it.
      const limit = phase === 'working' && !isInDoubt ? Math.max(0, free() - (settlements.size - batch.length)) : 0
      const beats = phase === 'leaving' || heartbeat.dueAt <= now
      return {
        ...(batch.length > 0 ? { settlements: batch } : {}),
        ...(limit > 0 ? { claim: { lines, limit, order } } : {}),
        ...(beats ? { touches: held.open().map(({ id, attempt }) => ({ id, attempt })) } : {}),
        ...presenceIn(phase, now),
      }
    },

    apply({ request, answer, sentAt }, phase) {
      const { settlements: batch, touches, presence, claim } = request
      if (batch !== undefined) {
        settled(answer.settled)
        settlements.answered(batch)
      }
      if (touches !== undefined) {
        beaten(touches, answer)
        heartbeat.beaten(sentAt)
        isInDoubt = false
      }
      if (presence !== undefined) presenting.shown(sentAt)
      if (claim === undefined) return
      const { records, more, nextDueAt, now } = answer
      polling.answered({ taken: records.length, more, nextDueInMs: nextDueAt === null ? null : nextDueAt - now })
      for (const record of records) {
        if (phase === 'working') intake.run(record, now)
        else intake.giveBack(record)
      }
    },
  }
}
