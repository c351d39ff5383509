import { processAll, valuesOf } from '../processing.ts'
import type { Row } from './row.ts'

const CONCURRENCY = 50

export const payloadRow: Row = {
  name: 'payload',
  title: 'Larger payloads',
  method: `As processing, at concurrency ${CONCURRENCY}, with so much text in each record; and how fast they were enqueued by the call for many.`,
  cases: ({ payload }) =>
    payload.map(({ label, bytes, records }) => ({
      label,
      async measure(crew) {
        await crew.open()
        const { ms } = await crew.enqueueMany({ count: records, bytes })
        const processed = await processAll(crew, { count: records, concurrency: CONCURRENCY })
        await crew.close()
        return { ...valuesOf(processed), addRate: (records / ms) * 1_000 }
      },
    })),
}
