import { STATUS, type Client } from '@millrace/core'
import type { Crew } from './crew.ts'
import type { Drive } from './drive.ts'
import type { Timeline } from './timeline.ts'

export interface TravelParts {
  /** Reads, and is not seen by the traffic. */
  readonly reader: Client
  readonly timeline: Timeline
  readonly drive: Drive
  readonly crew: Crew | null
}

export interface TravelOptions {
  /** Time passes also while handlers run. */
  readonly whileRunning: boolean
  /** Called before what is due at an instant is run. */
  readonly onStop?: () => void
}

/**
 * Goes to the instant, and stops on the way wherever something falls due: a record, the deadline of one, a timer of the code under test. What is
 * due at a stop runs there, before time goes on.
 */
export async function travelTo(parts: TravelParts, instant: number, options: TravelOptions): Promise<void> {
  const { timeline, drive } = parts
  for (;;) {
    options.onStop?.()
    await drive.settle(options)
    if (timeline.clock.now() >= instant) return
    timeline.moveTo(Math.min(instant, await nextStop(parts)))
  }
}

/** Skips time until nothing is scheduled any more. */
export async function travelToTheEnd(parts: TravelParts): Promise<void> {
  const { drive, reader } = parts
  for (;;) {
    await drive.settle({ whileRunning: false })
    const { records } = await reader.list({ view: STATUS.scheduled, limit: 1 })
    const scheduledAt = records[0]?.scheduledAt ?? null
    if (scheduledAt === null) return
    await travelTo(parts, scheduledAt, { whileRunning: false })
  }
}

async function nextStop({ reader, timeline, crew }: TravelParts): Promise<number> {
  const now = timeline.clock.now()
  // While a handler runs its worker has to give signs of life at the right instants.
  let first = timeline.nextTimer(crew?.isBusy === true ? 'all' : 'own')
  for (const view of [STATUS.scheduled, STATUS.pending]) {
    for await (const { scheduledAt, expiresAt, attempt } of reader.each({ view })) {
      if (scheduledAt !== null && scheduledAt > now) first = Math.min(first, scheduledAt)
      // It may start at its deadline; it is overdue after.
      if (expiresAt !== null && attempt === 0 && expiresAt >= now) first = Math.min(first, expiresAt + 1)
    }
  }
  return first
}
