import {
  STATUS,
  TERMINAL_STATUSES,
  type Backend,
  type Clock,
  type SweepRequest,
  type SweepResult,
} from '@millrace/core'
import { createBell } from './bell.ts'
import { within } from './deadline.ts'
import { listed } from './listed.ts'
import { textOf, type Reporter } from './report.ts'

/** One thing that every worker does for the fleet: leaderless, so that nobody's death stops it. Two at once do no harm. */
export interface Duty {
  readonly name: string
  readonly everyMs: number
  readonly step: SweepRequest
}

export interface DutySettings {
  readonly staleAfterMs: number
  readonly sweepEveryMs: number
  readonly retention: { readonly completedMs: number; readonly othersMs: number } | null
  /** Records per step. */
  readonly limit: number
}

/** What is overdue is never started; that it is told and counted so may wait a little. */
const EXPIRY_EVERY = 3
/** Retention is less urgent than recovery. */
const RETENTION_EVERY = 12

export function dutiesOf({ staleAfterMs, sweepEveryMs, retention, limit }: DutySettings): readonly Duty[] {
  const others = TERMINAL_STATUSES.filter((status) => status !== STATUS.completed)
  const rarely = sweepEveryMs * RETENTION_EVERY
  return [
    { name: 'the recovery of stale records', everyMs: sweepEveryMs, step: { what: 'stale', staleAfterMs, limit } },
    { name: 'the expiry of overdue records', everyMs: sweepEveryMs * EXPIRY_EVERY, step: { what: 'expired', limit } },
    ...(retention === null
      ? []
      : [
          {
            name: 'the removal of completed records',
            everyMs: rarely,
            step: { what: 'finished', olderThanMs: retention.completedMs, statuses: [STATUS.completed], limit },
          } as const,
          {
            name: 'the removal of other finished records',
            everyMs: rarely,
            step: { what: 'finished', olderThanMs: retention.othersMs, statuses: others, limit },
          } as const,
        ]),
  ]
}

export interface DutyRun {
  readonly backend: Pick<Backend, 'sweep'>
  readonly clock: Clock
  readonly random: () => number
  readonly report: Reporter
  readonly deadlineMs: number
  /** Nobody waits for an answer any more. */
  readonly signal: AbortSignal
}

/** Before the next step of a duty that has more to do: never a tight loop. */
const PAUSE_MS = 100

/** Does each duty from time to time, one step after the other. The answer stops it, and resolves when no step is under way. */
export function startDuties(duties: readonly Duty[], run: DutyRun): () => Promise<void> {
  const { backend, clock, random, report, deadlineMs, signal } = run
  const bell = createBell(clock)
  // Workers that were started together shall not sweep together.
  const plan = duties.map((duty) => ({ duty, at: clock.now() + Math.round(random() * duty.everyMs) }))
  const stopping = new AbortController()

  async function keepDoing(): Promise<void> {
    while (!stopping.signal.aborted) {
      const next = plan.reduce((first, other) => (other.at < first.at ? other : first))
      const waitMs = next.at - clock.now()
      if (waitMs > 0) await bell.wait(waitMs)
      else next.at = clock.now() + (await step(next.duty))
    }
  }

  /** ms until the next step. */
  async function step({ name, everyMs, step: request }: Duty): Promise<number> {
    try {
      const result = await within(backend.sweep(request), { clock, ms: deadlineMs, signal, what: name })
      tell(result, report)
      return result.more ? PAUSE_MS : everyMs
    } catch (error) {
      if (!stopping.signal.aborted)
        report({ level: 'warning', what: 'duty-failed', message: `${name} failed: ${textOf(error)}`, error })
      return everyMs
    }
  }

  const doing = keepDoing()
  return async () => {
    stopping.abort()
    bell.ring()
    await doing
  }
}

function tell({ requeued, failed, handlerNeeded }: SweepResult, report: Reporter): void {
  if (requeued.length > 0) {
    report({ level: 'warning', what: 'recovered', message: `requeued, their workers fell silent: ${listed(requeued)}` })
  }
  const poison = failed.filter((id) => !handlerNeeded.includes(id))
  if (poison.length > 0) {
    report({
      level: 'error',
      what: 'given-up',
      message: `failed, their workers fell silent too often: ${listed(poison)}`,
    })
  }
  if (handlerNeeded.length > 0) {
    const message = `failed, their worker fell silent and they must not run again by themselves: ${listed(handlerNeeded)}`
    report({ level: 'error', what: 'handler-needed', message })
  }
}
