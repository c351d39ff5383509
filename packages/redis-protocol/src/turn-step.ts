import {
  EXPIRED, type ActResult, type ClaimLine, type HeldAttempt, type Presence, type Settlement, type Touch, type TurnRequest,
} from '@millrace/core' // prettier-ignore
import { readActs } from './acts.ts'
import type { Caller } from './caller.ts'
import { readEntries, type Entry } from './entries.ts'
import type { HeldLines } from './held-lines.ts'
import { lineName } from './keys.ts'
import { turn as script } from './scripts.generated.ts'
import { idsIn, longId, shortId } from './short-id.ts'
import { groupItems, isSmall, settlementItems, touchItems, type Group, type Spoil } from './turn-items.ts'

/** A claim's reply stops growing here; the turn goes on with another script. */
export const MAX_REPLY_BYTES = 262_144

const EXPIRED_TEXT = `e${JSON.stringify(EXPIRED)}`

export interface TurnPlace {
  readonly caller: Caller
  readonly held: HeldLines
}

/** What one script of a turn is asked for. */
export interface Step {
  readonly settlements: readonly (Settlement | Spoil)[]
  readonly touches: readonly Touch[]
  readonly claim: StepClaim | null
  readonly isLast: boolean
}

export interface StepClaim {
  readonly mode: 'ids' | 'lines' | 'listed'
  readonly part: number
  readonly limit: number
  readonly lines: readonly ClaimLine[]
  readonly ids: readonly string[]
}

/** What one script answered. */
export interface StepAnswer {
  readonly now: number
  readonly settled: readonly ActResult[]
  readonly lost: readonly string[]
  readonly cancelled: readonly string[]
  readonly unknown: readonly HeldAttempt[]
  readonly more: boolean
  /** Behind what it dealt with there are others, if only overdue ones. */
  readonly hasRest: boolean
  /** More has fallen due on its lines than one script brings into order, so it took nothing. */
  readonly isHeldUp: boolean
  readonly nextDueAt: number | null
  readonly expired: readonly string[]
  readonly resent: '' | 'more' | 'last'
  /** Entries that were taken or put out of the way, or ids that were looked at: without any, asking again is in vain. */
  readonly dealt: number
  /** Parts of the claim that are remembered by now, and were answered. */
  readonly parts: number
  readonly entries: readonly Entry[]
}

/** One script call of a turn, whatever it is asked for. */
export async function runStep({ caller, held }: TurnPlace, request: StepRequest, step: Step): Promise<StepAnswer> {
  const { settlements, touches, claim, isLast } = step
  const { groups, others } = sorted(settlements, held)
  const claimLines = claim?.lines ?? []
  const claimItems =
    claim?.mode === 'ids' ? claim.ids.map(shortId) : claimLines.flatMap((line) => [lineName(line), line.limit ?? ''])
  const acted = [...others, ...touches].map(({ id }) => id)
  const answer = await caller.runOnLines(script, {
    args: {
      now: caller.now,
      prefix: caller.keys.prefix,
      expired: EXPIRED_TEXT,
      worker: request.workerId,
      slot: request.slot,
      nonce: request.nonce,
      part: claim?.part ?? 0,
      presence: isLast ? presenceText(request.presence) : '',
      listsHeld: isLast && request.touches !== undefined ? 1 : 0,
      claim: claim?.mode ?? '',
      limit: claim?.limit ?? 0,
      promotes: isLast ? 1 : 0,
      maxBytes: MAX_REPLY_BYTES,
      groupCount: groups.length,
      settlementCount: others.length,
      touchCount: touches.length,
      claimCount: claim?.mode === 'ids' ? claim.ids.length : claimLines.length,
    },
    lines: [...new Set([...claimLines.map(lineName), ...groups.map(({ line }) => line), ...held.of(acted)])],
    items: [
      ...groups.flatMap(groupItems),
      ...others.flatMap(settlementItems),
      ...touches.flatMap(touchItems),
      ...claimItems,
    ],
  })
  const read = readStep(answer, [...groups.flatMap(({ completions }) => completions), ...others], claim?.part ?? 0)
  for (const { id } of settlements) held.letGo(id)
  for (const id of read.lost) held.letGo(id)
  return { ...read, settled: inOrder(read.settled, settlements) }
}

