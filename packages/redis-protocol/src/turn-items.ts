import type { Settlement, Touch } from '@millrace/core'
import { withoutControls } from './escape.ts'
import { fenceText } from './fence.ts'
import { MAX_INLINE } from './packed-record.ts'
import { shortId } from './short-id.ts'

/** What a claim met and cannot read is settled by itself: it fails as it is. */
export interface Spoil {
  readonly outcome: 'spoil'
  readonly id: string
  readonly attempt: number
}

/** As `turn.lua` takes it: id, attempt, outcome, what the record shows, what lies aside, a delay. */
export function settlementItems(settlement: Settlement | Spoil): readonly (string | number)[] {
  const { id, attempt, outcome } = settlement
  return [shortId(id), fenceText(attempt), outcome, ...outcomeOf(settlement)]
}

function outcomeOf(settlement: Settlement | Spoil): readonly [shown: string, large: string, ms: string | number] {
  switch (settlement.outcome) {
    case 'complete':
      return [...shownOf('r', settlement.result), '']
    case 'fail':
      return [...shownOf('e', settlement.error), settlement.retryInMs ?? '']
    case 'snooze':
      return ['', '', settlement.delayMs]
    case 'release':
    case 'spoil':
      return ['', '', '']
  }
}

/** A small outcome stands in the record; a larger one lies aside, and then the letter alone says so. */
function shownOf(letter: string, json: string): readonly [shown: string, large: string] {
  const text = withoutControls(json)
  if (letter === 'r' && text === 'null') return ['', '']
  return text.length <= MAX_INLINE ? [letter + text, ''] : [letter.toUpperCase(), text]
}

/** Completions of one attempt number in one line: the plainest way for most of what a busy worker settles. */
export interface Group {
  readonly attempt: number
  readonly line: string
  readonly completions: Completion[]
}

export type Completion = Extract<Settlement, { outcome: 'complete' }>

/** Whether the result stands in the record itself. */
export function isSmall({ result }: Completion): boolean {
  return result.length <= MAX_INLINE
}

/** As `turn-plain.lua` takes it, which knows the line: attempt, then the completions. */
export function plainGroupItems({ attempt, completions }: Group): readonly (string | number)[] {
  return [attempt, ...completionItems(completions)]
}

/** As `turn.lua` takes it: attempt, line, then the completions. */
export function groupItems({ attempt, line, completions }: Group): readonly (string | number)[] {
  return [attempt, line, ...completionItems(completions)]
}

/** Ids one behind the other, how many outcomes follow, and these; none if no handler returned anything. */
function completionItems(completions: readonly Completion[]): readonly (string | number)[] {
  let ids = ''
  let isEmpty = true
  for (const { id, result } of completions) {
    ids += shortId(id)
    if (result !== 'null') isEmpty = false
  }
  if (isEmpty) return [ids, 0]
  const items: (string | number)[] = [ids, completions.length]
  for (const { result } of completions) items.push(shownOf('r', result)[0])
  return items
}

/** As `turn.lua` takes it: id, attempt, whether it lives, what it reports. */
export function touchItems({ id, attempt, alive = true, progress = '' }: Touch): readonly (string | number)[] {
  return [shortId(id), fenceText(attempt), alive ? 1 : 0, withoutControls(progress)]
}

export function sizeOf(settlement: Settlement): number {
  if (settlement.outcome === 'complete') return settlement.result.length
  return settlement.outcome === 'fail' ? settlement.error.length : 0
}

/** As many as one script gets of these are never too much for it. */
export function isTiny(settlement: Settlement): boolean {
  return sizeOf(settlement) <= MAX_INLINE
}
