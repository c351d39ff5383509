import type { Clock } from '@millrace/core'

/**
 * `turn-failed`, `turn-works-again`: the worker's call to the backend. `duty-failed`, `watch-failed`: its side jobs; work goes on.
 * `recovered`, `given-up`, `handler-needed`: what the stale sweep did to records of silent workers. `unknown-task`: claimed, but no
 * task here has that name. `lost`: an attempt is no longer this worker's. `handler-stuck`: told to stop long ago, and still running.
 * `unsettled`: at stop, outcomes that the backend did not take; their records are recovered as stale.
 */
export type ReportKind =
  | 'turn-failed'
  | 'turn-works-again'
  | 'duty-failed'
  | 'watch-failed'
  | 'recovered'
  | 'given-up'
  | 'handler-needed'
  | 'unknown-task'
  | 'lost'
  | 'handler-stuck'
  | 'unsettled'

/** Something that people who run workers want to know. */
export interface Report {
  readonly level: 'warning' | 'error'
  readonly what: ReportKind
  readonly message: string
  readonly error?: unknown
  /** The record it is about. */
  readonly id?: string
  /** So many reports of this kind were left out since the last one: there is at most one a second of each kind. */
  readonly suppressed?: number
}

export type Reporter = (report: Report) => void

const SHORTEST_PAUSE_MS = 1_000

/** Tells each kind at most once a second. Whatever `listener` does, throwing included, changes nothing. */
export function createReporter(listener: (report: Report) => unknown, clock: Clock): Reporter {
  const told = new Map<ReportKind, { at: number; suppressed: number }>()
  return (report) => {
    const last = told.get(report.what)
    const now = clock.now()
    if (last !== undefined && now - last.at < SHORTEST_PAUSE_MS) {
      last.suppressed += 1
      return
    }
    const suppressed = last?.suppressed ?? 0
    told.set(report.what, { at: now, suppressed: 0 })
    void tell(listener, suppressed === 0 ? report : { ...report, suppressed })
  }
}

/** A promise that the listener answers with may reject, too. */
async function tell(listener: (report: Report) => unknown, report: Report): Promise<void> {
  try {
    await listener(report)
  } catch {
    // A listener that fails must not end what it listens to.
  }
}

/** An error as its text. A library may throw what has none, and that must not end the one who reports it. */
export function textOf(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'an error that cannot be shown'
  }
}

/** One line on standard error. */
export function printReport(workerId: string, { level, what, message, suppressed }: Report): void {
  const more = suppressed === undefined ? '' : ` (and ${suppressed} more like this)`
  // oxlint-disable-next-line no-console -- without a listener of its own, a worker in trouble must not be silent
  console.error(`millrace ${workerId} ${level} ${what}: ${message}${more}`)
}
