import type { TaskRecord } from '@millrace/core'
import { LONGEST_STOP_MS, MOMENT_MS, type Life, type StopEvent } from './events.ts'

export interface StopHistory {
  /** Whose enqueue was acknowledged. */
  readonly ids: readonly string[]
  /** The same, as they are at the end; null if there is none. */
  readonly records: readonly (TaskRecord | null)[]
  readonly events: readonly StopEvent[]
  readonly lives: readonly Life[]
}

type Of<What> = Extract<StopEvent, { readonly what: What }>

/** A timer may be that much early. */
const TIMER_MS = 5

/** What is wrong with how workers under load stopped: nothing may be lost, cost a retry, or run again though it had finished. */
export function complaintsAbout(history: StopHistory): readonly string[] {
  const { ids, records, events, lives } = history
  const began = Map.groupBy(ofKind(events, 'began'), ({ id }) => id)
  const finished = Map.groupBy(ofKind(events, 'finished'), ({ id }) => id)
  const reports = new Map(ofKind(events, 'stopped').map((event) => [event.pid, event]))
  const abandoned = new Set([...reports.values()].flatMap(({ abandoned: some }) => some.map(nameOf)))
  return [
    ...ids.flatMap((id, i) => aboutRecord(id, records[i] ?? null, finished.get(id) ?? [])),
    ...ids.flatMap((id) => aboutRuns(began.get(id) ?? [], finished.get(id) ?? [], abandoned)),
    ...lives.flatMap((life) => aboutLife(life, reports.get(life.pid))),
    // A handler that does not return is told of; nothing else should have anything to tell.
    ...ofKind(events, 'reported').flatMap(({ kind, message }) =>
      kind === 'handler-stuck' ? [] : [`a worker reported ${kind}: ${message}`],
    ),
  ]
}

function aboutRecord(id: string, record: TaskRecord | null, finished: readonly Of<'finished'>[]): readonly string[] {
  if (record === null) return [`${id} is lost`]
  const { status, retryCount, recoveries, attempt } = record
  const complaints: string[] = []
  if (status !== 'completed') complaints.push(`${id} is ${status}`)
  else if (!finished.some((one) => one.attempt === attempt))
    complaints.push(`${id} is completed by attempt ${attempt}, which has not finished`)
  if (retryCount > 0) complaints.push(`${id} has retryCount ${retryCount}`)
  if (recoveries > 0) complaints.push(`${id} has recoveries ${recoveries}`)
  return complaints
}

/** What was given up before it finished may run again. */
function aboutRuns(
  began: readonly Of<'began'>[],
  finished: readonly Of<'finished'>[],
  abandoned: ReadonlySet<string>,
): readonly string[] {
  const latest = Math.max(0, ...began.map(({ attempt }) => attempt))
  const starts = new Set(began.map(nameOf))
  const twice = starts.size === began.length ? [] : [`${began[0]?.id} began twice in one attempt`]
  return finished
    .flatMap((one) => {
      const { id, attempt, late } = one
      const isAbandoned = abandoned.has(nameOf(one))
      if (isAbandoned && (late === null || late < MOMENT_MS - TIMER_MS))
        return [`attempt ${attempt} of ${id} was given up although it had finished in time`]
      if (isAbandoned || latest <= attempt) return []
      return [`${id} began again although attempt ${attempt} had finished`]
    })
    .concat(twice)
}

function aboutLife({ pid, code, signal, tookMs }: Life, report: Of<'stopped'> | undefined): readonly string[] {
  const due = report !== undefined && report.abandoned.length + report.unsettled > 0 ? 1 : 0
  if (signal !== null) return [`process ${pid} ended by ${signal}`]
  if (report === undefined) return [`process ${pid} ended without a report`]
  if (code !== due) return [`process ${pid} ended with code ${code} and not ${due}`]
  return tookMs > LONGEST_STOP_MS ? [`process ${pid} took ${tookMs} ms to end`] : []
}

function ofKind<What extends StopEvent['what']>(events: readonly StopEvent[], what: What): readonly Of<What>[] {
  return events.filter((event): event is Of<What> => event.what === what)
}

function nameOf({ id, attempt }: { readonly id: string; readonly attempt: number }): string {
  return `${id}#${attempt}`
}
