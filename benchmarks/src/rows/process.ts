import { processAll, valuesOf } from '../processing.ts'
import type { Row } from './row.ts'

const BYTES = 100

export const processRow: Row = {
  name: 'process',
  title: 'Processing',
  method:
    'One worker process works off what waits; the handler does nothing. The time is from the start of the first handler to the end of the last one.',
  cases: (plan) =>
    plan.process.concurrency.map((concurrency) => ({
      label: `c=${concurrency}`,
      async measure(crew) {
        const count = concurrency === 1 ? Math.ceil(plan.process.records / 4) : plan.process.records
        await crew.open()
        await crew.enqueueMany({ count, bytes: BYTES })
        const processed = await processAll(crew, { count, concurrency })
        await crew.close()
        return valuesOf(processed)
      },
    })),
}
