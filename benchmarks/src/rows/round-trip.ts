import { connect } from '../../../scripts/servers/connection.mjs'
import { startProxy } from '../../../scripts/servers/proxy.mjs'
import type { Crew } from '../crew.ts'
import { processAll, valuesOf } from '../processing.ts'
import type { Values } from '../sample.ts'
import { median } from '../statistics.ts'
import { now } from '../tally.ts'
import type { Case, Row } from './row.ts'

const BYTES = 100
const PINGS = 15

export const roundTripRow: Row = {
  name: 'round-trip',
  title: 'A longer way to the server',
  method:
    'All connections of the peer go through a proxy that holds each reply back for so long; what a round trip then really takes is measured beside it.',
  rounds: ({ longRounds }) => longRounds,
  cases: ({ roundTrip: { delays, concurrency, records, oneByOne } }) =>
    delays.flatMap((delayMs) => [
      ...concurrency.map((one) =>
        delayed(`process, c=${one}, +${delayMs} ms`, delayMs, async (crew) => {
          await crew.enqueueMany({ count: records, bytes: BYTES })
          return valuesOf(await processAll(crew, { count: records, concurrency: one }))
        }),
      ),
      delayed(`enqueue one by one, +${delayMs} ms`, delayMs, async (crew) => {
        const { ms } = await crew.enqueueOneByOne({ count: oneByOne, bytes: BYTES })
        return { addRate: (oneByOne / ms) * 1_000 }
      }),
    ]),
}

function delayed(label: string, delayMs: number, act: (crew: Crew) => Promise<Values>): Case {
  return {
    label,
    async measure(crew) {
      const proxy = await startProxy(crew.url)
      try {
        proxy.delay({ repliesMs: delayMs })
        const far = crew.through(proxy.url)
        await far.open()
        const values = await act(far)
        await far.close()
        return { ...values, rttMs: await roundTripOf(proxy.url) }
      } finally {
        await proxy.close()
      }
    },
  }
}

async function roundTripOf(url: string): Promise<number> {
  const connection = await connect(url)
  const times: number[] = []
  for (let made = 0; made < PINGS; made++) {
    const startedAt = now()
    await connection.send('PING')
    times.push(now() - startedAt)
  }
  connection.close()
  return median(times)
}
