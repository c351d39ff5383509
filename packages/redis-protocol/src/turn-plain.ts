import { STATUS, type ActResult } from '@millrace/core'
import type { Caller } from './caller.ts'
import { readClaimed } from './entries.ts'
import { lineName } from './keys.ts'
import { garbled } from './server-error.ts'
import { turnPlain as script } from './scripts.generated.ts'
import { lessTaken } from './less-taken.ts'
import { plainGroupItems, type Group } from './turn-items.ts'
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
  const first = await runPlain(place.caller, request, work)
  for (const { id } of step.settlements) if (!first.left.has(id)) place.held.letGo(id)
  if (first.left.size === 0 && !first.mustGoOn) return { ...first, settled: inOrder(first.settled, step.settlements) }
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
  const lines = new Set([...groups.map((group) => group.line), ...(claimed === undefined ? [] : [lineName(claimed)])])
  const [line] = lines
  if (others.length > 0 || line === undefined || lines.size > 1) return null
  // Behind a limit of the line itself there is nothing more for this worker.
  if (claim !== null && (claimed?.limit ?? Infinity) <= claim.limit) return null
  return { line, groups, limit: claim === null ? null : claim.limit }
}

/** What the script says of a completion that it left. */
const LEFT = '--'

interface PlainAnswer extends StepAnswer {
  /** Ids of the records that were left. */
  readonly left: ReadonlySet<string>
  /** The claim has to be gone on with. */
  readonly mustGoOn: boolean
}

async function runPlain(
  caller: Caller,
  request: StepRequest,
  { line, groups, limit }: PlainWork,
): Promise<PlainAnswer> {
  const { main, extras } = await caller.run(script, {
    args: {
      now: caller.now,
      prefix: caller.keys.prefix,
      worker: request.workerId,
      slot: request.slot,
      nonce: request.nonce,
      limit: limit ?? '',
      maxBytes: MAX_REPLY_BYTES,
      groupCount: groups.length,
    },
    lines: [line],
    items: groups.flatMap(plainGroupItems),
  })
  const [at = '', letters = '', rest = '', more = '', due = '', ids = ''] = main.split('\u001d')
  const now = Number(at)
  const entries = readClaimed(ids, extras, now)
  const left = new Set<string>()
  const settled: ActResult[] = []
  for (const { completions } of groups) {
    for (const { id } of completions) {
      if (letters.startsWith(LEFT, 2 * (settled.length + left.size))) left.add(id)
      else settled.push({ id, outcome: 'ok', status: STATUS.completed })
    }
  }
  if (letters.length !== 2 * (settled.length + left.size)) throw garbled()
  return {
    now,
    settled,
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
