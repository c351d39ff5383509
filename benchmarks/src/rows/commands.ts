import { setTimeout as sleep } from 'node:timers/promises'
import { monitor } from '../../../scripts/servers/monitor.mjs'
import type { Crew } from '../crew.ts'
import { processAll } from '../processing.ts'
import type { Row } from './row.ts'

const BYTES = 100
const CONCURRENCY = 50
const HOLDING = 10
const HOLD_MS = 5
const LOOK_EVERY_MS = 10

export const commandsRow: Row = {
  name: 'commands',
  title: 'What a record costs the server, and what a worker holds',
  method: `Commands: as processing, at concurrency ${CONCURRENCY}, with MONITOR listening, which slows the server down but tells a client's commands from a script's. Held: handlers of ${HOLD_MS} ms at concurrency ${HOLDING}, while the server is asked again and again how many records are claimed and not settled.`,
  rounds: () => 1,
  cases: ({ commands: { records } }) => [
    {
      label: `c=${CONCURRENCY}`,
      async measure(crew) {
        await crew.open()
        await crew.enqueueMany({ count: records, bytes: BYTES })
        const listening = await monitor(crew.url)
        const lines = await workedOff(crew, records)
          .then(() => listening.lines())
          .finally(() => listening.close())
        await crew.close()
        return {
          sentCommands: lines.filter(({ lua }) => !lua).length / records,
          scriptCommands: lines.filter(({ lua }) => lua).length / records,
        }
      },
    },
    {
      label: `c=${HOLDING}, handlers of ${HOLD_MS} ms`,
      without: ['raw-list'],
      async measure(crew) {
        await crew.open()
        await crew.enqueueMany({ count: records, bytes: BYTES })
        const looking = new AbortController()
        const most = heldMost(crew, looking.signal)
        await processAll(crew, { count: records, concurrency: HOLDING, holdMs: HOLD_MS }).finally(() => looking.abort())
        const heldAtMost = await most
        await crew.close()
        return { heldMost: heldAtMost }
      },
    },
  ],
}

/** Without a look at the server, which would be counted as well. */
async function workedOff(crew: Crew, records: number): Promise<void> {
  await crew.startWorkers({ count: records, concurrency: CONCURRENCY })
  await crew.reached()
  const { missing, repeated } = await crew.stopWorkers()
  if (missing > 0 || repeated > 0) throw new Error(`${missing} records were never handled, ${repeated} twice`)
}

async function heldMost(crew: Crew, signal: AbortSignal): Promise<number> {
  let most = 0
  while (!signal.aborted) {
    const { held } = await crew.counts()
    most = Math.max(most, held ?? 0)
    await sleep(LOOK_EVERY_MS)
  }
  return most
}
