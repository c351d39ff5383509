import {
  createIdMaker,
  manualClock,
  type HeldAttempt,
  type KeyReference,
  type ManualClock,
  type TaskRequest,
  type TurnRequest,
} from '@millrace/core'
import { randomOf, type Random } from './random.ts'

export const TASKS = ['mail.send', 'image.resize'] as const
export const QUEUES = ['default', 'mail', 'bulk'] as const
export const PLACES = ['local', 'remote'] as const
export const WORKERS = ['w1', 'w2', 'w3'] as const
export const KEYS = ['a', 'b', 'tab\tand "quote"', 'ключ'] as const

/** What the commands of one run know of: they are made from what was answered before. */
export interface World {
  readonly random: Random
  readonly clock: ManualClock
  readonly makeId: () => string
  readonly requests: TaskRequest[]
  /** What somebody holds or held; the latest last. */
  readonly attempts: HeldAttempt[]
  /** The last turn of each slot. */
  readonly turns: Map<string, TurnRequest>
  makeNonce(): string
}

/** Of what was claimed earlier, so many are remembered. */
const REMEMBERED = 400

export function worldOf(seed: number): World {
  const clock = manualClock()
  let nonces = 0
  return {
    random: randomOf(seed),
    clock,
    makeId: createIdMaker(clock),
    requests: [],
    attempts: [],
    turns: new Map(),
    makeNonce: () => `n${nonces++}`,
  }
}

export function remember(world: World, records: readonly HeldAttempt[]): void {
  world.attempts.push(...records.map(({ id, attempt }) => ({ id, attempt })))
  world.attempts.splice(0, Math.max(0, world.attempts.length - REMEMBERED))
}

export function idsOf({ requests }: World): readonly string[] {
  return [...new Set(requests.map(({ id }) => id))]
}

export function keyReferences(): readonly KeyReference[] {
  return KEYS.flatMap((key): KeyReference[] => [
    { scope: 'namespace', key },
    ...TASKS.map((taskName): KeyReference => ({ scope: 'task', taskName, key })),
  ])
}
