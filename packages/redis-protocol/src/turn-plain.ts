import { STATUS, type ActResult } from '@millrace/core'
import type { Answer, Caller } from './caller.ts'
import { liesAside, readClaimed } from './entries.ts'
import { lineName } from './keys.ts'
import { garbled, leftOpen } from './server-error.ts'
import { turnOne as oneScript, turnPlain as script } from './scripts.generated.ts'
import { lessTaken } from './less-taken.ts'
import { outcomeText, plainGroupItems, type Group } from './turn-items.ts'
import { ID_LENGTH, shortId } from './short-id.ts'
import {
  inOrder, MAX_REPLY_BYTES, runStep, sorted, type Step, type StepAnswer, type StepClaim, type StepRequest, type TurnPlace,
} from './turn-step.ts' // prettier-ignore

/**
 * A step of a turn. What a busy worker does all day, completing and claiming plain records of one line, goes through a script that does only
 * that, which costs the server a fraction; what that one leaves, and everything else, goes through the one that does all.
 */
export async function runPlainly(place: TurnPlace, request: StepRequest, step: Step): Promise<StepAnswer> {
  const work = plainWork(place, request, step)
  if (work === null) return await runStep(place, request, step)
  const answer = await runPlain(place.caller, request, work)
  const first = readPlain(answer.main.endsWith(LEAVES) ? await withBodies(place.caller, answer) : answer, work, step)
  for (const { id } of step.settlements) if (!first.left.has(id)) place.held.letGo(id)
  if (first.left.size === 0 && !first.mustGoOn) return first
  const settlements = step.settlements.filter(({ id }) => first.left.has(id))
  const claim = first.mustGoOn && step.claim !== null ? lessen(step.claim, first) : null
  return merged(first, await runStep(place, request, { ...step, settlements, claim }), step)
}

/** What is left of a claim. */
function lessen(claim: StepClaim, { entries, parts }: StepAnswer): StepClaim {
  return { ...claim, part: parts, limit: claim.limit - entries.length, lines: lessTaken(claim.lines, entries) }
}

/** Both answers as one. */
function merged(first: PlainAnswer, second: StepAnswer, { settlements }: Step): StepAnswer {
  const hasClaimed = first.mustGoOn
  const { more, hasRest, nextDueAt, parts } = hasClaimed ? second : first
  return {
    ...second,
    more,
    hasRest,
    nextDueAt,
    parts,
    settled: inOrder([...first.settled, ...second.settled], settlements),
    dealt: first.dealt + second.dealt,
    entries: [...first.entries, ...second.entries],
  }
}

/** Completions of plain records, and a claim, all of one line. */
interface PlainWork {
  readonly line: string
  readonly groups: readonly Group[]
  readonly limit: number | null
}

/** null: the step asks for something else as well. */
function plainWork({ held }: TurnPlace, request: StepRequest, step: Step): PlainWork | null {
  const { settlements, touches, claim, isLast } = step
  const isQuiet = touches.length === 0 && (!isLast || (request.touches === undefined && request.presence === undefined))
  if (!isQuiet || (settlements.length === 0 && claim === null)) return null
  if (claim !== null && (claim.mode === 'ids' || claim.lines.length !== 1 || claim.part > 0)) return null
  const { groups, others } = sorted(settlements, held)
  const [claimed] = claim?.lines ?? []
  const line = claimed === undefined ? groups[0]?.line : lineName(claimed)
  if (others.length > 0 || line === undefined || groups.some((group) => group.line !== line)) return null
  // Behind a limit of the line itself there is nothing more for this worker.
  if (claim !== null && (claimed?.limit ?? Infinity) <= claim.limit) return null
  return { line, groups, limit: claim === null ? null : claim.limit }
}

interface PlainAnswer extends StepAnswer {
  /** Ids of the records that were left. */
  readonly left: ReadonlySet<string>
  /** The claim has to be gone on with. */
  readonly mustGoOn: boolean
}

/** With one completion at most, and one place to fill, it takes a script that goes over nothing. */
function runPlain(
  caller: Caller,
  { workerId: worker, slot, nonce }: StepRequest,
  { line, groups, limit }: PlainWork,
): Promise<Answer> {
  const common = { now: caller.now, prefix: caller.keys.prefix, worker, slot, nonce, limit: limit ?? '' }
  const [group] = groups
  const [completion, another] = group?.completions ?? []
  if (groups.length <= 1 && another === undefined && (limit === null || limit === 1)) {
    const [id, outcome] = completion === undefined ? ['', ''] : [shortId(completion.id), outcomeText(completion)]
    return caller.run(oneScript, { args: { ...common, attempt: group?.attempt ?? '', id, outcome }, lines: [line] })
  }
  const args = { ...common, maxBytes: MAX_REPLY_BYTES, groupCount: groups.length }
  return caller.run(script, { args, lines: [line], items: groups.flatMap(plainGroupItems) })
}

/** Of a reply, without the end that follows. */
const PARTS = 6
/** Its end where bodies that lie aside were left there, because they are too large for a script. */
const LEAVES = '\u001d1'

/** What was claimed is held by now, whatever becomes of the bodies. */
async function withBodies(caller: Caller, { main, extras }: Answer): Promise<Answer> {
  const ids = main.split('\u001d')[IDS] ?? ''
  const aside = extras.flatMap((text, i) => (liesAside(text) ? [ids.slice(i * ID_LENGTH, (i + 1) * ID_LENGTH)] : []))
  try {
    const bodies = await caller.texts('hmget', caller.keys.shared.bodies, ...aside)
    // A body that is lost is one that nobody has; one that was not answered is somebody's.
    if (bodies.length !== aside.length) throw garbled()
    return { main, extras: [...extras, ...bodies.map((body) => body ?? '')] }
  } catch (error) {
    throw leftOpen(error)
  }
}

/** The place of the ids in a reply. */
const IDS = 5

function readPlain({ main, extras }: Answer, { groups }: PlainWork, { settlements }: Step): PlainAnswer {
  const parts = main.split('\u001d')
  if (parts.length < PARTS) throw garbled()
  const [at = '', places = '', rest = '', more = '', due = '', ids = ''] = parts
  const now = Number(at)
  const entries = readClaimed(ids, extras, now)
  const left = leftOf(places, groups)
  const settled: ActResult[] = []
  for (const { completions } of groups)
    for (const { id } of completions) if (!left.has(id)) settled.push({ id, outcome: 'ok', status: STATUS.completed })
  return {
    now,
    settled: inOrder(settled, settlements),
    left,
    mustGoOn: rest === '1',
    lost: [],
    cancelled: [],
    unknown: [],
    more: more === '1',
    hasRest: more === '1',
    isHeldUp: false,
    nextDueAt: due === '' ? null : Number(due),
    expired: [],
    resent: '',
    dealt: entries.length,
    parts: entries.length > 0 ? 1 : 0,
    entries,
  }
}

/** Of the completions at these places, counted from 1, a space behind each. */
function leftOf(places: string, groups: readonly Group[]): ReadonlySet<string> {
  if (places === '') return NONE
  const ids = groups.flatMap(({ completions }) => completions.map(({ id }) => id))
  return new Set(
    places
      .trimEnd()
      .split(' ')
      .map((place) => ids[Number(place) - 1] ?? unknownPlace()),
  )
}

const NONE: ReadonlySet<string> = new Set()

function unknownPlace(): never {
  throw garbled()
}
