import assert from 'node:assert/strict'
import { STATUSES, type TaskRecord, type TurnRequest } from '@millrace/core'
import type { Bench } from '../bench.ts'
import type { Case } from '../harness.ts'

/** A call that is made, whose reply is lost, and that is made again. */
export interface ResentCall {
  readonly what: string
  /** Sets the scene and gives the call, word for word. */
  readonly prepare: (bench: Bench) => Promise<() => Promise<unknown>>
  /** What the one effect is: records by status afterwards. */
  readonly leaves: Partial<Record<TaskRecord['status'], number>>
  /** A sweep is idempotent in effect, not in answer. */
  readonly answersDiffer?: true
  /** A heartbeat says "now", so that a later one moves it. */
  readonly atOnce?: true
}

export const KEY = { key: 'once' } as const

/** A turn with one nonce; the backend's time is left out of its answer. */
export function turning(bench: Bench, parts: Partial<TurnRequest>): () => Promise<unknown> {
  const nonce = bench.nonce()
  return async () => {
    const { now, ...answer } = await bench.turn({ nonce, ...parts })
    assert.equal(now, bench.now)
    return answer
  }
}

/** Every record of the namespace as it is. */
async function everything(bench: Bench): Promise<readonly TaskRecord[]> {
  const views = STATUSES.map((status) => bench.listAll(status, {}, bench.second))
  return (await Promise.all(views)).flat()
}

export function resent({ what, prepare, leaves, answersDiffer, atOnce }: ResentCall): Case {
  return {
    name: `${what} whose reply is lost, and that is repeated, has one effect${answersDiffer ? '' : ' and one answer'}`,
    run: async (bench) => {
      const call = await prepare(bench)
      const answer = await bench.resend(call)
      const after = await everything(bench)
      for (const status of STATUSES)
        assert.equal(after.filter((one) => one.status === status).length, leaves[status] ?? 0)
      if (!atOnce) bench.clock.advance(1_000)
      const again = await call()
      if (!answersDiffer) assert.deepEqual(again, answer)
      assert.deepEqual(await everything(bench), after)
    },
  }
}
