import type { Backend, Clock } from '@millrace/core'
import type { Connection } from '../../../../scripts/servers/connection.mjs'
import { callsOn } from '../faults/calls.ts'
import type { FaultLane } from '../faults/fault-lane.ts'
import { storeOn } from '../faults/snapshot.ts'
import { buildStand, type Stand } from '../faults/stand.ts'
import { keysOf } from '../../src/keys.ts'
import { shortId } from '../../src/short-id.ts'

const AN_HOUR_MS = 3_600_000
const BUSY = { queue: 'busy', executionBackend: 'local' }

/** The calls of the contract in the server's own time. */
export interface ServerTime {
  /** Each on the same records, an hour old, in a namespace that knows no time yet. */
  readonly run: () => Promise<void>
  readonly close: () => Promise<void>
}

/** A backend with a clock of the tests never asks a server for its time, and writes no mark: these calls have none. `own` puts the records back. */
export async function callsInServerTime(lane: FaultLane, url: string, own: Connection): Promise<ServerTime> {
  const store = storeOn(own)
  const old: FaultLane = {
    ...lane,
    open: (place, { clock, ...options } = {}) =>
      lane.open(place, clock === undefined ? options : { ...options, clock: anHourAgo(clock) }),
  }
  const stand = await buildStand(old, url)
  const { ofLine, shared } = keysOf(stand.bench.namespace, 0)
  await own.send('ZREM', ofLine('mail|local')[1] ?? '', shortId(stand.records.unlisted.id))
  await own.send('HDEL', shared.records, shortId(stand.records.vanished.id))
  await store.keep()
  const backend = lane.open(url, { namespace: stand.bench.namespace })
  return {
    async run() {
      for (const { act } of callsOn(stand, backend)) {
        await store.bringBack()
        await act()
      }
      await workHard(stand, backend, async () => void (await own.send('HDEL', shared.meta, 'mark')))
    },
    async close() {
      await backend.close()
      await stand.close()
    },
  }
}

/** A clock that shows an instant an hour before the server's where it showed one of its own. */
function anHourAgo(clock: Clock): Clock {
  const by = clock.now() - (Date.now() - AN_HOUR_MS)
  return { ...clock, now: () => clock.now() - by }
}

/** What a busy worker does: it completes one and claims the next. The namespace forgets in between which time it is. */
async function workHard({ bench }: Stand, backend: Backend, forget: () => Promise<void>): Promise<void> {
  await backend.enqueue([bench.request(BUSY), bench.request(BUSY)])
  const claim = { lines: [BUSY], limit: 1 }
  const { records } = await bench.turn({ claim }, backend)
  await forget()
  await bench.turn({ claim, settlements: records.map(({ id, attempt }) => bench.complete(id, attempt)) }, backend)
}
