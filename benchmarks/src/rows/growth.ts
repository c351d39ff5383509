import { countWords } from '../number-words.ts'
import { checkStop, valuesOf, workOff } from '../processing.ts'
import { between } from '../server-meter.ts'
import type { Row } from './row.ts'

const BYTES = 100
const CONCURRENCY = 50
/** Awaited one by one, with the whole backlog there. */
const ADDED = 100

export const growthRow: Row = {
  name: 'growth',
  title: 'Growth of the backlog',
  method: `As processing, at concurrency ${CONCURRENCY}, of the oldest records of a backlog; so many as the case says are still there at the end. ${ADDED} are also enqueued one by one. The worker is stopped in the middle: what it then still holds waits for another to find it. Script time: what one in a thousand scripts of these two takes at least.`,
  rounds: ({ fillRounds }) => fillRounds,
  cases: ({ growth: { backlogs, records } }) =>
    backlogs.map((backlog) => ({
      label: `${countWords(backlog)} waiting`,
      async measure(crew) {
        const filled = backlog + records - ADDED
        await crew.open()
        await crew.enqueueMany({ count: filled, bytes: BYTES })
        await crew.meter.resetCounts()
        const { ms } = await crew.enqueueOneByOne({ from: filled, count: ADDED, bytes: BYTES })
        const before = await crew.meter.read()
        const account = await workOff(crew, { count: backlog + records, target: records, concurrency: CONCURRENCY })
        const server = between(before, await crew.meter.read())
        const leftHeld = await checkStop(crew, account)
        await crew.close()
        return {
          ...valuesOf({ account, server }, records),
          addRate: (ADDED / ms) * 1_000,
          scriptP999: server.scriptP999Us / 1_000,
          leftHeld,
          usedMb: before.usedMemory / 1e6,
        }
      },
    })),
}
