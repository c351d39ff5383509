import {
  EXPIRED, type ActResult, type Claim, type ClaimLine, type HeldAttempt, type Presence, type Settlement, type Touch, type TurnAnswer,
  type TurnRequest,
} from '@millrace/core' // prettier-ignore
import { readActs } from './acts.ts'
import type { Caller } from './caller.ts'
import { chunks, MAX_IDS } from './chunks.ts'
import { readEntries, type Entry } from './entries.ts'
import type { HeldLines } from './held-lines.ts'
import { lineName } from './keys.ts'
import { turn as script } from './scripts.generated.ts'
import { idsIn, longId, shortId } from './short-id.ts'
import { groupItems, isSmall, settlementItems, sizeOf, touchItems, type Group, type Spoil } from './turn-items.ts'

/** A claim's reply stops growing here; the turn goes on with another script. */
const MAX_REPLY_BYTES = 262_144
/** Expired on the way by one turn; then it answers, however little it took. */
const MOST_EXPIRED = 1_000

const EXPIRED_TEXT = `e${JSON.stringify(EXPIRED)}`

export interface TurnPlace {
  readonly caller: Caller
  readonly held: HeldLines
}

/** What one script of a turn is asked for. */
interface Step {
  readonly settlements: readonly (Settlement | Spoil)[]
  readonly touches: readonly Touch[]
  readonly claim: StepClaim | null
  readonly isLast: boolean
}

interface StepClaim {
  readonly mode: 'ids' | 'lines' | 'listed'
  readonly part: number
  readonly limit: number
  readonly lines: readonly ClaimLine[]
  readonly ids: readonly string[]
}

/** What one script answered. */
interface StepAnswer {
  readonly now: number
  readonly settled: readonly ActResult[]
  readonly lost: readonly string[]
  readonly cancelled: readonly string[]
  readonly unknown: readonly HeldAttempt[]
  readonly more: boolean
  readonly nextDueAt: number | null
  readonly expired: readonly string[]
  readonly resent: '' | 'more' | 'last'
  /** Entries that were taken or put out of the way: without any, asking again is in vain. */
  readonly dealt: number
  readonly entries: readonly Entry[]
}

/** One script call; several if there is more to settle, to touch or to claim than one script takes. */
export async function turn(place: TurnPlace, request: TurnRequest): Promise<TurnAnswer> {
  const answers: StepAnswer[] = []
  const steps = stepsOf(request)
  for (const step of steps) answers.push(await runStep(place, request, step))
  if (request.claim !== undefined) answers.push(...(await claimOn(place, request, request.claim, answers.at(-1))))
  const records = await readable(
    place,
    request,
    answers.flatMap(({ entries }) => entries),
  )
  for (const record of records) place.held.hold(record.id, lineName(record))
  const known = new Set([...(request.settlements ?? []), ...(request.touches ?? [])].map(({ id }) => id))
  const last = answers.at(-1)
  return {
    settled: answers.flatMap(({ settled }) => settled),
    records,
    more: last?.more ?? false,
    nextDueAt: last?.nextDueAt ?? null,
    expired: answers.flatMap(({ expired }) => expired),
    lost: answers.flatMap(({ lost }) => lost),
    cancelled: answers.flatMap(({ cancelled }) => cancelled),
    unknown: answers.flatMap(({ unknown }) => unknown).filter(({ id }) => !known.has(id)),
    now: last?.now ?? 0,
  }
}

/** Settling and beating in pieces; the last one claims as well. */
function stepsOf({ settlements = [], touches = [], claim }: TurnRequest): readonly Step[] {
  const pieces = chunks([...settlements, ...touches], (one) => ('outcome' in one ? sizeOf(one) : 0))
  const all = pieces.length === 0 ? [[]] : pieces
  return all.map((piece, i) => ({
    settlements: piece.filter((one) => 'outcome' in one),
    touches: piece.filter((one) => !('outcome' in one)),
    claim: i === all.length - 1 && claim !== undefined ? firstClaim(claim) : null,
    isLast: i === all.length - 1,
  }))
}

function firstClaim(claim: Claim): StepClaim {
  if ('ids' in claim) return { mode: 'ids', part: 0, limit: 0, lines: [], ids: claim.ids.slice(0, MAX_IDS) }
  const { lines, limit, order = 'priority' } = claim
  const mode = order === 'listed' ? 'listed' : 'lines'
  return { mode, part: 0, limit: Math.min(limit, MAX_IDS), lines, ids: [] }
}

