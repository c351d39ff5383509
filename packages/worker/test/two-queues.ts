import type { TurnRequest } from '@millrace/core'
import { puppet } from './harness.ts'

/** The lines of each claim, with their own limits. */
export function claimsIn(turns: readonly TurnRequest[]): readonly (readonly string[])[] {
  return turns.flatMap(({ claim }) =>
    claim === undefined || 'ids' in claim
      ? []
      : [claim.lines.map(({ queue, limit }) => (limit === undefined ? queue : `${queue}:${limit}`))],
  )
}

/** A queue with a limit of its own beside one without. */
export function two(concurrency: number) {
  const slow = puppet('demo.slow', { queue: 'slow' })
  const quick = puppet('demo.quick', { queue: 'quick' })
  return { slow, quick, tasks: [slow.task, quick.task], queues: [{ name: 'slow', concurrency }, 'quick'] }
}
