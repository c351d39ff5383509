import { processAll } from '../processing.ts'
import type { Row } from './row.ts'

const BYTES = 100
const CONCURRENCY = 50

export const memoryRow: Row = {
  name: 'memory',
  title: 'Memory of the server',
  method:
    "The server's used_memory before, with all records pending, and with all of them completed, each time without the peer's connections.",
  rounds: ({ longRounds }) => longRounds,
  cases: ({ memory: { records } }) => [
    {
      label: 'per record',
      async measure(crew) {
        const empty = await crew.meter.readAlone()
        await crew.open()
        await crew.enqueueMany({ count: records, bytes: BYTES })
        await crew.close()
        const pending = await crew.meter.readAlone()
        await crew.open()
        await processAll(crew, { count: records, concurrency: CONCURRENCY })
        await crew.close()
        const completed = await crew.meter.readAlone()
        return {
          pendingBytes: (pending.usedMemory - empty.usedMemory) / records,
          completedBytes: (completed.usedMemory - empty.usedMemory) / records,
        }
      },
    },
  ],
}
