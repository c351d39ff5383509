import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './orders.ts'
import type { Payload } from './peers/peer.ts'

/** What the handlers of one run saw: each record's number, once, and how long all of it took. */
export interface Tally {
  readonly handle: (payload: Payload) => Promise<void>
  /** Resolves when the target is reached. */
  readonly reached: Promise<void>
  account(): Account
}

export interface TallyOptions {
  readonly from: number
  readonly count: number
  readonly target: number
  /** How long a handler works. */
  readonly holdMs: number
}

export function createTally({ from, count, target, holdMs }: TallyOptions): Tally {
  const seen = new Uint8Array(count)
  const pickUps: number[] = []
  const { promise: reached, resolve } = Promise.withResolvers<void>()
  let handled = 0
  let repeated = 0
  let startedAt = 0
  let endedAt = 0
  let cpuBefore = process.cpuUsage()
  let cpu = cpuBefore

  const begin = ({ i, at }: Payload): void => {
    if (at > 0) pickUps.push(now() - at)
    if (startedAt === 0) {
      startedAt = now()
      cpuBefore = process.cpuUsage()
    }
    const before = seen[i - from]
    if (before === undefined) throw new Error(`record ${i} is none of this run`)
    seen[i - from] = before + 1
    if (before > 0) repeated++
  }
  const end = (): void => {
    handled++
    if (handled !== target) return
    endedAt = now()
    cpu = process.cpuUsage(cpuBefore)
    resolve()
  }
  return {
    async handle(payload) {
      begin(payload)
      if (holdMs > 0) await sleep(holdMs)
      end()
    },
    reached,
    account: () => ({
      ms: endedAt - startedAt,
      cpuUs: cpu.user + cpu.system,
      handled,
      repeated,
      missing: Math.max(0, target - handled + repeated),
      pickUps,
    }),
  }
}

/** Of the machine's monotonic clock, so that two processes may compare. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
