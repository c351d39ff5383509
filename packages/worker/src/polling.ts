import type { Clock } from '@millrace/core'

/** What a claim found. */
interface ClaimFound {
  readonly taken: number
  readonly more: boolean
  /** Until the earliest scheduled record of the lines is due; null if there is none. */
  readonly nextDueInMs: number | null
}

/** When to look for work, if there is a free slot to run it. */
export interface Polling {
  readonly dueAt: number
  /** A hint was taken, and no claim has followed it yet: another one would say nothing new. */
  readonly isHinted: boolean
  /** Hints are followed at once. */
  readonly isTrusting: boolean
  /** A claim is made now. What is hinted from here on is not what it follows. */
  asked(): void
  /** Somebody says that there is work. Believed at once, until too many in a row were false. */
  hint(): void
  answered(found: ClaimFound): void
}

export interface PollSettings {
  readonly minMs: number
  readonly maxMs: number
}

/** False hints in a row that are still followed at once; a flood of them then costs no more than polling at `minMs`. */
const MOST_FALSE_HINTS = 10

/**
 * From `minMs`, doubling up to `maxMs` while nothing is found; never later than the next due time of the lines. Work that polling finds says
 * that hints are missing, and it begins anew; work that a hint told of does not: a fleet of 200 would look for more six times each.
 */
export function createPolling({ minMs, maxMs }: PollSettings, clock: Clock): Polling {
  let dueAt = clock.now()
  let intervalMs = minMs
  let lookedAt = 0
  let isHinted = false
  /** The claim under way follows a hint. */
  let isFollowing = false
  let falseHints = 0

  /** When a hint is followed. */
  function hintedAt(): number {
    const now = clock.now()
    return falseHints < MOST_FALSE_HINTS ? now : Math.max(now, lookedAt + minMs)
  }

  return {
    get dueAt() {
      return dueAt
    },
    get isHinted() {
      return isHinted
    },
    get isTrusting() {
      return falseHints < MOST_FALSE_HINTS
    },
    asked() {
      isFollowing ||= isHinted
      isHinted = false
    },
    hint() {
      isHinted = true
      dueAt = Math.min(dueAt, hintedAt())
    },
    answered({ taken, more, nextDueInMs }) {
      const now = clock.now()
      falseHints = taken > 0 ? 0 : isFollowing ? falseHints + 1 : falseHints
      if (taken > 0 && !isFollowing) intervalMs = minMs
      isFollowing = false
      lookedAt = now
      if (taken > 0) dueAt = more ? now : now + intervalMs
      else {
        // `more` that yields nothing is not followed at once: it may say so for ever.
        dueAt = now + (more ? minMs : intervalMs)
        intervalMs = Math.min(maxMs, intervalMs * 2)
      }
      if (nextDueInMs !== null) dueAt = Math.min(dueAt, now + (nextDueInMs > 0 ? nextDueInMs : minMs))
      if (isHinted) dueAt = Math.min(dueAt, hintedAt())
    },
  }
}
