import {
  decodeError,
  isTerminal,
  type Line,
  type Settlement,
  type SweepResult,
  type TaskContext,
  type TurnAnswer,
  type TurnRequest,
} from '@millrace/core'
import { countEnd, difference, emptyTally, type Summary } from './summary.ts'
import { TestbedError } from './testbed-error.ts'

/** What has happened on a testbed: what runs, what has ended, and what went wrong. */
export interface Journal {
  /** Handlers that have not returned, as people call them. */
  readonly running: ReadonlySet<string>
  /** The lines that the worker claims from, once it has said so. */
  readonly lines: readonly Line[]
  /** Records claimed so far. */
  readonly claimed: number
  /** A handler was started; call the answer when it has returned. */
  began(context: TaskContext): () => void
  threw(context: TaskContext, value: unknown): void
  turned(request: TurnRequest, answer: TurnAnswer): void
  swept(result: SweepResult): void
  failing(error: unknown): void
  /** From here on handlers are counted anew, unless some still run: the call that started those goes on. */
  countAnew(): void
  /** @throws TestbedError for what keeps the testbed from going on. It is said once. */
  check(): void
  /** What happened since, with what attempts threw. */
  since(): () => { readonly summary: Summary; readonly thrown: readonly Thrown[] }
}

interface Thrown {
  /** Of the record. */
  readonly id: string
  readonly value: unknown
  /** A snooze is none. */
  readonly isFailure: boolean
}

export interface JournalSettings {
  readonly limit: number
  /** The names of the tasks that have a handler here; null: others are the worker's own affair. */
  readonly known: ReadonlySet<string> | null
}

export function createJournal({ limit, known }: JournalSettings): Journal {
  const running = new Set<string>()
  const tally = emptyTally()
  const thrown: Thrown[] = []
  /** What handlers threw, until their attempts are settled. */
  const thrownBy = new Map<string, unknown>()
  const startsOf = new Map<string, number>()
  let [starts, claimed] = [0, 0]
  let lines: readonly Line[] = []
  let trouble: TestbedError | null = null

  function settled(settlement: Settlement): void {
    const { id, attempt } = settlement
    const name = `${id}#${attempt}`
    const isFailure = settlement.outcome === 'fail'
    if (thrownBy.has(name)) thrown.push({ id, value: thrownBy.get(name), isFailure })
    else if (isFailure) thrown.push({ id, value: storedIn(settlement.error), isFailure })
    thrownBy.delete(name)
    if (settlement.outcome === 'snooze') tally.snoozed += 1
  }

  function endless(): TestbedError {
    const [[name, count] = ['none', 0]] = [...startsOf].toSorted(([, a], [, b]) => b - a)
    return new TestbedError(
      'endless',
      `more than ${limit} handlers were started in one call, ${count} of them of ${name}: does it enqueue itself? \`limit\` allows more`,
    )
  }

  return {
    running,
    get lines() {
      return lines
    },
    get claimed() {
      return claimed
    },
    began({ taskName, id, attempt }) {
      const title = `${taskName} ${id} (attempt ${attempt})`
      running.add(title)
      tally.runs += 1
      starts += 1
      startsOf.set(taskName, (startsOf.get(taskName) ?? 0) + 1)
      if (starts > limit) trouble ??= endless()
      return () => void running.delete(title)
    },
    threw({ id, attempt }, value) {
      thrownBy.set(`${id}#${attempt}`, value)
    },
    turned({ settlements = [], presence }, { settled: results, records, expired }) {
      for (const [i, { outcome, status }] of results.entries()) {
        const settlement = settlements[i]
        // Whoever held a record that was cancelled is refused, and with that lets go of it.
        if (outcome === 'refused') countEnd(tally, status)
        if (outcome !== 'ok' || settlement === undefined) continue
        settled(settlement)
        countEnd(tally, status)
        if (settlement.outcome === 'fail' && status !== null && !isTerminal(status)) tally.retried += 1
      }
      tally.expired += expired.length
      // Not those of a claim, which leaves out a queue that is full.
      if (presence !== undefined && presence !== null) ({ lines } = presence)
      claimed += records.length
      for (const { taskName } of records) {
        if (known?.has(taskName) !== false) continue
        const message = `a record of ${taskName} is due, and no handler of it is here: add it to \`tasks\`, with a handler that stands in for its own if need be`
        trouble ??= new TestbedError('unknown_task', message)
      }
    },
    swept({ expired }) {
      tally.expired += expired.length
    },
    failing(error) {
      trouble ??= new TestbedError('backend', `the worker's call of the backend failed: ${String(error)}`, {
        cause: error,
      })
    },
    countAnew() {
      if (running.size > 0) return
      starts = 0
      startsOf.clear()
    },
    check() {
      const found = trouble
      trouble = null
      if (found !== null) throw found
    },
    since() {
      const before = { ...tally }
      const from = thrown.length
      return () => ({ summary: difference(tally, before), thrown: thrown.slice(from) })
    },
  }
}

/** The error of an attempt whose handler did not throw it: a timeout, or what could not be stored. */
function storedIn(text: string): TestbedError {
  const error = decodeError(JSON.parse(text))
  return new TestbedError('attempt_failed', `${error?.name}: ${error?.message}`)
}
