import type { HeldAttempt, Settlement } from '@millrace/core'

/** The outcome of an attempt that this worker made. */
export type Outcome = Settlement & HeldAttempt

/**
 * Outcomes on their way to the backend. Each stays, as it is, until a turn that carries it was answered: a resend is answered
 * as the first time, so nothing is lost and nothing happens twice.
 */
export interface Settlements {
  readonly size: number
  /** The first outcome of an attempt counts; a second one changes nothing. */
  add(outcome: Outcome): void
  has(attempt: HeldAttempt): boolean
  /** The oldest ones, as many as one turn takes. */
  batch(): readonly Outcome[]
  answered(batch: readonly Settlement[]): void
}

/** Characters of results and errors in one turn, unless a single one is longer: what a server can take in one go. */
const MOST_TEXT = 1_048_576

export function createSettlements(batchLimit: number): Settlements {
  const waiting = new Map<string, Outcome>()
  return {
    get size() {
      return waiting.size
    },
    add(outcome) {
      const name = nameOf(outcome)
      if (!waiting.has(name)) waiting.set(name, outcome)
    },
    has: (attempt) => waiting.has(nameOf(attempt)),
    batch() {
      const batch: Outcome[] = []
      let text = 0
      for (const outcome of waiting.values()) {
        text += textOf(outcome)
        if (batch.length === batchLimit || (batch.length > 0 && text > MOST_TEXT)) break
        batch.push(outcome)
      }
      return batch
    },
    answered(batch) {
      for (const { id, attempt } of batch) waiting.delete(`${id} ${attempt}`)
    },
  }
}

function nameOf({ id, attempt }: HeldAttempt): string {
  return `${id} ${attempt}`
}

function textOf(outcome: Outcome): number {
  return outcome.outcome === 'complete' ? outcome.result.length : outcome.outcome === 'fail' ? outcome.error.length : 0
}
