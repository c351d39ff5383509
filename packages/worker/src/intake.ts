import type { TaskRecord } from '@millrace/core'
import { Attempt, type AttemptOwner } from './attempt.ts'
import type { Held } from './held.ts'
import type { WorkerSettings } from './options.ts'
import type { Settlements } from './settlements.ts'
import { unknownTaskOutcome } from './unknown-task.ts'

export interface IntakeParts {
  readonly held: Held
  readonly settlements: Settlements
  /** There is something to settle. */
  readonly onOutcome: () => void
  /** A handler has returned, and its slot is free. */
  readonly onReturn: () => void
}

/** What becomes of the records that a claim took. */
export interface Intake {
  /** `now` is the backend's. */
  run(record: TaskRecord, now: number): void
  /** Claimed, but nobody here will start it. */
  giveBack(record: TaskRecord): void
}

export function createIntake(
  settings: WorkerSettings,
  { held, settlements, onOutcome, onReturn }: IntakeParts,
): Intake {
  const { clock, limits, random, report, tasks, staleAfterMs, unknownTask } = settings
  const owner: AttemptOwner = {
    clock,
    limits,
    random,
    stuckAfterMs: staleAfterMs,
    settle(outcome) {
      settlements.add(outcome)
      onOutcome()
    },
    stuck({ taskName, id, attempt }) {
      const message = `${taskName} ${id} (attempt ${attempt}) was told to stop ${staleAfterMs} ms ago and still runs; it takes a slot`
      report({ level: 'error', what: 'handler-stuck', message, id })
    },
  }

  async function follow(attempt: Attempt): Promise<void> {
    await attempt.run()
    held.remove(attempt)
    onReturn()
  }

  return {
    run(record, now) {
      const { id, taskName } = record
      if (held.has(record) || settlements.has(record)) return
      // The record came back before the heartbeat could tell that the older attempt is lost.
      held.find(id)?.lose()
      const task = tasks.get(taskName)
      if (task === undefined) {
        const outcome = unknownTaskOutcome(record, now, unknownTask, limits)
        const verdict = outcome.outcome === 'fail' ? 'has waited long enough, and fails' : 'waits'
        const message = `no task here is named ${taskName}: ${id} ${verdict}`
        settlements.add(outcome)
        report({ level: outcome.outcome === 'fail' ? 'error' : 'warning', what: 'unknown-task', message, id })
        return
      }
      const attempt = new Attempt(record, task, owner)
      held.add(attempt)
      void follow(attempt)
    },
    giveBack({ id, attempt }) {
      settlements.add({ outcome: 'release', id, attempt })
    },
  }
}
