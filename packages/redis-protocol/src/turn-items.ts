import { MAX_LOG_BYTES, type Note, type Settlement, type Touch } from '@millrace/core'
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

/** As `turn.lua` takes it: id, attempt, outcome, what the record shows, what lies aside, a delay, what it reported last, what was written down. */
export function settlementItems(settlement: Settlement | Spoil): readonly (string | number)[] {
  const { id, attempt, outcome } = settlement
  const { progress = '', log } = settlement.outcome === 'spoil' ? NOTHING_SAID : settlement
  return [shortId(id), fenceText(attempt), outcome, ...outcomeOf(settlement), withoutControls(progress), logText(log)]
}

const NOTHING_SAID: Pick<Settlement, 'progress' | 'log'> = {}

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

/** Whether there is nothing but a result, and that stands in the record itself. */
export function isSmall({ result, progress, log }: Completion): boolean {
  return result.length <= MAX_INLINE && progress === undefined && log === undefined
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
  for (const completion of completions) items.push(outcomeText(completion))
  return items
}

/** What the record of a small completion shows. */
export function outcomeText({ result }: Completion): string {
  return shownOf('r', result)[0]
}

/** As `turn.lua` takes it: id, attempt, whether it lives, what it reports, what was written down. */
export function touchItems({ id, attempt, alive = true, progress = '', log }: Touch): readonly (string | number)[] {
  return [shortId(id), fenceText(attempt), alive ? 1 : 0, withoutControls(progress), logText(log)]
}

/** One entry a line: number, how many ms ago, JSON text. */
function logText(log: readonly Note[] = []): string {
  return log.map(({ number, agoMs, text }) => `${number} ${agoMs} ${withoutControls(text)}`).join('\n')
}

export function sizeOf(settlement: Settlement): number {
  const { outcome, progress, log } = settlement
  const text = outcome === 'complete' ? settlement.result : outcome === 'fail' ? settlement.error : ''
  const size = progress === undefined ? text.length : text.length + progress.length
  return log === undefined ? size : size + sizeOfLog(log)
}

/** What was written down is filed entry by entry behind what is there, which is read and written for it, as much as there may be. */
export function sizeOfLog(log: readonly Note[] = []): number {
  return log.reduce((size, { text }) => size + text.length + NOTE_SIZE, log.length === 0 ? 0 : 2 * MAX_LOG_BYTES)
}

/** An entry takes a script as long as a value of this size. */
const NOTE_SIZE = 1_024

/** As many as one script gets of these are never too much for it. */
export function isTiny(settlement: Settlement): boolean {
  return sizeOf(settlement) <= MAX_INLINE
}
