import { randomUUID } from 'node:crypto'
import type { Backend } from '@millrace/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { command } from '../../../../scripts/servers/connection.mjs'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { keysOf } from '../../src/keys.ts'
import type { FaultLane } from './fault-lane.ts'
import { buildStand, type Stand } from './stand.ts'
import { giveBackHint, plainRequest } from './untold-hint.ts'

const MAIL = { queue: 'mail', executionBackend: 'local' }

/** What stays on a server behind work that is over. */
export function describeLeftovers(lane: FaultLane): void {
  describe(`what is left on ${lane.kind}`, () => {
    let server: Server
    let url: string
    let stand: Stand
    let namespace: string

    beforeAll(async () => {
      server = await startServer(lane.kind)
      ;({ url } = server)
    }, 60_000)
    afterAll(() => server.stop())
    beforeEach(async () => {
      stand = await buildStand(lane, url)
      ;({ namespace } = stand.bench)
    })
    afterEach(() => stand.close())

    /** Without what all of them begin with. */
    async function keysLeft(): Promise<readonly string[]> {
      const { prefix } = keysOf(namespace, 0)
      const keys = await command(url, 'KEYS', `${prefix}*`)
      return (Array.isArray(keys) ? keys : []).map((key) => String(key).slice(prefix.length)).toSorted()
    }

    async function channelsLeft(): Promise<unknown> {
      return await command(url, 'PUBSUB', 'CHANNELS', `${keysOf(namespace, 0).prefix}*`)
    }

    it('after retention is meta, whatever the records went through', async () => {
      const { bench, backend, records } = stand
      expect((await keysLeft()).length).toBeGreaterThan(20)
      await backend.lease({ name: 'duty', token: 'ours', ttlMs: 1, release: true })
      for (const { id, status } of Object.values(records))
        if (status === 'pending' || status === 'scheduled') await backend.cancel({ ids: [id] })
      await bench.turn({ workerId: 'worker-2', presence: { host: 'h', pid: 2, concurrency: 1, lines: [] } })
      await bench.turn({ workerId: 'worker-2', presence: null })
      for (let round = 0; round < 10; round++) {
        bench.clock.advance(bench.later)
        await bench.sweepStale()
        for (const record of await bench.claim(100, { lines: [MAIL] }))
          await bench.settle(bench.complete(record.id, record.attempt))
      }
      bench.clock.advance(bench.later)
      await bench.sweepStale()
      await bench.sweepFinished()
      expect(await keysLeft()).toEqual(['meta'])
    })

    it('after destroy() is nothing, also where somebody still watches', async () => {
      const { backend, records } = stand
      const watch = await backend.watch({ lines: [MAIL], ids: [records.pending.id], workerId: 'worker-1' })
      const hints = watch.next()
      await backend.destroy()
      expect(await hints).not.toBeNull()
      expect(await keysLeft()).toEqual([])
      await watch.close()
      await stand.close()
      expect(await keysLeft()).toEqual([])
      expect(await channelsLeft()).toEqual([])
    })

    it.each(['all lines are', 'one line is'])('after destroy() is nothing, also where %s forgotten', async (what) => {
      const { queues } = keysOf(namespace, 0).shared
      if (what === 'one line is') await command(url, 'SREM', queues, 'mail|local')
      else await command(url, 'DEL', queues)
      await stand.backend.destroy()
      await stand.close()
      expect(await keysLeft()).toEqual([])
    })

    it('of a watch that is over is nothing', async () => {
      const { bench, records } = stand
      const before = await dumpOf(['awaited', 'l:mail|local:wake'])
      const other: Backend = (await bench.reopen()).backend
      for (const how of ['closed', 'aborted', 'aborted while somebody waits'] as const) {
        const over = new AbortController()
        const watch = await other.watch({
          lines: [MAIL],
          ids: [records.pending.id, records.running.id],
          workerId: 'worker-9',
          signal: over.signal,
        })
        const hint = how === 'aborted while somebody waits' ? watch.next() : null
        if (how !== 'closed') over.abort()
        await hint
        await watch.close()
        expect(await dumpOf(['awaited', 'l:mail|local:wake'])).toEqual(before)
      }
      await stand.close()
      expect(await channelsLeft()).toEqual([])
    })

    it('of a watch without wake-ups is nothing either, and it holds no connection that waits', async () => {
      const quiet = lane.open(url, { namespace, wakeups: false })
      const watch = await quiet.watch({ lines: [MAIL], ids: [stand.records.pending.id] })
      const over = new AbortController()
      const hint = watch.next({ signal: over.signal })
      await expect(watch.next()).rejects.toMatchObject({ code: 'invalid_argument', parameter: 'watch.next' })
      expect(await command(url, 'CLIENT', 'LIST')).not.toContain('cmd=bzpopmin')
      over.abort()
      expect(await hint).toBeNull()
      await quiet.close()
      expect(await channelsLeft()).toHaveLength(1)
    })

    async function dumpOf(names: readonly string[]): Promise<readonly unknown[]> {
      const { prefix } = keysOf(namespace, 0)
      return await Promise.all([
        command(url, 'HGETALL', `${prefix}${names[0]}`),
        command(url, 'ZRANGE', `${prefix}${names[1]}`, 0, -1),
      ])
    }

    it('of a hint that came too late for who waited is its marker, also while the watch waits for other lines', async () => {
      namespace = `hints-${randomUUID()}`
      await giveBackHint(lane, url, {
        namespace,
        meanwhile: async (watch) => void watch.next({ lines: [] }),
        afterwards: async () => {
          await expect.poll(keysLeft, { interval: 5 }).toContain('l:default|local:wake')
        },
      })
    })

    it('of a hint that nobody took is nothing, once its line is empty or gone', async () => {
      namespace = `hints-${randomUUID()}`
      const other = lane.open(url, { namespace })
      await giveBackHint(lane, url, { namespace, meanwhile: async () => undefined })
      expect(await keysLeft()).toEqual(['l:default|local:pending', 'l:default|local:wake', 'meta', 'queues', 'records'])
      await other.enqueue([plainRequest()])
      await other.destroy()
      await giveBackHint(lane, url, { namespace, meanwhile: () => other.destroy() })
      expect(await keysLeft()).toEqual([])
      await other.close()
    })
  })
}
