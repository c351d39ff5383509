import { besideRow } from './beside.ts'
import { commandsRow } from './commands.ts'
import { enqueueRow } from './enqueue.ts'
import { growthRow } from './growth.ts'
import { idleRow } from './idle.ts'
import { latencyRow } from './latency.ts'
import { memoryRow } from './memory.ts'
import { payloadRow } from './payload.ts'
import { processRow } from './process.ts'
import { roundTripRow } from './round-trip.ts'
import type { Row } from './row.ts'

/** In the order of the report. */
export const ROWS: readonly Row[] = [
  processRow, payloadRow, enqueueRow, latencyRow, memoryRow, commandsRow, growthRow, besideRow, roundTripRow, idleRow,
] // prettier-ignore
