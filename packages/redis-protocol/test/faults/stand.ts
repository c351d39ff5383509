import { Bench, type Break } from '@millrace/conformance'
import type { Backend, TaskRecord, TaskRequest, Watch } from '@millrace/core'
import type { FaultLane } from './fault-lane.ts'

export const LARGE = 'x'.repeat(2_000)

/** A namespace with a record in every status, and with something under every key that the engine writes. */
export interface Stand {
  readonly bench: Bench
  readonly backend: Backend
  readonly records: Readonly<Record<(typeof NAMES)[number], TaskRecord>>
  readonly close: () => Promise<void>
}

const NAMES = [
  'pending', 'keyed', 'external', 'scheduled', 'due', 'overdue', 'expiring', 'running', 'reporting', 'held', 'silent', 'completed', 'large', 'failed',
  'cancelled', 'expired', 'elsewhere', 'unlisted', 'vanished',
] as const // prettier-ignore

/** What breaks here is not the suite's business. */
const UNBROKEN: Break = {
  dropConnections: () => Promise.resolve(),
  swallowNextReply: async () => async () => false,
  forgetIndex: () => Promise.resolve(),
  forgetRecord: () => Promise.resolve(),
  writeGarbage: () => Promise.resolve(),
}

const mail = { queue: 'mail' }

export async function buildStand(lane: FaultLane, url: string): Promise<Stand> {
  const bench = await Bench.open(async (options) => ({
    backend: lane.open(url, options),
    second: lane.open(url, options),
    break: UNBROKEN,
  }))
  const { clock, backend } = bench

  // Over in the end, and its record is gone.
  const keyWindowMs = backend.capabilities.resendWindowMs + 30_000
  await bench.make('completed', { ...mail, key: 'ended', keyHold: 'window', keyWindowMs })
  clock.advance(backend.capabilities.resendWindowMs + 1)
  await bench.sweepFinished()
  const completed = await bench.make('completed', mail)
  const failed = await bench.make('failed', mail)
  const cancelled = await bench.make('cancelled', mail)
  const expired = await bench.make('expired', mail)
  const { id: largeId } = await bench.enqueue(mail)
  const { attempt } = await bench.claimOne(largeId)
  await bench.settle(bench.complete(largeId, attempt, LARGE))
  clock.advance(backend.capabilities.resendWindowMs + 1)

  const silent = await bench.make('running', mail)
  clock.advance(60_000)
  const running = await bench.make('running', mail)
  const reporting = await bench.make('running', { ...mail, key: 'taken' })
  await bench.beat([bench.touch(reporting.id, 1, { progress: '{"percent":5}', log: [NOTE] })])
  const held = await bench.makeHeld(mail)
  const scheduled = await bench.make('scheduled', mail)
  const due = await bench.enqueue({ queue: 'due', delayMs: 10 })
  const overdue = await bench.enqueue({ ...mail, expiresInMs: 10 })
  const expiring = await bench.enqueue({ ...mail, expiresInMs: 1_000_000 })
  const keyed = await bench.enqueue({ ...mail, key: 'one', kwargs: { text: LARGE } })
  const elsewhere = await bench.enqueue({ ...mail, executionBackend: 'cloud' })
  const external = await bench.enqueue(mail)
  await backend.assign([{ id: external.id, attempt: 'any', executionRef: 'run-1' }])
  const unlisted = await bench.enqueue(mail)
  const vanished = await bench.enqueue({ ...mail, key: 'gone' })
  const pending = await bench.enqueue(mail)
  await backend.lease({ name: 'duty', token: 'ours', ttlMs: 1_000 })
  await bench.turn({ presence: { host: 'h', pid: 1, concurrency: 1, lines: [] } })
  clock.advance(20)
  const watch: Watch = await bench.second.watch({ ids: [pending.id, running.id] })
  return {
    bench,
    backend,
    records: {
      pending, keyed, external, scheduled, due, overdue, expiring, running, reporting, held, silent, completed, large: await bench.get(largeId),
      failed, cancelled, expired, elsewhere, unlisted, vanished,
    }, // prettier-ignore
    async close() {
      await watch.close()
      await bench.close()
    },
  }
}

const NOTE = { number: 1, agoMs: 0, text: '{"message":"half"}' }

/** The same request each time it is asked for. */
export function requestsOf({ bench, records }: Stand): Readonly<Record<'plain' | 'full' | 'rival' | 'heir' | 'next' | 'again', TaskRequest>> {
  return {
    plain: bench.request(mail),
    full: bench.request({ ...mail, delayMs: 5_000, expiresInMs: 60_000, key: 'new', kwargs: { text: LARGE } }),
    rival: bench.request({ ...mail, key: 'taken' }),
    heir: bench.request({ ...mail, key: 'one', onConflict: 'replace' }),
    next: bench.request({ ...mail, key: 'ended', keyHold: 'window', keyWindowMs: 1_000 }),
    again: bench.request({ ...mail, id: records.keyed.id, key: 'one', kwargs: { text: LARGE } }),
  }
} // prettier-ignore
