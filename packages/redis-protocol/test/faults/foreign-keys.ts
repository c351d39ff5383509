import { QueueError } from '@millrace/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type Connection } from '../../../../scripts/servers/connection.mjs'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { keysOf, LINE_KEYS, SHARED_KEYS } from '../../src/keys.ts'
import { callsOn, type Call } from './calls.ts'
import type { FaultLane } from './fault-lane.ts'
import { length, sample } from './length.ts'
import { differences, storeOn, type Snapshot, type Store } from './snapshot.ts'
import { shortId } from '../../src/short-id.ts'
import { buildStand, type Stand } from './stand.ts'

/** How to put a value of each type at a key. */
const TYPES = {
  string: (key: string) => ['SET', key, 'foreign'],
  hash: (key: string) => ['HSET', key, 'foreign', '1'],
  list: (key: string) => ['RPUSH', key, 'foreign'],
  set: (key: string) => ['SADD', key, 'foreign'],
  zset: (key: string) => ['ZADD', key, '1', 'foreign'],
  stream: (key: string) => ['XADD', key, '*', 'foreign', '1'],
} as const

/** Something else than it should be at one key of a namespace: whoever needs it is told, whoever does not works on. */
export function describeForeignKeys(lane: FaultLane): void {
  describe(`foreign values in the keys of a namespace on ${lane.kind}`, () => {
    let server: Server
    let own: Connection
    let store: Store
    let stand: Stand
    let calls: readonly Call[]
    let healthy: ReadonlyMap<string, Snapshot>

    beforeAll(async () => {
      server = await startServer(lane.kind)
      own = await connect(server.url)
      store = storeOn(own)
      stand = await buildStand(lane, server.url)
      const { backend } = stand.bench
      await (await backend.watch({ ids: [stand.records.pending.id] })).close()
      const { ofLine, shared } = keysOf(stand.bench.namespace, 0)
      await own.send('ZREM', ofLine('mail|local')[1] ?? '', shortId(stand.records.unlisted.id))
      await own.send('HDEL', shared.records, shortId(stand.records.vanished.id))
      await own.send('HSET', '{beside:0}:records', 'a', 'b')
      await store.keep()
      calls = callsOn(stand)
      const outcomes = new Map<string, Snapshot>()
      for (const { name, act } of calls) {
        await store.bringBack()
        await act()
        outcomes.set(name, await store.look())
      }
      healthy = outcomes
    }, 60_000)

    afterAll(async () => {
      await store.bringBack()
      await stand.close()
      own.close()
      await server.stop()
    })

    it('stand where the engine keeps something', async () => {
      await store.bringBack()
      const { prefix } = keysOf(stand.bench.namespace, 0)
      const kept = [...(await store.look()).keys()].filter((key) => key.startsWith(prefix))
      const unused = ['controls', 'history', 'probe', 'waiting'].map((name) => `:${name}`)
      const { shared, ofLine } = keysOf(stand.bench.namespace, 0)
      const expected = [...Object.values(shared), ...ofLine('mail|local')].filter(
        (key) => !unused.some((name) => key.endsWith(name)),
      )
      expect(kept).toEqual(expect.arrayContaining(expected))
    })

    const names = [...SHARED_KEYS, ...LINE_KEYS]
    it.each(names)('at %s', { timeout: length(60_000) }, async (name) => {
      const { shared, ofLine } = keysOf(stand.bench.namespace, 0)
      const key = name in shared ? shared[SHARED_KEYS.find((one) => one === name) ?? 'meta'] : ofLine('mail|local')[LINE_KEYS.findIndex((one) => one === name)] ?? '' // prettier-ignore
      const right = name === 'queues' ? 'set' : name in shared && name !== 'keyexpiry' ? 'hash' : 'zset'
      const found: string[] = []
      const wrong = Object.entries(TYPES).filter(([type]) => type !== right)
      for (const [type, put] of sample(wrong, lane.kind, 2)) found.push(...(await misbehaviours(key, type, put)))
      expect(found).toEqual([])
    })

    /** What is wrong with how the calls deal with one foreign value. */
    async function misbehaviours(
      key: string,
      type: string,
      put: (key: string) => readonly string[],
    ): Promise<readonly string[]> {
      const found: string[] = []
      let before: Snapshot | null = null
      const spoil = async (): Promise<Snapshot> => {
        await store.bringBack()
        await own.send('DEL', key)
        await own.send(...put(key))
        return await store.look()
      }
      for (const { name, act, hasSteps } of calls) {
        before ??= await spoil()
        const error: unknown = await act().then(
          () => null,
          (thrown: unknown) => thrown,
        )
        const after = await store.look()
        const changed = differences(before, after)
        const where = `${name}, ${key} being a ${type}`
        if (error !== null) {
          if (!(error instanceof QueueError && error.code === 'corrupt_record' && error.message.includes('WRONGTYPE')))
            found.push(`${where}: ${String(error)}`)
          const whole = healthy.get(name)
          const halves = hasSteps ? changed.filter((one) => after.get(one) !== whole?.get(one)) : changed
          if (halves.length > 0) found.push(`${where}: refused, and yet changed ${halves.join(', ')}`)
        } else {
          const other = differences(healthy.get(name) ?? before, after, key)
          if (other.length > 0) found.push(`${where}: done, but not as it should be: ${other.join(', ')}`)
        }
        if (changed.length > 0) before = null
      }
      before ??= await spoil()
      found.push(...(await opened(key, type)))
      return found
    }

    async function opened(key: string, type: string): Promise<readonly string[]> {
      const fresh = lane.open(server.url, { namespace: stand.bench.namespace })
      const error: unknown = await fresh.open().then(
        () => null,
        (thrown: unknown) => thrown,
      )
      await fresh.close()
      if (key.endsWith(':probe')) return error === null ? [] : [`open does without ${key}: ${String(error)}`]
      const isNamed = error instanceof QueueError && error.code === 'corrupt_record' && error.message.includes(`${key} (a ${type})`) // prettier-ignore
      return isNamed ? [] : [`open does not name ${key}, a ${type}: ${String(error)}`]
    }
  })
}
