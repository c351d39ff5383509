import {
  createIdMaker, DEFAULT_LIMITS, encodeBody, encodeResult, manualClock, systemClock, taskRequest, type Backend, type Page, type TaskRequest,
} from '@millrace/core' // prettier-ignore
import { redisProtocolBackend, type RespClient } from '@millrace/redis-protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { connectTo, reply, type Lane } from './lane.ts'

const TURN = { workerId: 'w', slot: 0 }
const TEXT = 'x'.repeat(20_000)

/** However much a call is about, a script is told so much at once, and answers so much. */
export function describePortions(lane: Lane): void {
  describe(`what one script is told and answers on ${lane.name}`, () => {
    const makeId = createIdMaker(systemClock)
    const sizes = { sent: 0, received: 0 }
    let server: Server
    let client: RespClient
    let backend: Backend

    beforeAll(async () => {
      server = await startServer(lane.kind)
      client = connectTo(lane, server.port)
      backend = redisProtocolBackend(lane.name, {
        ...client,
        async call(at, commands) {
          const replies = await client.call(at, commands)
          for (const command of commands) sizes.sent = Math.max(sizes.sent, JSON.stringify(command).length)
          sizes.received = Math.max(sizes.received, JSON.stringify(replies).length)
          return replies
        },
      })
    })
    beforeEach(async () => {
      await reply(client, 'flushall')
    })
    afterAll(async () => {
      await backend.close()
      await server.stop()
    })

    it('is about a thousand records in all that have fallen due, of one call of list, which shows them in order', async () => {
      const clock = manualClock()
      const { limits } = backend.capabilities
      let calls = 0
      const lister = redisProtocolBackend(
        lane.name,
        {
          ...client,
          async call(at, commands) {
            calls += 1
            return await client.call(at, commands)
          },
        },
        { clock },
      )
      const requests = Array.from({ length: 2_600 }, (_, i) =>
        taskRequest({ id: makeId(), taskName: 'demo.task', body: '{}', delayMs: 1 + (i % 5), priority: i % 3 }, limits),
      )
      for (let from = 0; from < requests.length; from += 1_000) await lister.enqueue(requests.slice(from, from + 1_000))
      clock.advance(5)
      const listed: string[] = []
      const costs: number[] = []
      let cursor: string | null = null
      do {
        calls = 0
        const page: Page = await lister.list({ view: 'next', limit: 500, cursor })
        listed.push(...page.records.map(({ id }) => id))
        costs.push(calls)
        cursor = page.cursor
      } while (cursor !== null)
      const expected = requests.toSorted(
        (a, b) => b.priority - a.priority || (a.delayMs ?? 0) - (b.delayMs ?? 0) || (a.id < b.id ? -1 : 1),
      )
      expect(listed).toEqual(expected.map(({ id }) => id))
      expect(Math.max(...costs)).toBeLessThanOrEqual(12)
    })

    async function enqueue(count: number): Promise<readonly string[]> {
      const body = encodeBody({ kwargs: { text: TEXT } }, DEFAULT_LIMITS)
      const requests = Array.from({ length: count }, (): TaskRequest =>
        taskRequest({ id: makeId(), taskName: 'demo.task', body }, DEFAULT_LIMITS),
      )
      await backend.enqueue(requests)
      return requests.map(({ id }) => id)
    }

    it('is about 256 KB of a claim by ids, which takes all of them in the order given', async () => {
      const ids = (await enqueue(50)).toReversed()
      sizes.received = 0
      const { records } = await backend.turn({ ...TURN, nonce: '1', claim: { ids: [makeId(), ...ids, makeId()] } })
      expect(records.map(({ id }) => id)).toEqual(ids)
      expect(sizes.received).toBeLessThan(400_000)
      const again = await backend.turn({ ...TURN, nonce: '1', claim: { ids } })
      expect(again.records.map(({ id }) => id)).toEqual(ids)
    })

    it('is about a megabyte of what handlers report', async () => {
      const ids = await enqueue(100)
      await backend.turn({ ...TURN, nonce: '1', claim: { ids } })
      sizes.sent = 0
      const progress = encodeResult({ text: TEXT }, DEFAULT_LIMITS, 'progress')
      const touches = ids.map((id) => ({ id, attempt: 1, progress }))
      expect((await backend.turn({ ...TURN, nonce: '2', touches })).lost).toEqual([])
      expect(sizes.sent).toBeLessThan(1_300_000)
      const [first] = await backend.get(ids)
      expect(first?.progress).toEqual({ text: TEXT })
    })
  })
}
