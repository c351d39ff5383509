import { setTimeout as sleep } from 'node:timers/promises'
import { timing } from '../orders.ts'
import { checkAccount } from '../processing.ts'
import { between } from '../server-meter.ts'
import type { Row } from './row.ts'

const BYTES = 100
const CONCURRENCY = 10
/** For what the last record leaves to be done. */
const END_MS = 100

export const idleRow: Row = {
  name: 'idle',
  title: 'Idle fleets',
  method:
    'So many workers in one process, each with connections of its own, and nothing to do. Then for as long again a record now and then: the scripts that clients call for one of them, to enqueue, claim and settle it, less those that the fleet calls anyway. The server keeps an append-only file.',
  appendOnly: true,
  rounds: () => 1,
  cases: ({ idle: { fleets, settleMs, watchMs, records } }) =>
    fleets.map((workers) => ({
      label: workers === 1 ? '1 worker' : `${workers} workers`,
      // An idle worker claims nothing ahead, and a list without settles has no fleet.
      without: ['millrace-prefetch', 'raw-list'],
      async measure(crew) {
        await crew.open()
        await crew.startWorkers({ workers, count: records, concurrency: CONCURRENCY })
        await sleep(settleMs)
        const before = await crew.meter.read()
        await sleep(watchMs)
        const idle = await crew.meter.read()
        // What a fleet does now and then, it does in bursts: only as long a time has as many of them.
        const gapMs = watchMs / records
        const { ms } = await crew.producer.ask(
          { order: 'spaced', from: 0, count: records, bytes: BYTES, gapMs, gaps: 'equal' },
          timing,
        )
        await crew.reached()
        await sleep(END_MS)
        const busy = between(idle, await crew.meter.read())
        await checkAccount(crew, await crew.stopWorkers())
        await crew.close()
        const watched = between(before, idle)
        const perMs = watched.scripts / watchMs
        return {
          idleCommands: (watched.commands / watchMs) * (1_000 / workers),
          idleArrivals: (watched.arrivals / watchMs) * (1_000 / workers),
          idleCpu: watched.cpuUs / watchMs,
          idleBytes: watched.appendOnlyBytes / (watchMs / 1_000),
          taskScripts: (busy.scripts - perMs * (ms + END_MS)) / records,
        }
      },
    })),
}
