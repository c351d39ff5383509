import { createRegister, type HeldAttempt, type Settlement } from '@millrace/core'

/** The outcome of an attempt that this worker made. */
export type Outcome = Settlement & HeldAttempt

/**
 * Outcomes on their way to the backend. Each stays, as it is, until a turn that carries it was answered: a resend is answered
 * as the first time, so nothing is lost and nothing happens twice. While one is in a call it is in no other.
 */
export interface Settlements {
  /** Not answered yet. */
  readonly size: number
  /** Those of them that are in no call. */
  readonly queued: number
  /** The first outcome of an attempt counts; a second one changes nothing. */
  add(outcome: Outcome): void
  has(attempt: HeldAttempt): boolean
  /** The oldest ones that are in no call, as many as one turn takes. */
  batch(): readonly Outcome[]
  /** A call carries them now. */
  sent(batch: readonly Outcome[]): void
  answered(batch: readonly Settlement[]): void
  /** The call that carried them was given up: they go again, before the others. */
  returned(batch: readonly Settlement[]): void
}

/** Characters of results and errors in one turn, unless a single one is longer: what a server can take in one go. */
const MOST_TEXT = 1_048_576

interface Entry {
  readonly outcome: Outcome
  isCarried: boolean
}

export function createSettlements(batchLimit: number): Settlements {
  const entries = createRegister<Entry>()
  let queued = 0
  /** Entries of a record that has another one, of another attempt: rare, so that the others need no name of their own. */
  let doubles = 0

  function find(attempt: Pick<Settlement, 'id' | 'attempt'>): Entry | undefined {
    const entry = entries.get(attempt.id)
    if (entry?.outcome.attempt === attempt.attempt) return entry
    return doubles === 0 ? undefined : entries.get(doubleOf(attempt))
  }

  function remove(entry: Entry): void {
    const { id } = entry.outcome
    if (entries.get(id) === entry) entries.delete(id)
    else {
      entries.delete(doubleOf(entry.outcome))
      doubles -= 1
    }
    if (!entry.isCarried) queued -= 1
  }

  return {
    get size() {
      return entries.size
    },
    get queued() {
      return queued
    },
    add(outcome) {
      if (find(outcome) !== undefined) return
      const isDouble = entries.get(outcome.id) !== undefined
      if (isDouble) doubles += 1
      entries.set(isDouble ? doubleOf(outcome) : outcome.id, { outcome, isCarried: false })
      queued += 1
    },
    has: (attempt) => find(attempt) !== undefined,
    batch() {
      const batch: Outcome[] = []
      if (queued === 0) return batch
      let text = 0
      for (const { outcome, isCarried } of entries.values()) {
        if (isCarried) continue
        text += textOf(outcome)
        if (batch.length === batchLimit || (batch.length > 0 && text > MOST_TEXT)) break
        batch.push(outcome)
      }
      return batch
    },
    sent(batch) {
      for (const outcome of batch) {
        const entry = find(outcome)
        if (entry === undefined || entry.isCarried) continue
        entry.isCarried = true
        queued -= 1
      }
    },
    answered(batch) {
      for (const one of batch) {
        const entry = find(one)
        if (entry !== undefined) remove(entry)
      }
    },
    returned(batch) {
      for (const one of batch) {
        const entry = find(one)
        if (entry?.isCarried !== true) continue
        entry.isCarried = false
        queued += 1
      }
    },
  }
}

function doubleOf({ id, attempt }: Pick<Settlement, 'id' | 'attempt'>): string {
  return `${id} ${attempt}`
}

function textOf(outcome: Outcome): number {
  const { progress = '', log = [] } = outcome
  const said = log.reduce((size, { text }) => size + text.length, progress.length)
  if (outcome.outcome === 'complete') return outcome.result.length + said
  return outcome.outcome === 'fail' ? outcome.error.length + said : said
}
