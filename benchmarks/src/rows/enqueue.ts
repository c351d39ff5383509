import { TOGETHER, type Crew } from '../crew.ts'
import type { Timing } from '../orders.ts'
import type { Values } from '../sample.ts'
import { between } from '../server-meter.ts'
import type { Case, Row } from './row.ts'

const BYTES = 100

export const enqueueRow: Row = {
  name: 'enqueue',
  title: 'Enqueue',
  method: `One producer process: each enqueue awaited before the next; ${TOGETHER} enqueues started in one tick and awaited together; the peer's own call for many, 500 at a time.`,
  cases: ({ enqueue: { oneByOne, together, bulk } }) => [
    enqueueing('awaited one by one', oneByOne, (crew) => crew.enqueueOneByOne({ count: oneByOne, bytes: BYTES })),
    enqueueing('concurrent in one tick', together, (crew) => crew.enqueueTogether({ count: together, bytes: BYTES })),
    enqueueing('bulk', bulk, (crew) => crew.enqueueMany({ count: bulk, bytes: BYTES })),
  ],
}

function enqueueing(label: string, count: number, act: (crew: Crew) => Promise<Timing>): Case {
  return {
    label,
    async measure(crew): Promise<Values> {
      await crew.open()
      const before = await crew.meter.read()
      const { ms, cpuUs } = await act(crew)
      const server = between(before, await crew.meter.read())
      const { pending } = await crew.counts()
      await crew.close()
      if (pending !== count) throw new Error(`${count} were enqueued, but ${pending} are pending`)
      return {
        rate: (count / ms) * 1_000,
        serverUs: server.cpuUs / count,
        nodeUs: cpuUs / count,
        commands: server.commands / count,
        roundTrips: server.arrivals / count,
      }
    },
  }
}
