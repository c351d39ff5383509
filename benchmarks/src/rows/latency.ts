import type { Crew } from '../crew.ts'
import { timing } from '../orders.ts'
import { checkAccount } from '../processing.ts'
import type { Values } from '../sample.ts'
import { percentile } from '../statistics.ts'
import type { Row } from './row.ts'

const BYTES = 100
const CONCURRENCY = 10
/** Long enough for any of the peers to have worked off the one before. */
const IDLE_GAP_MS = 7
const HOLD_MS = 10
/** Ten handlers of 10 ms can do 1 000 a second: 500 come. */
const HALF_LOAD_GAP_MS = 2

export const latencyRow: Row = {
  name: 'latency',
  title: 'Pick-up latency',
  method: `From the call that enqueues to the start of the handler, in two processes, by the machine's monotonic clock; concurrency ${CONCURRENCY}. Idle worker: one record every ${IDLE_GAP_MS} ms, a handler that does nothing. Half load: handlers take ${HOLD_MS} ms, and half as many records come as the worker could do, at random times.`,
  cases: ({ latency: { idle, halfLoad } }) => [
    {
      label: 'idle worker',
      measure: (crew) => pickUps(crew, { count: idle, holdMs: 0, gapMs: IDLE_GAP_MS, gaps: 'equal' }),
    },
    {
      label: 'half load',
      measure: (crew) => pickUps(crew, { count: halfLoad, holdMs: HOLD_MS, gapMs: HALF_LOAD_GAP_MS, gaps: 'random' }),
    },
  ],
}

interface Load {
  readonly count: number
  readonly holdMs: number
  readonly gapMs: number
  readonly gaps: 'equal' | 'random'
}

async function pickUps(crew: Crew, { count, holdMs, ...gaps }: Load): Promise<Values> {
  await crew.open()
  await crew.startWorkers({ count, holdMs, concurrency: CONCURRENCY })
  await crew.producer.ask({ order: 'spaced', from: 0, count, bytes: BYTES, ...gaps }, timing)
  await crew.reached()
  const account = await crew.stopWorkers()
  await checkAccount(crew, account)
  await crew.close()
  return { pickUpP50: percentile(account.pickUps, 0.5), pickUpP99: percentile(account.pickUps, 0.99) }
}
