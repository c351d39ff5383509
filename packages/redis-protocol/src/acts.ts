import type { ActResult, ReplayResult } from '@millrace/core'
import { statusOf } from './packed-record.ts'
import { garbled } from './server-error.ts'

const OUTCOMES: ReadonlyMap<string, ReplayResult['outcome']> = new Map([
  ['o', 'ok'],
  ['l', 'lost'],
  ['m', 'missing'],
  ['r', 'refused'],
  ['k', 'key_taken'],
])

/** Answers of scripts that act on named records: a letter for the outcome, one for the status. */
export function readReplays(letters: string, ids: readonly string[]): readonly ReplayResult[] {
  return ids.map((id, i) => {
    const outcome = OUTCOMES.get(letters.charAt(2 * i))
    const letter = letters.charAt(2 * i + 1)
    const status = letter === '-' ? null : statusOf(letter)
    if (outcome === undefined || status === undefined) throw garbled()
    return { id, outcome, status }
  })
}

/** The same for acts that no key can stand in the way of. */
export function readActs(letters: string, ids: readonly string[]): readonly ActResult[] {
  return readReplays(letters, ids).map(({ id, outcome, status }) => ({
    id,
    outcome: outcome === 'key_taken' ? 'refused' : outcome,
    status,
  }))
}