/** Completions of what is known to be in one line, and everything else. */
export function sorted(
  settlements: Step['settlements'],
  held: HeldLines,
): { readonly groups: readonly Group[]; readonly others: Step['settlements'] } {
  const groups = new Map<string, Group>()
  const others: (Settlement | Spoil)[] = []
  const seen = new Set<string>()
  let last: Group | undefined
  for (const one of settlements) {
    const line = held.get(one.id)
    const isFirst = seen.size < seen.add(one.id).size
    if (one.outcome !== 'complete' || line === undefined || !isSmall(one) || one.attempt === 'any' || !isFirst) {
      others.push(one)
      continue
    }
    if (last?.attempt !== one.attempt || last.line !== line) last = groupOf(groups, one.attempt, line)
    last.completions.push(one)
  }
  return { groups: [...groups.values()], others }
}

function groupOf(groups: Map<string, Group>, attempt: number, line: string): Group {
  const name = `${attempt} ${line}`
  const group = groups.get(name) ?? { attempt, line, completions: [] }
  groups.set(name, group)
  return group
}

/** The answers in the order of the requests; of several for one record, each has its own. */
export function inOrder(answers: readonly ActResult[], settlements: Step['settlements']): readonly ActResult[] {
  if (answers.every(({ id }, i) => id === settlements[i]?.id)) return answers
  const byId = Map.groupBy(answers, ({ id }) => id)
  return settlements.map(({ id }) => byId.get(id)?.shift()).filter((answer) => answer !== undefined)
}

/** What every script of a turn gets of the request. */
export type StepRequest = Pick<TurnRequest, 'workerId' | 'slot' | 'nonce' | 'touches'> & {
  readonly presence?: Presence | null | undefined
}

/** How often it shows itself, which scripts have to know, and what it says of itself. '-' is goodbye. */
function presenceText(presence: Presence | null | undefined): string {
  if (presence === undefined) return ''
  if (presence === null) return '-'
  const { host, pid, concurrency, lines, everyMs } = presence
  return `${everyMs ?? 0} ${JSON.stringify({ host, pid, concurrency, lines, everyMs })}`
}

function readStep(
  { main, extras }: { readonly main: string; readonly extras: readonly string[] },
  settlements: readonly { readonly id: string }[],
  part: number,
): StepAnswer {
  const [
    at = '',
    letters = '',
    lost = '',
    cancelled = '',
    unknown = '',
    more = '',
    due = '',
    expired = '',
    resent = '',
    dealt = '',
    stored = '',
  ] = main.split('\u001d')
  const now = Number(at)
  const entries = readEntries(stored, extras, now)
  // Of a part that is resent, everything may have been taken back meanwhile: it was answered all the same.
  const isAnswered = entries.length > 0 || resent !== ''
  return {
    now,
    settled: readActs(
      letters,
      settlements.map(({ id }) => id),
    ),
    lost: idsIn(lost),
    cancelled: idsIn(cancelled),
    unknown: attemptsIn(unknown),
    more: more === '1',
    hasRest: more !== '0',
    isHeldUp: more === 'p',
    nextDueAt: due === '' ? null : Number(due),
    expired: idsIn(expired),
    resent: resent === 'more' || resent === 'last' ? resent : '',
    dealt: Number(dealt),
    parts: part + (isAnswered ? 1 : 0),
    entries,
  }
}

function attemptsIn(text: string): readonly HeldAttempt[] {
  const words = text === '' ? [] : text.split(' ')
  return words.flatMap((short, i) =>
    i % 2 === 0 ? [{ id: longId(short) ?? short, attempt: Number(words[i + 1]) }] : [],
  )
}
