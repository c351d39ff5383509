import { encodeNote, manualClock, type Duration } from '@millrace/core'
import { redisProtocolBackend, type RespClient } from '@millrace/redis-protocol'
import { countingClient } from './counting-client.ts'
import { Scene } from './operations.ts'

/** A call that several scripts share, however few ids and lines it names. */
export interface Share {
  readonly name: string
  readonly scripts: number
  readonly aging?: Duration
  readonly prepare: (scene: Scene) => Promise<void>
  readonly run: (scene: Scene) => Promise<unknown>
}

/** As much as one record's log holds. */
const FULL = Array.from({ length: 100 }, (_, i) => ({
  number: i + 1,
  agoMs: 0,
  text: encodeNote('x'.repeat(140), undefined, 1),
}))

export const SHARES: readonly Share[] = [
  {
    name: 'writing down one entry for each of 200',
    scripts: 7,
    prepare: (scene) => scene.turn(200),
    run: (scene) => scene.writeDown('something happened'),
  },
  {
    name: 'writing down 100 entries for each of 20',
    scripts: 4,
    prepare: (scene) => scene.turn(20),
    run: ({ backend, held }) => {
      const touches = held.map(({ id, attempt }) => ({ id, attempt, log: FULL }))
      return backend.turn({ workerId: 'worker-1', slot: 0, nonce: 'full', touches })
    },
  },
  {
    name: 'the statistics of 30 queues whose priorities age',
    // One asks for the names of the lines.
    scripts: 1 + 4,
    aging: '10m',
    prepare: async (scene) => {
      for (let queue = 0; queue < 30; queue++) await scene.make(50, { queue: `queue-${queue}` })
    },
    run: ({ backend }) => backend.statistics(),
  },
]

/** Commands that the call sends, once the server knows its scripts. */
export async function scriptsOf({ aging, prepare, run }: Share, client: RespClient): Promise<number> {
  const counting = countingClient(client)
  const clock = manualClock()
  const told = aging === undefined ? {} : { aging }
  const backend = redisProtocolBackend('redis', counting, { clock, namespace: crypto.randomUUID(), ...told })
  const scene = new Scene(backend, clock)
  await scene.make(300)
  await prepare(scene)
  await run(scene)
  const before = counting.traffic.sent
  await run(scene)
  const sent = counting.traffic.sent - before
  await backend.close()
  return sent
}
