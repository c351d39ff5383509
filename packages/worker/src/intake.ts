import type { HeldAttempt, TaskRecord } from '@millrace/core'
import type { Held } from './held.ts'
import type { WorkerSettings } from './options.ts'
import type { Pace } from './pace.ts'
import type { Prefetched } from './prefetched.ts'
import type { Settlements } from './settlements.ts'
import type { Starter } from './starter.ts'
import { unknownTaskOutcome } from './unknown-task.ts'

export interface IntakeParts {
  readonly held: Held
  readonly prefetched: Prefetched
  readonly settlements: Settlements
  readonly starter: Starter
  readonly pace: Pace
}

/** What becomes of the records that a claim took, until their handlers start. */
export interface Intake {
  /** When the oldest prefetched record will have waited too long for a handler's place; Infinity while there is one. */
  readonly overdueAt: number
  /** It runs here, or waits for its handler, or has ended and is not settled yet. */
  has(attempt: HeldAttempt): boolean
  /** `now` is the backend's. */
  take(record: TaskRecord, now: number): void
  /** Claimed, but nobody here will start it. */
  giveBack(attempt: HeldAttempt): void
  /** What has waited too long for its handler goes to workers that are free. */
  giveBackOverdue(now: number): void
  giveBackAll(): void
}

/** So long a record may wait here for its handler; after that the handlers are not as short as they seemed. */
const LONGEST_WAIT_MS = 1_000

export function createIntake(settings: WorkerSettings, parts: IntakeParts): Intake {
  const { held, prefetched, settlements, starter, pace } = parts
  const { concurrency, limits, report, tasks, unknownTask } = settings
  const overdueAt = (): number => (held.size < concurrency ? Infinity : prefetched.oldestAt + LONGEST_WAIT_MS)

  function has(attempt: HeldAttempt): boolean {
    return held.has(attempt) || settlements.has(attempt) || prefetched.find(attempt.id)?.attempt === attempt.attempt
  }

  function giveBack(one: HeldAttempt): void {
    const { id, attempt } = one
    prefetched.remove(one)
    settlements.add({ outcome: 'release', id, attempt })
  }

  return {
    get overdueAt() {
      return overdueAt()
    },
    has,
    take(record, now) {
      if (has(record)) return
      // The record came back before the heartbeat could tell that the older attempt is lost.
      held.find(record.id)?.lose()
      if (tasks.has(record.taskName)) return starter.take(record)
      const { id, taskName } = record
      const outcome = unknownTaskOutcome(record, now, unknownTask, limits)
      const verdict = outcome.outcome === 'fail' ? 'has waited long enough, and fails' : 'waits'
      const message = `no task here is named ${taskName}: ${id} ${verdict}`
      settlements.add(outcome)
      report({ level: outcome.outcome === 'fail' ? 'error' : 'warning', what: 'unknown-task', message, id })
    },
    giveBack,
    giveBackOverdue(now) {
      if (overdueAt() > now) return
      pace.mistaken()
      // Those behind it would wait as long.
      for (const one of prefetched.attempts()) giveBack(one)
    },
    giveBackAll() {
      for (const one of prefetched.attempts()) giveBack(one)
    },
  }
}
