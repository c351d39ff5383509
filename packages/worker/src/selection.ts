import type { Claim, ClaimLine, Line, TaskRecord } from '@millrace/core'
import type { Held } from './held.ts'
import type { WorkerSettings } from './options.ts'
import type { Prefetched } from './prefetched.ts'
import type { QueuePlan } from './queues.ts'
import { shared } from './shares.ts'
import type { Slot } from './slot.ts'

export type LineClaim = Exclude<Claim, { readonly ids: unknown }>

/** Which lines the next claim names, in which order, and how many records of each. */
export interface Selection {
  /** Records that the queues allow together beside what is here or on its way; Infinity where one of them has no limit. */
  readonly room: number
  /**
   * A queue may have more that no hint tells of again: it was full when the last claim was made, or that claim took as much of it as it
   * might. And it has room now.
   */
  readonly isOwed: boolean
  /** Whatever comes may be claimed: no queue has a limit or a weight of its own. */
  readonly isPlain: boolean
  /** The lines that may be claimed now; undefined: all of them. What hints tell of the others is for others, or for later. */
  open(): readonly Line[] | undefined
  /** null: all queues are full. */
  claim(limit: number): LineClaim | null
  answered(claim: LineClaim, records: readonly TaskRecord[]): void
  /** The claim will not be repeated: what it named is owed again. */
  givenUp(claim: LineClaim): void
}

export interface SelectionParts {
  readonly held: Held
  readonly prefetched: Prefetched
  readonly slots: readonly Slot[]
}

export function createSelection(settings: WorkerSettings, parts: SelectionParts): Selection {
  const { lines, queues, order } = settings
  if (order !== 'weighted' && queues.every(({ most }) => most === Infinity))
    return {
      room: Infinity,
      isOwed: false,
      isPlain: true,
      open: () => undefined,
      claim: (limit) => ({ lines, limit, order }),
      answered: () => undefined,
      givenUp: () => undefined,
    }
  return createDivided(settings, parts)
}

interface Source extends QueuePlan {
  readonly line: Line
  isOwed: boolean
  /** The last claim that came so far found its end. */
  isDry: boolean
}

/** Of queues with limits or weights of their own. */
function createDivided(
  { lines, queues, order, random }: WorkerSettings,
  { held, prefetched, slots }: SelectionParts,
): Selection {
  const sources = queues.flatMap((plan, i): readonly Source[] => {
    const line = lines[i]
    return line === undefined ? [] : [{ ...plan, line, isOwed: false, isDry: false }]
  })
  const byQueue = new Map(sources.map((source) => [source.queue, source]))

  /** What of each queue is here, whatever became of its attempt, and what calls that may have been made may bring. */
  function taken(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    const add = (queue: string, count: number): void => void counts.set(queue, (counts.get(queue) ?? 0) + count)
    for (const { record } of held) add(record.queue, 1)
    for (const { queue } of prefetched) add(queue, 1)
    for (const { outstanding } of slots) {
      if (outstanding?.claim === undefined || 'ids' in outstanding.claim) continue
      const { lines: claimed, limit: most } = outstanding.claim
      for (const { queue, limit = most } of claimed) add(queue, limit)
    }
    return counts
  }

  /** Those that have room, and how much. */
  function withRoom(): readonly { readonly source: Source; readonly room: number }[] {
    const counts = taken()
    return sources
      .map((source) => ({ source, room: source.most - (counts.get(source.queue) ?? 0) }))
      .filter(({ room }) => room > 0)
  }

  function lineOf({ line }: Source, most: number, limit: number): ClaimLine {
    return most < limit ? { ...line, limit: most } : line
  }

  return {
    get room() {
      return withRoom().reduce((sum, { room }) => sum + room, 0)
    },
    get isOwed() {
      return sources.some(({ isOwed }) => isOwed) && withRoom().some(({ source }) => source.isOwed)
    },
    isPlain: false,
    open: () => withRoom().map(({ source }) => source.line),
    claim(limit) {
      const open = withRoom()
      for (const source of sources) source.isOwed = true
      for (const { source } of open) source.isOwed = false
      const [first, ...others] = open
      if (first === undefined) return null
      const inOrder = order === 'weighted' ? 'listed' : order
      // A claim of one line needs no second limit.
      if (others.length === 0) return { lines: [first.source.line], limit: Math.min(limit, first.room), order: inOrder }
      const offers = open.map(({ source, room }) => ({
        source,
        weight: source.weight,
        most: Math.min(room, limit),
        isDry: source.isDry,
      }))
      const shares =
        order === 'weighted' ? shared(offers, limit, random) : offers.map((offer) => ({ offer, limit: offer.most }))
      return { lines: shares.map((share) => lineOf(share.offer.source, share.limit, limit)), limit, order: inOrder }
    },
    answered({ lines: claimed, limit }, records) {
      const counts = new Map<string, number>()
      for (const { queue } of records) counts.set(queue, (counts.get(queue) ?? 0) + 1)
      const last = claimed.findLastIndex(({ queue }) => counts.has(queue))
      claimed.forEach(({ queue, limit: most = limit }, i) => {
        const source = byQueue.get(queue)
        if (source === undefined) return
        const count = counts.get(queue) ?? 0
        if (count === most && most < limit) source.isOwed = true
        // A line is left for the next one when it has no more, or no more that this claim might take.
        if (count === most) source.isDry = false
        else if (records.length < limit || i < last) source.isDry = true
        else if (count > 0) source.isDry = false
      })
    },
    givenUp({ lines: claimed }) {
      for (const { queue } of claimed) {
        const source = byQueue.get(queue)
        if (source !== undefined) source.isOwed = true
      }
    },
  }
}
