import { randomUUID } from 'node:crypto'
import { QueueError } from '@millrace/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type Connection } from '../../../../scripts/servers/connection.mjs'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { keysOf } from '../../src/keys.ts'
import { callsOn } from './calls.ts'
import type { FaultLane } from './fault-lane.ts'
import { differences, storeOn } from './snapshot.ts'
import { buildStand } from './stand.ts'
import { plainRequest } from './untold-hint.ts'

const LINE = { queue: 'default', executionBackend: 'local' }

/** Something else than it should be in what a namespace says of itself. */
export function describeGarbageMeta(lane: FaultLane): void {
  describe(`garbage in what a namespace says of itself, on ${lane.kind}`, () => {
    let server: Server
    let own: Connection

    beforeAll(async () => {
      server = await startServer(lane.kind)
      own = await connect(server.url)
    }, 60_000)
    afterAll(async () => {
      own.close()
      await server.stop()
    })

    it.each(['', 'x', '2.0', '10.0', '1', 'x'.repeat(10_000), '\r\n-OK\r\n', '\0\u001d'])(
      'as schema %j is refused by every call, which changes nothing',
      async (schema) => {
        const store = storeOn(own)
        const stand = await buildStand(lane, server.url)
        const { meta } = keysOf(stand.bench.namespace, 0).shared
        await own.send('HSET', meta, 'schema', schema)
        const before = await store.look()
        for (const { name, act } of callsOn(stand)) {
          const error: unknown = await act().then(() => null, (thrown: unknown) => thrown)
          expect(error, name).toBeInstanceOf(QueueError)
          expect(error, name).toMatchObject({ code: 'version_mismatch' })
          expect(differences(before, await store.look()), name).toEqual([])
        }
        const fresh = lane.open(server.url, { namespace: stand.bench.namespace })
        await expect(fresh.open()).rejects.toMatchObject({ code: 'version_mismatch' })
        await fresh.close()
        await own.send('HSET', meta, 'schema', '1.0')
        await stand.close()
      },
    ) // prettier-ignore

    it.each(['', 'x', '2', '1.5', '-1', '1e3'])('as number of partitions %j is refused at open', async (partitions) => {
      const namespace = randomUUID()
      await own.send('HSET', keysOf(namespace, 0).shared.meta, 'schema', '1.0', 'partitions', partitions)
      const backend = lane.open(server.url, { namespace })
      await expect(backend.open()).rejects.toMatchObject({ code: 'version_mismatch', parameter: 'partitions' })
      await backend.close()
    })

    it.each(['', 'x', '0', '-5', '1e3', '1.5', '0x10', '1000000000001', '9'.repeat(30)])(
      'as aging %j is refused by every call, which changes nothing',
      async (aging) => {
        const store = storeOn(own)
        const stand = await buildStand(lane, server.url)
        const { meta } = keysOf(stand.bench.namespace, 0).shared
        await own.send('HSET', meta, 'aging', aging)
        const before = await store.look()
        for (const { name, act } of callsOn(stand)) {
          const error: unknown = await act().then(() => null, (thrown: unknown) => thrown)
          expect(error, name).toMatchObject({ code: 'version_mismatch' })
          expect(differences(before, await store.look()), name).toEqual([])
        }
        await own.send('HDEL', meta, 'aging')
        await stand.close()
      },
    ) // prettier-ignore

    it.each([
      ['nothing of what is paused', 'no claim heeds what is paused', ['pause mail', '1'], null],
      ['of a pause that there is not', 'claims look for what is paused, and nothing is', null, ''],
    ] as const)('that tells claims %s is found by the audit, and mended', async (_, detail, control, flag) => {
      const namespace = randomUUID()
      const { meta, controls } = keysOf(namespace, 0).shared
      const backend = lane.open(server.url, { namespace })
      await backend.enqueue([{ ...plainRequest(), queue: 'mail' }])
      if (control !== null) await own.send('HSET', controls, ...control)
      if (flag !== null) await own.send('HSET', meta, 'paused', flag)
      const found = { code: 'unheeded_pause', subject: 'controls', detail }
      expect((await backend.audit()).violations).toEqual([{ ...found, repaired: false }])
      expect((await backend.audit({ repair: true })).violations).toEqual([{ ...found, repaired: true }])
      expect((await backend.audit()).violations).toEqual([])
      const claim = { lines: [{ queue: 'mail', executionBackend: 'local' }], limit: 1 }
      const { records } = await backend.turn({ workerId: 'w', slot: 0, nonce: 'n', claim })
      expect(records.length).toBe(control === null ? 1 : 0)
      expect(await own.send('HEXISTS', meta, 'paused')).toBe(control === null ? 0 : 1)
      await backend.destroy()
      await backend.close()
    })

    const soon = (): string => `${Date.now() + 5_000}.7`
    it.each(['', 'x', 'nan', '-nan', 'inf', '-inf', '1e300', '9'.repeat(30), '0x10', '-5', soon()])(
      'as latest instant %j moves no time, and is mended',
      async (mark) => {
        const namespace = randomUUID()
        const { meta } = keysOf(namespace, 0).shared
        const backend = lane.open(server.url, { namespace })
        await own.send('HSET', meta, 'mark', mark)
        const [result, keyed] = await backend.enqueue([plainRequest(), { ...plainRequest(), key: 'one', keyScope: 'task', keyHold: 'active' }])
        const { records } = await backend.turn({ workerId: 'w', slot: 0, nonce: 'n', claim: { lines: [LINE], limit: 1 } })
        const [stored] = await backend.get([result?.record?.id ?? ''])
        for (const record of [result?.record, keyed?.record, records[0], stored]) {
          expect(record?.createdAt).toSatisfy(Number.isInteger)
          expect(Math.abs((record?.createdAt ?? 0) - Date.now())).toBeLessThan(60_000)
        }
        expect((await backend.audit()).violations).toEqual([])
        await own.send('HSET', meta, 'mark', mark)
        await backend.lease({ name: 'duty', token: 't', ttlMs: 1 })
        const isMended = Math.abs(Number(await own.send('HGET', meta, 'mark')) - Date.now()) < 60_000
        expect(isMended).toBe(true)
        await backend.destroy()
        await backend.close()
      },
    ) // prettier-ignore
  })
}
