import type { Claim, TaskRecord, TurnAnswer, TurnRequest } from '@millrace/core'
import { chunks, MAX_IDS } from './chunks.ts'
import { promoteRest } from './promote-rest.ts'
import type { Entry } from './entries.ts'
import { lineName } from './keys.ts'
import { lessTaken } from './less-taken.ts'
import { isTiny, sizeOf, sizeOfLog, type Spoil } from './turn-items.ts'
import { runPlainly } from './turn-plain.ts'
import { runStep, type Step, type StepAnswer, type StepClaim, type TurnPlace } from './turn-step.ts'

/** Expired on the way by one turn; then it answers, however little it took. */
const MOST_EXPIRED = 1_000

/** One script call; several if there is more to settle, to touch or to claim than one script takes. */
export async function turn(place: TurnPlace, request: TurnRequest): Promise<TurnAnswer> {
  const answers: StepAnswer[] = []
  const steps = stepsOf(request)
  for (const step of steps) answers.push(await runPlainly(place, request, step))
  if (request.claim !== undefined) answers.push(...(await claimOn(place, request, request.claim, answers.at(-1))))
  const answer = joined(answers)
  const spoiled = answer.entries.filter(({ isReadable }) => !isReadable)
  if (spoiled.length > 0) await setAside(place, request, spoiled)
  return answerOf(place, request, answer)
}

/** Several answers as one, that of the last script but for what each did. */
function joined(answers: readonly StepAnswer[]): StepAnswer {
  const last = answers.at(-1)
  if (last === undefined) throw new TypeError('a turn has at least one step')
  if (answers.length === 1) return last
  return {
    ...last,
    settled: answers.flatMap(({ settled }) => settled),
    expired: answers.flatMap(({ expired }) => expired),
    lost: answers.flatMap(({ lost }) => lost),
    cancelled: answers.flatMap(({ cancelled }) => cancelled),
    unknown: answers.flatMap(({ unknown }) => unknown),
    entries: answers.flatMap(({ entries }) => entries),
  }
}

function answerOf(place: TurnPlace, request: TurnRequest, answer: StepAnswer): TurnAnswer {
  const records: TaskRecord[] = []
  for (const { record, isReadable } of answer.entries) {
    if (!isReadable || record === null) continue
    records.push(record)
    place.held.hold(record.id, lineName(record))
  }
  const { settled, more, nextDueAt, expired, lost, cancelled, now } = answer
  const unknown = answer.unknown.length === 0 ? [] : unmentioned(answer.unknown, request)
  return { settled, records, more, nextDueAt, expired, lost, cancelled, unknown, now }
}

function unmentioned(unknown: TurnAnswer['unknown'], { settlements = [], touches = [] }: TurnRequest) {
  const known = new Set([...settlements, ...touches].map(({ id }) => id))
  return unknown.filter(({ id }) => !known.has(id))
}

/** Settling and beating in pieces; the last one claims as well. */
function stepsOf({ settlements = [], touches = [], claim }: TurnRequest): readonly Step[] {
  const first = claim === undefined ? null : firstClaim(claim)
  // What a busy worker sends again and again.
  if (touches.length === 0 && settlements.length <= MAX_IDS && settlements.every(isTiny))
    return [{ settlements, touches, claim: first, isLast: true }]
  const pieces = chunks([...settlements, ...touches], (one) =>
    'outcome' in one ? sizeOf(one) : (one.progress?.length ?? 0) + sizeOfLog(one.log),
  )
  const all = pieces.length === 0 ? [[]] : pieces
  return all.map((piece, i) => ({
    settlements: piece.filter((one) => 'outcome' in one),
    touches: piece.filter((one) => !('outcome' in one)),
    claim: i === all.length - 1 ? first : null,
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
  let [last, expired, looked] = [first, 0, 0]
  let left = 'ids' in claim ? 0 : claim.limit
  let lines = start.lines
  while (last !== undefined) {
    const taken = last.entries.length
    left -= taken
    expired += last.expired.length
    looked += last.dealt
    if (last.isHeldUp) await promoteRest(place.caller, lines)
    if (last.resent === '') lines = lessTaken(lines, last.entries)
    const isOver =
      last.resent === ''
        ? 'ids' in claim
          ? looked >= claim.ids.length || last.dealt === 0
          : left <= 0 || !last.hasRest || (last.dealt === 0 && !last.isHeldUp) || expired >= MOST_EXPIRED
        : last.resent === 'last'
    if (isOver) return answers
    const next: StepClaim = {
      mode: start.mode,
      part: last.parts,
      limit: Math.min(Math.max(left, 0), MAX_IDS),
      lines,
      ids: 'ids' in claim ? claim.ids.slice(looked, looked + MAX_IDS) : [],
    }
    last = await runStep(
      place,
      { ...request, presence: undefined },
      { settlements: [], touches: [], claim: next, isLast: false },
    )
    answers.push(last)
  }
  return answers
}

/** What was claimed and cannot be read fails as it is, so that nobody meets it again. */
async function setAside(place: TurnPlace, request: TurnRequest, entries: readonly Entry[]): Promise<void> {
  const quiet = { ...request, presence: undefined }
  const spoils = entries.map(({ id, attempt }): Spoil => ({ outcome: 'spoil', id, attempt }))
  for (const settlements of chunks(spoils))
    await runStep(place, quiet, { settlements, touches: [], claim: null, isLast: false })
}
