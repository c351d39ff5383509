import { readFileSync } from 'node:fs'
import {
  createIdMaker,
  DEFAULT_LIMITS,
  encodeBody,
  manualClock,
  systemClock,
  taskRequest,
  type Backend,
  type TaskRequest,
} from '@millrace/core'
import { redisProtocolBackend, type EngineReport, type Reply, type RespClient } from '@millrace/redis-protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { keysOf } from '../../src/keys.ts'
import { shortId } from '../../src/short-id.ts'
import { connectTo, reply, type Lane } from './lane.ts'

const makeId = createIdMaker(systemClock)
const KEY = { key: 'k', keyScope: 'namespace' } as const
const { shared } = keysOf('millrace', 0)

function request(fields: Partial<TaskRequest> = {}): TaskRequest {
  return taskRequest({ id: makeId(), taskName: 'demo.task', body: '{}', ...fields }, DEFAULT_LIMITS)
}

/** What lies on the server is not always what the engine has put there a moment ago. */
export function describeStored(lane: Lane): void {
  describe(`what a backend meets on ${lane.name}`, () => {
    let server: Server
    let client: RespClient
    let backend: Backend

    beforeAll(async () => {
      server = await startServer(lane.kind)
      client = connectTo(lane, server.port)
      backend = redisProtocolBackend(lane.name, client)
    })
    beforeEach(async () => {
      await reply(client, 'flushall')
    })
    afterAll(async () => {
      await backend.close()
      await server.stop()
    })

    const millisecond = async (): Promise<unknown> =>
      await reply(client, 'eval', "local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000)", 0)
    const markIn = async (ms: number): Promise<unknown> => reply(client, 'hset', shared.meta, 'mark', Date.now() + ms)
    const ahead = async (): Promise<number> => Number(await reply(client, 'hget', shared.meta, 'mark')) - Date.now()
    const madeAhead = async (): Promise<number> => {
      const [made] = await backend.enqueue([request()])
      return (made?.record?.createdAt ?? 0) - Date.now()
    }

    it('a clock that has stepped back by seconds stands still until it has caught up', async () => {
      await markIn(5_000)
      expect(await madeAhead()).toBeGreaterThan(3_000)
      expect(await ahead()).toBeGreaterThan(3_000)
    })

    it('a clock that was an hour ahead is told of at open, until it is forgotten', async () => {
      const reports: EngineReport[] = []
      const open = async (): Promise<void> => {
        const onReport = (report: EngineReport): void => void reports.push(report)
        const opened = redisProtocolBackend(lane.name, { ...client, close: async () => {} }, { onReport })
        await opened.open()
        await opened.close()
      }
      await markIn(3_600_000)
      await open()
      const message = expect.stringMatching(/clock is 3[56]\d\d s behind the latest instant/)
      expect(reports).toEqual([{ level: 'warn', message }])
      await backend.enqueue([request()])
      await open()
      expect(reports).toHaveLength(1)
    })

    it('a clock that was an hour ahead is forgotten, and steps back from now on are hidden again', async () => {
      await markIn(3_600_000)
      expect(await madeAhead()).toBeLessThan(3_000)
      expect(await ahead()).toBeLessThan(3_000)
    })

    it('bytes that cannot be read never take what belongs to others of the same answer', async () => {
      const texts = ['one', 'two'].map((text) => text.padEnd(2_000, '.'))
      const large = texts.map((text) => request({ body: encodeBody({ kwargs: { text } }, DEFAULT_LIMITS) }))
      const bytes = ['\n\n', 'R\nR\n', 'pe\t0\t\nR', '\u001d\u001e\u001f\n', '']
      const broken = bytes.map(() => request())
      await backend.enqueue([...large, ...broken])
      for (const [i, { id }] of broken.entries())
        await reply(client, 'hset', shared.records, shortId(id), bytes[i] ?? '')
      const [first, second] = large.map(({ id }) => id)
      const ids = broken.flatMap(({ id }) => [id, first ?? '', second ?? ''])
      const records = await backend.get(ids)
      expect(records.map((record) => record?.error?.code ?? record?.kwargs['text'])).toEqual(
        broken.flatMap(() => ['corrupt_record', ...texts]),
      )
      const { records: listed } = await backend.list({ view: 'pending' })
      expect(listed.map(({ error, kwargs }) => error?.code ?? kwargs['text'])).toEqual([
        ...texts,
        ...broken.map(() => 'corrupt_record'),
      ])
    })

    it('an instant with fractions is taken for the whole one before', async () => {
      const at = 1_700_000_000_000
      const fine = redisProtocolBackend(
        lane.name,
        { ...client, close: async () => {} },
        { clock: { ...systemClock, now: () => at + 0.5 } },
      )
      const some = [request(), request({ priority: 1 }), request({ delayMs: 5 })]
      const [alone] = await fine.enqueue([request()])
      const others = await fine.enqueue(some)
      expect([alone, ...others].map((result) => result?.record?.queuedAt)).toEqual([at, at, at, at + 5])
      const line = { queue: 'default', executionBackend: 'local' }
      const { records } = await fine.turn({ workerId: 'w', slot: 0, nonce: '1', claim: { lines: [line], limit: 5 } })
      expect(records.map(({ startedAt }) => startedAt)).toEqual([at, at, at])
      await fine.close()
    })

    it('large bodies that cannot be had after a claim leave it open, and the same claim brings them', async () => {
      const body = encodeBody({ kwargs: { text: 'x'.repeat(40_000) } }, DEFAULT_LIMITS)
      const ids = [request({ body }), request({ body }), request({ body })]
      await backend.enqueue(ids)
      const replies: Reply[] = [new Error('WRONGTYPE it is another one'), []]
      const claiming = redisProtocolBackend(lane.name, {
        ...client,
        close: async () => {},
        async call(at, commands) {
          const isOfBodies = commands[0]?.[0] === 'hmget' && commands[0][1] === shared.bodies
          if (!isOfBodies) return await client.call(at, commands)
          const answer = replies.shift()
          if (answer !== undefined) return [answer]
          throw new Error('the connection was lost')
        },
      })
      const turn = (nonce: string): Promise<unknown> =>
        claiming.turn({
          workerId: 'w',
          slot: 0,
          nonce,
          claim: { lines: [{ queue: 'default', executionBackend: 'local' }], limit: 1 },
        })
      for (const nonce of ['1', '2', '3']) {
        await expect(turn(nonce)).rejects.toMatchObject({ indeterminate: true })
        expect(await turn(nonce)).toMatchObject({ records: [{ id: ids[Number(nonce) - 1]?.id, attempt: 1 }] })
      }
      await claiming.close()
    })

    it('a key that changes hands while an audit looks is no finding', async () => {
      const [before, after] = [request(KEY), request(KEY)]
      await backend.enqueue([before])
      const audited = redisProtocolBackend(lane.name, {
        ...client,
        async call(at, commands) {
          const replies = await client.call(at, commands)
          if (commands[0]?.[0] === 'hscan' && commands[0][1] === shared.keys) {
            await reply(client, 'hdel', shared.records, shortId(before.id))
            await backend.enqueue([after])
          }
          return replies
        },
      })
      const { violations } = await audited.audit()
      expect(violations.map(({ code }) => code)).not.toContain('dangling_key')
    })

    it.each([
      ['the first ones', 0],
      ['once a second, others', 1],
    ])(
      'many that wait and run at once lie where a place is found without a search from the beginning: %s',
      async (_, before) => {
        const keys = keysOf('millrace', 0).ofLine('default|local', ['pending', 'running'])
        const looks = async (): Promise<unknown> =>
          await Promise.all(
            keys.map(async (key) => [
              await reply(client, 'object', 'encoding', key),
              await reply(client, 'zcard', key),
            ]),
          )
        let held: readonly string[] = []
        /** Ends what it claimed last, all of it. */
        const turn = async (limit: number, nonce: string): Promise<void> => {
          const { records } = await backend.turn({
            workerId: 'w',
            slot: 0,
            nonce,
            settlements: held.map((id) => ({ outcome: 'complete', id, attempt: 1, result: 'null' })),
            claim: { lines: [{ queue: 'default', executionBackend: 'local' }], limit },
          })
          held = records.map(({ id }) => id)
        }
        await backend.enqueue(Array.from({ length: 2 * before }, () => request()))
        if (before > 0) await turn(before, 'a-1')
        held = []
        await markIn(-2_000)
        await backend.enqueue(Array.from({ length: 60 }, () => request()))
        await markIn(-2_000)
        for (const [i, left] of [40, 20].entries()) {
          await turn(20, `b-${i}`)
          expect(await looks()).toEqual([
            ['skiplist', left + before],
            ['skiplist', 20 + before],
          ])
        }
      },
    )

    it('many lines have their turn in sweeps that reach their limit each time', async () => {
      const clock = manualClock()
      const sweeper = redisProtocolBackend(lane.name, client, { clock })
      const queues = Array.from({ length: 64 }, (_, i) => `queue-${i + 10}`)
      const all = queues.flatMap((queue) => Array.from({ length: 10 }, () => request({ queue, expiresInMs: 0 })))
      await sweeper.enqueue(all)
      clock.advance(1)
      const expired: string[] = []
      for (let i = 0; i < 60; i++) expired.push(...(await sweeper.sweep({ what: 'expired', limit: 5 })).expired)
      expect(expired).toHaveLength(300)
      const reached = all.filter(({ id }) => expired.includes(id)).map(({ queue }) => queues.indexOf(queue))
      expect(Math.min(...reached)).toBeLessThan(32)
      expect(Math.max(...reached)).toBeGreaterThanOrEqual(32)
    })

    it('large records come in several answers, all of them and in order', async () => {
      const sizes: number[] = []
      const reader = redisProtocolBackend(lane.name, {
        ...client,
        async call(at, commands) {
          const replies = await client.call(at, commands)
          sizes.push(JSON.stringify(replies).length)
          return replies
        },
      })
      const text = 'x'.repeat(300_000)
      const bodies = Array.from({ length: 12 }, (_, at) => encodeBody({ kwargs: { at, text } }, DEFAULT_LIMITS))
      const large = bodies.map((body) => request({ body }))
      await backend.enqueue(large)
      const ids = large.map(({ id }) => id)
      const read = await reader.get([...ids, makeId(), ...ids])
      expect(read.map((record) => record?.kwargs['at'] ?? null)).toEqual([...ids.keys(), null, ...ids.keys()])
      const { records } = await reader.list({ view: 'pending' })
      expect(records.map(({ kwargs }) => kwargs['at'])).toEqual([...ids.keys()])
      expect(Math.max(...sizes)).toBeLessThan(1_200_000)
    })

    it.for<readonly [what: string, before: (backend: Backend) => Promise<unknown>, first: Partial<TaskRequest>]>([
      ['of a line that is new', async () => null, {}],
      [
        'to a server that has forgotten one of its scripts',
        async (before) => {
          await before.enqueue([request()])
          await reply(client, 'script', 'flush')
          await before.enqueue([request({ ...KEY, key: 'other' })])
        },
        {},
      ],
      [
        'of which the first replaces one in another line',
        (before) => before.enqueue([request({ ...KEY, queue: 'other', delayMs: 1 }), request()]),
        { ...KEY, onConflict: 'replace' },
      ],
    ])('a batch for several scripts %s keeps its order', async ([, before, first]) => {
      const producer = redisProtocolBackend(lane.name, {
        ...client,
        async call(at, commands) {
          const replies = await client.call(at, commands)
          // What is sent next is a millisecond later.
          for (const since = await millisecond(); since === (await millisecond()););
          return replies
        },
      })
      await before(producer)
      const line = { queue: 'default', executionBackend: 'local' }
      const turn = { workerId: 'w', slot: 0 }
      await producer.turn({ ...turn, nonce: 'first', claim: { lines: [line], limit: 1_000 } })
      const requests = Array.from({ length: 401 }, (_, i) =>
        request(i === 0 ? first : i === 400 ? { ...KEY, key: 'last' } : {}),
      )
      const answers = await producer.enqueue(requests)
      expect(answers.map(({ record }) => record?.id)).toEqual(requests.map(({ id }) => id))
      const { records } = await producer.turn({ ...turn, nonce: 'all', claim: { lines: [line], limit: 1_000 } })
      expect(records.map(({ id }) => id)).toEqual(requests.map(({ id }) => id))
    })

    it('texts are ordered by their bytes, in whatever language the server was started', async () => {
      const source = readFileSync(new URL('../../lua/lib/before.lua', import.meta.url), 'utf8')
      const ends = ['', '-', '_', 'a', 'A', 'b', 'B', 'z', 'Z', '0', '9', '\u0000', '\u007f', '\u00e9', '\uffff']
      const texts = [...ends, ...ends.flatMap((end) => ends.map((begin) => `${begin}-1234567890abcdef${end}`))]
      const sorted = await reply(client, 'eval', `${source} table.sort(ARGV, isBefore) return ARGV`, 0, ...texts)
      expect(sorted).toEqual(texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    })

    it('a cursor that no page gave out is refused before it reaches the server', async () => {
      await backend.enqueue([request(), request()])
      const { cursor } = await backend.list({ view: 'pending', limit: 1 })
      const [query] = JSON.parse(atob(cursor ?? ''))
      for (const position of ['x y', '1', '(1 a', 'inf', '1e a'])
        await expect(
          backend.list({ view: 'pending', limit: 1, cursor: btoa(JSON.stringify([query, position])) }),
        ).rejects.toMatchObject({ code: 'invalid_argument', parameter: 'list.cursor' })
    })
  })
}