/** Goes on where one script stopped: until the limit is reached, nothing more is due, or a resend has brought all its parts. */
async function claimOn(
  place: TurnPlace,
  request: TurnRequest,
  claim: Claim,
  first: StepAnswer | undefined,
): Promise<readonly StepAnswer[]> {
  const answers: StepAnswer[] = []
  const start = firstClaim(claim)
  let [last, part, expired, ids] = [first, 0, 0, start.ids.length]
  let left = 'ids' in claim ? 0 : claim.limit
  let lines = start.lines
  while (last !== undefined) {
    const taken = last.entries.length
    left -= taken
    expired += last.expired.length
    lines = lessTaken(lines, last.entries)
    if (taken > 0) part++
    const isOver =
      last.resent === ''
        ? 'ids' in claim
          ? ids >= claim.ids.length
          : left <= 0 || !last.more || last.dealt === 0 || expired >= MOST_EXPIRED
        : last.resent === 'last'
    if (isOver) return answers
    const some = 'ids' in claim ? claim.ids.slice(ids, ids + MAX_IDS) : []
    ids += some.length
    const next: StepClaim = { mode: start.mode, part, limit: Math.min(Math.max(left, 0), MAX_IDS), lines, ids: some }
    last = await runStep(
      place,
      { ...request, presence: undefined },
      { settlements: [], touches: [], claim: next, isLast: false },
    )
    answers.push(last)
  }
  return answers
}

function lessTaken(lines: readonly ClaimLine[], entries: readonly Entry[]): readonly ClaimLine[] {
  if (lines.every(({ limit }) => limit === undefined)) return lines
  return lines.map((line) => {
    if (line.limit === undefined) return line
    const taken = entries.filter(({ record }) => record !== null && lineName(record) === lineName(line)).length
    return { ...line, limit: Math.max(0, line.limit - taken) }
  })
}

/** What was claimed and can be read. What cannot fails as it is, so that nobody meets it again. */
async function readable(
  place: TurnPlace,
  request: TurnRequest,
  entries: readonly Entry[],
): Promise<TurnAnswer['records']> {
  const records = entries.flatMap(({ record, isReadable }) => (record !== null && isReadable ? [record] : []))
  const spoiled = entries.filter(({ isReadable }) => !isReadable)
  if (spoiled.length > 0) {
    const settlements = spoiled.map(({ id, attempt }): Spoil => ({ outcome: 'spoil', id, attempt }))
    const quiet = { ...request, presence: undefined }
    for (const piece of chunks(settlements))
      await runStep(place, quiet, { settlements: piece, touches: [], claim: null, isLast: false })
  }
  return records
}

async function runStep({ caller, held }: TurnPlace, request: TurnStepRequest, step: Step): Promise<StepAnswer> {
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
  const read = readStep(answer, [...groups.flatMap(({ completions }) => completions), ...others])
  for (const { id } of settlements) held.letGo(id)
  for (const id of read.lost) held.letGo(id)
  return { ...read, settled: inOrder(read.settled, settlements) }
}

/** Completions of what is known to be in one line, and everything else. */
function sorted(
  settlements: Step['settlements'],
  held: HeldLines,
): { readonly groups: readonly Group[]; readonly others: Step['settlements'] } {
  const groups = new Map<string, Group>()
  const others: (Settlement | Spoil)[] = []
  const seen = new Set<string>()
  for (const one of settlements) {
    const isFirst = !seen.has(one.id)
    seen.add(one.id)
    const line = held.get(one.id)
    if (one.outcome !== 'complete' || line === undefined || !isSmall(one) || one.attempt === 'any' || !isFirst) {
      others.push(one)
      continue
    }
    const name = `${one.attempt} ${line}`
    const group = groups.get(name) ?? { attempt: one.attempt, line, completions: [] }
    group.completions.push(one)
    groups.set(name, group)
  }
  return { groups: [...groups.values()], others }
}

/** The answers in the order of the requests; of several for one record, each has its own. */
function inOrder(answers: readonly ActResult[], settlements: Step['settlements']): readonly ActResult[] {
  const byId = Map.groupBy(answers, ({ id }) => id)
  return settlements.map(({ id }) => byId.get(id)?.shift()).filter((answer) => answer !== undefined)
}

/** What every script of a turn gets of the request. */
type TurnStepRequest = Pick<TurnRequest, 'workerId' | 'slot' | 'nonce' | 'touches'> & {
  readonly presence?: Presence | null | undefined
}

/** '-' is goodbye. */
function presenceText(presence: Presence | null | undefined): string {
  if (presence === undefined) return ''
  if (presence === null) return '-'
  const { host, pid, concurrency, lines } = presence
  return JSON.stringify({ host, pid, concurrency, lines })
}

function readStep(
  { main, extras }: { readonly main: string; readonly extras: readonly string[] },
  settlements: readonly { readonly id: string }[],
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
    nextDueAt: due === '' ? null : Number(due),
    expired: idsIn(expired),
    resent: resent === 'more' || resent === 'last' ? resent : '',
    dealt: Number(dealt),
    entries: readEntries(stored, extras, now),
  }
}

function attemptsIn(text: string): readonly HeldAttempt[] {
  const words = text === '' ? [] : text.split(' ')
  return words.flatMap((short, i) =>
    i % 2 === 0 ? [{ id: longId(short) ?? short, attempt: Number(words[i + 1]) }] : [],
  )
}
