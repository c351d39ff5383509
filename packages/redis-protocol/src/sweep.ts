import { EXPIRED, POISON, STALE, TERMINAL_STATUSES, type SweepRequest, type SweepResult } from '@millrace/core'
import type { Caller } from './caller.ts'
import { MAX_IDS } from './chunks.ts'
import { linesMatching } from './known-lines.ts'
import { sweep as script } from './scripts.generated.ts'
import { idsIn } from './short-id.ts'

/** Lines that one script walks. */
const LINES_AT_ONCE = 32

const ERRORS = {
  stale: `e${JSON.stringify(STALE)}`,
  poison: `e${JSON.stringify(POISON)}`,
  expired: `e${JSON.stringify(EXPIRED)}`,
} as const

const NOTHING: SweepResult = { requeued: [], failed: [], handlerNeeded: [], expired: [], removed: [], more: false }

/** One step of a duty: script after script until its limit is reached, or no line has anything left. */
export async function sweep(caller: Caller, request: SweepRequest & { readonly limit: number }): Promise<SweepResult> {
  const lines = turned(await linesMatching(caller, { queues: request.queues }))
  let result = NOTHING
  let left = request.limit
  let forgets = request.what === 'stale' && request.queues === undefined
  for (let from = 0; from === 0 || from < lines.length; from += LINES_AT_ONCE) {
    const some = lines.slice(from, from + LINES_AT_ONCE)
    // Keys belong to no line: they come behind all of them.
    const forgetsWindows = from + LINES_AT_ONCE >= lines.length && request.queues === undefined
    for (let more = true; more && !result.more;) {
      const limit = Math.min(left, MAX_IDS)
      const { dealt, ...done } = await step(caller, request, { lines: some, limit, forgets, forgetsWindows })
      forgets = false
      left -= dealt
      more = done.more && dealt > 0
      result = merged(result, { ...done, more: done.more && left === 0 })
    }
    if (result.more) return result
  }
  return result
}

/** Begins anywhere: where each step reaches its limit, lines that always came last would never have their turn. */
function turned(lines: readonly string[]): readonly string[] {
  const start = Math.floor(Math.random() * Math.ceil(lines.length / LINES_AT_ONCE)) * LINES_AT_ONCE
  return [...lines.slice(start), ...lines.slice(0, start)]
}

interface Step {
  readonly lines: readonly string[]
  readonly limit: number
  readonly forgets: boolean
  readonly forgetsWindows: boolean
}

/** `dealt`: also those that only left an index. */
async function step(
  caller: Caller,
  request: SweepRequest,
  { lines, limit, forgets, forgetsWindows }: Step,
): Promise<SweepResult & { readonly dealt: number }> {
  const { main } = await caller.run(script, {
    args: {
      now: caller.now,
      prefix: caller.keys.prefix,
      what: request.what,
      age: ageOf(request),
      limit,
      forgets: forgets ? 1 : 0,
      ...ERRORS,
      windows: request.what === 'finished' && forgetsWindows ? 1 : 0,
      statuses: request.what === 'finished' ? [...new Set(request.statuses ?? TERMINAL_STATUSES)].join(' ') : '',
    },
    lines,
  })
  const [requeued = '', failed = '', handlerNeeded = '', expired = '', removed = '', more = '', dealt = ''] =
    main.split('\u001d')
  return {
    requeued: idsIn(requeued),
    failed: idsIn(failed),
    handlerNeeded: idsIn(handlerNeeded),
    expired: idsIn(expired),
    removed: idsIn(removed),
    more: more === '1',
    dealt: Number(dealt),
  }
}

/** What is younger is none of the duty's business. A deadline itself is not too late yet. */
function ageOf(request: SweepRequest): number {
  if (request.what === 'stale') return request.staleAfterMs
  return request.what === 'finished' ? request.olderThanMs : 0
}

function merged(a: SweepResult, b: SweepResult): SweepResult {
  return {
    requeued: [...a.requeued, ...b.requeued],
    failed: [...a.failed, ...b.failed],
    handlerNeeded: [...a.handlerNeeded, ...b.handlerNeeded],
    expired: [...a.expired, ...b.expired],
    removed: [...a.removed, ...b.removed],
    more: b.more,
  }
}
