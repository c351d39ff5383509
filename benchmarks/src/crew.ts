import type { Kind } from '../../scripts/servers/kinds.mjs'
import { startAgent, type Agent } from './agents.ts'
import { account, counts, done, timing, type Account, type Timing } from './orders.ts'
import type { Counts, Place } from './peers/peer.ts'
import type { PeerName } from './peers/all-peers.ts'
import type { ServerMeter } from './server-meter.ts'

/** A peer's two processes, and the server that it has to itself as long as it is measured. */
export interface Crew {
  readonly peer: PeerName
  readonly meter: ServerMeter
  /** Of the server. */
  readonly url: string
  /** The same crew, on its way to the server through another address. */
  through(url: string): Crew
  open(queue?: string): Promise<void>
  close(): Promise<void>
  counts(): Promise<Counts>
  /** Each awaited before the next. */
  enqueueOneByOne(records: Records): Promise<Timing>
  /** So many in one tick, awaited together. */
  enqueueTogether(records: Records): Promise<Timing>
  /** By the call for many. */
  enqueueMany(records: Records & { readonly delayMs?: number }): Promise<Timing>
  readonly producer: Agent
  startWorkers(options: WorkOptions): Promise<void>
  /** Resolves when the target is reached. */
  reached(): Promise<void>
  /** Also settles what was handled. */
  stopWorkers(): Promise<Account>
}

interface Records {
  readonly from?: number
  readonly count: number
  readonly bytes: number
}

export interface WorkOptions {
  readonly queue?: string
  readonly workers?: number
  readonly concurrency: number
  readonly holdMs?: number
  readonly from?: number
  /** Records that may come. */
  readonly count: number
  /** The time is taken until so many were handled; default: all. */
  readonly target?: number
}

export interface Agents {
  readonly producer: Agent
  readonly worker: Agent
}

const QUEUE = 'bench'
/** Enqueues of one tick; what many handlers of requests do together. */
export const TOGETHER = 100
/** What one call for many carries at most: records, and bytes. */
const BULK = 500
const BULK_BYTES = 4_000_000
const PATIENCE_MS = 120_000

export async function startAgents(peer: PeerName): Promise<Agents> {
  const [producer, worker] = await Promise.all([startAgent(peer), startAgent(peer)])
  return { producer, worker }
}

export function crewOf(
  { producer, worker }: Agents,
  at: { readonly peer: PeerName; readonly kind: Kind; readonly url: string; readonly meter: ServerMeter },
): Crew {
  const { peer, kind, url, meter } = at
  const placeOf = (queue = QUEUE): Place => ({ kind, url, queue })
  return {
    peer,
    meter,
    url,
    through: (other) => crewOf({ producer, worker }, { ...at, url: other }),
    producer,
    open: async (queue) => void (await producer.ask({ order: 'open', place: placeOf(queue) }, done)),
    close: async () => void (await producer.ask({ order: 'close' }, done)),
    counts: async () => await producer.ask({ order: 'counts' }, counts),
    enqueueOneByOne: async ({ from = 0, count, bytes }) =>
      await producer.ask({ order: 'one-by-one', from, count, bytes }, timing),
    enqueueTogether: async ({ from = 0, count, bytes }) =>
      await producer.ask({ order: 'together', from, count, bytes, width: TOGETHER }, timing),
    async enqueueMany({ from = 0, count, bytes, delayMs = 0 }) {
      const width = Math.max(1, Math.min(BULK, Math.floor(BULK_BYTES / bytes)))
      return await producer.ask({ order: 'bulk', from, count, bytes, delayMs, width }, timing)
    },
    async startWorkers({ queue, workers = 1, concurrency, holdMs = 0, from = 0, count, target = count }) {
      const place = placeOf(queue)
      await worker.ask({ order: 'start', place, workers, concurrency, holdMs, from, count, target }, done)
    },
    reached: async () => void (await worker.ask({ order: 'reached', patienceMs: PATIENCE_MS }, done)),
    stopWorkers: async () => await worker.ask({ order: 'stop' }, account),
  }
}
