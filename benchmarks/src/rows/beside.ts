import type { Crew } from '../crew.ts'
import { countWords } from '../number-words.ts'
import { processAll, valuesOf } from '../processing.ts'
import type { Values } from '../sample.ts'
import type { Row } from './row.ts'

const BYTES = 100
const CONCURRENCY = 50
const AN_HOUR_MS = 3_600_000
const OTHER_QUEUE = 'other'

export const besideRow: Row = {
  name: 'beside',
  title: 'Beside other records',
  method: `As processing, at concurrency ${CONCURRENCY}: with nothing else on the server, beside records of the same queue that are due in an hour, and beside records that wait in another queue.`,
  rounds: ({ fillRounds }) => fillRounds,
  cases({ beside: { records, scheduled, other } }) {
    const measure = async (crew: Crew): Promise<Values> => {
      await crew.open()
      await crew.enqueueMany({ count: records, bytes: BYTES })
      const processed = await processAll(crew, { count: records, concurrency: CONCURRENCY })
      await crew.close()
      return valuesOf(processed)
    }
    return [
      { label: 'alone', measure },
      {
        label: `${countWords(scheduled)} scheduled`,
        without: ['raw-list'],
        async measure(crew) {
          await crew.open()
          await crew.enqueueMany({ count: scheduled, bytes: BYTES, delayMs: AN_HOUR_MS })
          await crew.close()
          return await measure(crew)
        },
      },
      {
        label: `${countWords(other)} of another queue`,
        async measure(crew) {
          await crew.open(OTHER_QUEUE)
          await crew.enqueueMany({ count: other, bytes: BYTES })
          await crew.close()
          return await measure(crew)
        },
      },
    ]
  },
}
