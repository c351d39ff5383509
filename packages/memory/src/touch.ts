import { STATUS, type Touch } from '@millrace/core'
import { noteDown } from './log.ts'
import { change, letGo } from './move.ts'
import type { Namespace } from './namespace.ts'
import { instantOf, isHeld } from './row.ts'

export interface Touched {
  readonly lost: readonly string[]
  readonly cancelled: readonly string[]
}

/**
 * Signs of life. Who is declared dead (`alive: false`) can be recovered at once, until a later sign of life; a cancelled record is let
 * go of by that. Answers with what the toucher no longer holds and with what it should stop.
 */
export function touchAll(namespace: Namespace, touches: readonly Touch[], now: number): Touched {
  const lost: string[] = []
  const cancelled: string[] = []
  for (const { id, attempt, alive = true, progress, log } of touches) {
    const row = namespace.readable(id)
    if (row === null || (attempt !== 'any' && attempt !== row.attempt)) {
      lost.push(id)
    } else if (row.status === STATUS.running) {
      noteDown(namespace, row, { log, now })
      change(namespace, row, {
        heartbeatAt: alive ? instantOf(row, now) : null,
        ...(progress === undefined ? {} : { progress }),
      })
    } else if (isHeld(row)) {
      noteDown(namespace, row, { log, now })
      cancelled.push(id)
      if (alive) change(namespace, row, { heartbeatAt: Math.max(row.heartbeatAt ?? 0, now) })
      else letGo(namespace, row)
    } else {
      lost.push(id)
    }
  }
  return { lost, cancelled }
}
