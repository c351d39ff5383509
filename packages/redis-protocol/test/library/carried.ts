import { runCase, suite, type Break } from '@millrace/conformance'
import { createClient, STATUS, task, type Backend, type Status, type WaitingTurn } from '@millrace/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { command } from '../../../../scripts/servers/connection.mjs'
import { startProxy } from '../../../../scripts/servers/proxy.mjs'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { keysOf } from '../../src/keys.ts'
import type { Lane } from './lane.ts'

const LINE = { queue: 'default', executionBackend: 'local' }
const greet = task('greet', { run: () => 'hello' })

/** Claims that travel behind a wait on its connection. Only where the server's clock says when: the suite's own clock keeps them at home. */
export function describeCarried(lane: Lane): void {
  describe(`claims that a wait carries, on ${lane.name}`, () => {
    let server: Server
    let url: string
    let backend: Backend
    let other: Backend
    let nonces = 0

    beforeAll(async () => {
      server = await startServer(lane.kind)
      url = `${lane.schemes[0]}://127.0.0.1:${server.port}`
    })
    beforeEach(async () => {
      await command(url, 'FLUSHALL')
      backend = lane.backend({ url })
      other = lane.backend({ url })
      for (const one of [backend, other]) await one.open()
    })
    afterEach(async () => {
      for (const one of [backend, other]) await one.close()
    })
    afterAll(() => server.stop())

    const turn = (): WaitingTurn => ({
      workerId: 'w',
      slot: 0,
      nonce: `n${(nonces += 1)}`,
      claim: { lines: [LINE], limit: 1 },
    })
    const enqueue = async (): Promise<string> => (await createClient({ backend: other }).enqueue(greet, {})).id
    const count = async (status: Status): Promise<number> => (await other.statistics()).counts[status]

    async function blocked(): Promise<void> {
      await vi.waitFor(async () => expect(await command(url, 'INFO', 'clients')).toContain('blocked_clients:1\r'), {
        interval: 2,
      })
    }

    async function scripts(): Promise<number> {
      const stats = String(await command(url, 'INFO', 'commandstats'))
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1])
    }

    const group = suite.find(({ name }) => name === 'turns that a wait carries')
    it('are cases of the suite', () => expect(group?.cases.length).toBeGreaterThan(5))
    it.each(group?.cases ?? [])('by the server\u2019s clock, $name', async (one) => {
      await runCase(one, async ({ namespace }) => ({
        backend: lane.backend({ url, namespace }),
        second: lane.backend({ url, namespace }),
        break: NO_FAULTS,
      }))
    })

    it('bring the record with the hint, by one script beside that of the enqueue', async () => {
      // The first of a namespace takes more.
      await enqueue()
      const watch = await backend.watch({ lines: [LINE] })
      await backend.turn(turn())
      await watch.next()
      const hint = watch.next({ turn: turn() })
      await blocked()
      const before = await scripts()
      const id = await enqueue()
      expect(await hint).toMatchObject({ kind: 'work', answer: { records: [{ id, workerId: 'w' }], more: false } })
      expect((await scripts()) - before).toBe(2)
      await watch.close()
    })

    it('are made when the wait is aborted, and say so', async () => {
      const watch = await backend.watch({ lines: [LINE] })
      const stop = new AbortController()
      const hint = watch.next({ turn: turn(), signal: stop.signal })
      await blocked()
      stop.abort()
      expect(await hint).toMatchObject({ kind: 'work', answer: { records: [], more: false, nextDueAt: null } })
      expect(await count(STATUS.pending)).toBe(0)
      await watch.close()
    })

    it('find what has become due in silence when the wait is aborted', async () => {
      const { id } = await createClient({ backend: other }).enqueue(greet, {}, { delay: 40 })
      const watch = await backend.watch({ lines: [LINE] })
      expect(await watch.next()).toEqual({ kind: 'work' })
      const stop = new AbortController()
      const hint = watch.next({ turn: turn(), signal: stop.signal })
      await vi.waitFor(async () => expect((await other.list({ view: 'next' })).records).toMatchObject([{ id }]), {
        interval: 2,
      })
      stop.abort()
      expect(await hint).toMatchObject({ answer: { records: [{ id }] } })
      await watch.close()
    })

    it('are made also where the server has lost its scripts meanwhile', async () => {
      const watch = await backend.watch({ lines: [LINE] })
      const hint = watch.next({ turn: turn() })
      await blocked()
      await command(url, 'SCRIPT', 'FLUSH')
      const id = await enqueue()
      expect(await hint).toMatchObject({ answer: { records: [{ id }] } })
      await watch.close()
    })

    it('are not made when their connection is lost, and nobody is told that they were', async () => {
      const watch = await backend.watch({ lines: [LINE] })
      const carried = turn()
      const hint = watch.next({ turn: carried })
      await blocked()
      const lost = expect(hint).rejects.toMatchObject({ code: 'connection', indeterminate: true })
      await command(url, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await lost
      const id = await enqueue()
      expect(await count(STATUS.pending)).toBe(1)
      expect(await watch.next()).toEqual({ kind: 'work' })
      expect(await backend.turn(carried)).toMatchObject({ records: [{ id }] })
      await watch.close()
    })

    it('are repeated by the same turn where their answer is lost', async () => {
      const proxy = await startProxy(url)
      const remote = lane.backend({ url: `${lane.schemes[0]}://127.0.0.1:${proxy.port}` })
      const watch = await remote.watch({ lines: [LINE] })
      const carried = turn()
      const hint = watch.next({ turn: carried })
      await blocked()
      proxy.pause('replies')
      const lost = expect(hint).rejects.toMatchObject({ indeterminate: true })
      const id = await enqueue()
      await vi.waitFor(async () => expect(await count(STATUS.running)).toBe(1), { interval: 2 })
      proxy.cut()
      proxy.heal()
      await lost
      expect(await other.turn(carried)).toMatchObject({ records: [{ id, attempt: 1 }] })
      expect(await count(STATUS.running)).toBe(1)
      await remote.close()
      await proxy.close()
    })

    it('that are refused change nothing, and the next wait is told of work', async () => {
      await enqueue()
      const watch = await backend.watch({ lines: [LINE] })
      expect(await watch.next()).toEqual({ kind: 'work' })
      const stop = new AbortController()
      const hint = watch.next({ turn: turn(), signal: stop.signal })
      await blocked()
      const { meta } = keysOf('millrace', 0).shared
      const schema = String(await command(url, 'HGET', meta, 'schema'))
      await command(url, 'HSET', meta, 'schema', '99.0')
      const refused = expect(hint).rejects.toMatchObject({ code: 'version_mismatch', indeterminate: false })
      stop.abort()
      await refused
      await command(url, 'HSET', meta, 'schema', schema)
      expect(await count(STATUS.pending)).toBe(1)
      expect(await watch.next()).toEqual({ kind: 'work' })
      await watch.close()
    })

    it('that are refused leave the hint that woke them to others in the end', async () => {
      await enqueue()
      const watch = await backend.watch({ lines: [LINE] })
      expect(await watch.next()).toEqual({ kind: 'work' })
      const hint = watch.next({ turn: turn() })
      await blocked()
      const { shared, wake } = keysOf('millrace', 0)
      const schema = String(await command(url, 'HGET', shared.meta, 'schema'))
      const refused = expect(hint).rejects.toMatchObject({ code: 'version_mismatch' })
      const both = "redis.call('HSET', KEYS[1], 'schema', '99.0') redis.call('ZADD', KEYS[2], 0, 'm')"
      await command(url, 'EVAL', both, '2', shared.meta, wake('default|local'))
      await refused
      await command(url, 'HSET', shared.meta, 'schema', schema)
      await watch.close()
      expect(await command(url, 'EXISTS', wake('default|local'))).toBe(1)
    })

    it('end with the backend', async () => {
      const watch = await backend.watch({ lines: [LINE] })
      const hint = watch.next({ turn: turn() })
      await blocked()
      await backend.close()
      expect(await hint).toMatchObject({ kind: 'work', answer: { records: [] } })
      await enqueue()
      expect(await count(STATUS.pending)).toBe(1)
    })
  })
}

/** No case of the group asks for one. */
const noFault = (): Promise<never> => Promise.reject(new Error('no faults are made here'))
const NO_FAULTS: Break = {
  dropConnections: noFault,
  forgetIndex: noFault,
  forgetRecord: noFault,
  writeGarbage: noFault,
  swallowNextReply: noFault,
}
