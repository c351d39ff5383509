import type { TurnAnswer, TurnRequest } from '@millrace/core'
import { claimFor } from './claim.ts'
import type { Namespace } from './namespace.ts'
import { actOnEach } from './outcome.ts'
import { present } from './presence.ts'
import { settle } from './settle.ts'
import { unknownTo } from './slot.ts'
import { touchAll } from './touch.ts'

/** Settles, beats, tells what the worker does not know of, claims, and registers: in this order, at one instant. */
export function turn(namespace: Namespace, request: TurnRequest, now: number): TurnAnswer {
  const { workerId, settlements = [], touches = [], presence } = request
  const settled = actOnEach({ namespace, now }, settlements, (one) => settle(namespace, one, now))
  const touched = touchAll(namespace, touches, now)
  const unknown = unknownTo(namespace, request)
  const claimed = claimFor(namespace, request, now)
  if (presence !== undefined) present(namespace, { workerId, presence }, now)
  return { settled, ...touched, unknown, ...claimed, now }
}
