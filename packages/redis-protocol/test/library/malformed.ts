import { createIdMaker, DEFAULT_LIMITS, manualClock, taskRequest, type Backend, type TaskRequest } from '@millrace/core'
import { redisProtocolBackend, type RespClient } from '@millrace/redis-protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { keysOf } from '../../src/keys.ts'
import { shortId } from '../../src/short-id.ts'
import { connectTo, reply, type Lane } from './lane.ts'

const { shared, ofLine } = keysOf('millrace', 0)
const LINE = { queue: 'default', executionBackend: 'local' }
const TURN = { workerId: 'w', slot: 0 }
/** Places of fields in the header of a record. */
const [STARTED, COMPLETED, LINE_NAME, RETRIES, SCHEDULED, TASK, PARENT] = [2, 3, 8, 11, 17, 19, 23]

/** A record with a header that lacks something, amid healthy ones. */
export function describeMalformed(lane: Lane): void {
  describe(`a malformed record on ${lane.name}`, () => {
    const clock = manualClock()
    const makeId = createIdMaker(clock)
    let server: Server
    let client: RespClient
    let backend: Backend

    beforeAll(async () => {
      server = await startServer(lane.kind)
      client = connectTo(lane, server.port)
      backend = redisProtocolBackend(lane.name, client, { clock })
    })
    beforeEach(async () => {
      await reply(client, 'flushall')
    })
    afterAll(async () => {
      await backend.close()
      await server.stop()
    })

    async function enqueue(fields: Partial<TaskRequest> = {}): Promise<string> {
      const request = taskRequest({ id: makeId(), taskName: 'demo.task', body: '{}', ...fields }, DEFAULT_LIMITS)
      await backend.enqueue([request])
      return request.id
    }

    async function claim(nonce: string): Promise<readonly string[]> {
      const { records } = await backend.turn({ ...TURN, nonce, claim: { lines: [LINE], limit: 10 } })
      return records.map(({ id }) => id)
    }

    /** Writes another text into a field of a record's header. */
    async function edit(id: string, field: number, text: string): Promise<void> {
      const [header = '', ...rest] = String(await reply(client, 'hget', shared.records, shortId(id))).split('\n')
      const words = header.split('\t').with(field, text)
      await reply(client, 'hset', shared.records, shortId(id), [words.join('\t'), ...rest].join('\n'))
    }

    async function forgetIndexes(id: string): Promise<void> {
      for (const key of ofLine('default|local')) await reply(client, 'zrem', key, shortId(id))
    }

    it('that is held since nobody knows when is beaten for, beside others', async () => {
      const [bad, good] = [await enqueue(), await enqueue()]
      await claim('1')
      await backend.cancel({ ids: [bad], includeRunning: true })
      await edit(bad, STARTED, '')
      await forgetIndexes(bad)
      clock.advance(1_000)
      const touches = [bad, good].map((id) => ({ id, attempt: 1 }))
      const { cancelled, lost } = await backend.turn({ ...TURN, nonce: '2', touches })
      expect({ cancelled, lost }).toEqual({ cancelled: [bad], lost: [] })
      const [record] = await backend.get([good])
      expect(record?.heartbeatAt).toBe(clock.now())
    })

    it('that runs since nobody knows when is taken back once it is mended', async () => {
      const bad = await enqueue()
      await claim('1')
      await edit(bad, STARTED, '')
      await forgetIndexes(bad)
      await backend.audit({ repair: true })
      clock.advance(1_001)
      expect((await backend.sweep({ what: 'stale', staleAfterMs: 1_000 })).requeued).toEqual([bad])
    })

    it('that ended nobody knows when is removed once it is mended', async () => {
      const bad = await enqueue()
      await claim('1')
      await backend.turn({
        ...TURN,
        nonce: '2',
        settlements: [{ id: bad, attempt: 1, outcome: 'complete', result: 'null' }],
      })
      await edit(bad, COMPLETED, '')
      await forgetIndexes(bad)
      await backend.audit({ repair: true })
      clock.advance(backend.capabilities.resendWindowMs + 1)
      const olderThanMs = backend.capabilities.resendWindowMs
      expect((await backend.sweep({ what: 'finished', olderThanMs })).removed).toEqual([bad])
    })

    it.for([
      ['whose retries are no number', RETRIES, 'zz'],
      ['of no task', TASK, ''],
    ] as const)('%s is put aside by the claim that meets it, and no other is', async ([, field, text]) => {
      const [first, bad, last] = [await enqueue(), await enqueue(), await enqueue()]
      await edit(bad, field, text)
      expect(await claim('1')).toEqual([first, last])
      expect((await backend.list({ view: 'failed' })).records).toMatchObject([
        { id: bad, error: { code: 'corrupt_record' } },
      ])
      expect((await backend.statistics()).counts).toMatchObject({ running: 2, failed: 1 })
      expect(await claim('1')).toEqual([first, last])
      const touches = [first, last].map((id) => ({ id, attempt: 1 }))
      expect((await backend.turn({ ...TURN, nonce: '2', touches })).unknown).toEqual([])
    })

    it.for([
      ['of a thousand bytes', 1_000],
      ['that are too large for a script', 20_000],
    ] as const)('leaves the bodies that lie aside to those whose they are: %s', async ([, size]) => {
      const bodies = ['a', 'b', 'c'].map((letter) => letter.repeat(size))
      const ids = await Promise.all(bodies.map((text) => enqueue({ body: JSON.stringify({ args: [text] }) })))
      await edit(ids[0] ?? '', RETRIES, 'zz')
      const { records } = await backend.turn({ ...TURN, nonce: '1', claim: { lines: [LINE], limit: 10 } })
      expect(records.map(({ id, args }) => [id, args[0]])).toEqual(ids.map((id, i) => [id, bodies[i]]).slice(1))
    })

    it.for([1, 2])(
      'that has lost its large body is put aside by a claim of %i, and the next one is claimed',
      async (limit) => {
        const text = 'a'.repeat(40_000)
        const ids = await Promise.all([1, 2].map(() => enqueue({ body: JSON.stringify({ args: [text] }) })))
        await reply(client, 'hdel', shared.bodies, shortId(ids[0] ?? ''))
        const claim = { lines: [LINE], limit }
        const { records } = await backend.turn({ ...TURN, nonce: '1', claim })
        const { records: next } = await backend.turn({ ...TURN, nonce: '2', claim })
        expect([...records, ...next].map(({ id, args }) => [id, args[0]])).toEqual([[ids[1], text]])
        expect((await backend.get(ids)).map((record) => record?.status)).toEqual(['failed', 'running'])
      },
    )

    it('is none that a later version has added fields to: they stay, whatever becomes of it', async () => {
      const id = await enqueue({ maxRetries: 5 })
      const header = async (): Promise<string> =>
        String(await reply(client, 'hget', shared.records, shortId(id))).split('\n')[0] ?? ''
      await edit(id, PARENT, '\tnew\t\tfields')
      const line = { queue: 'default', executionBackend: 'local' }
      const turns = [
        { outcome: 'fail', error: '{"name":"E","message":"m"}', retryInMs: 0 },
        { outcome: 'snooze', delayMs: 1 },
        { outcome: 'release' },
        { outcome: 'complete', result: '1' },
      ] as const
      const acts = [
        async () => backend.assign([{ id, attempt: 0, executionRef: null, executionProfile: 'p' }]),
        ...turns.map((end, i) => async () => {
          clock.advance(1)
          await backend.turn({ ...TURN, nonce: `${i}`, claim: { lines: [line], limit: 1 } })
          await backend.turn({ ...TURN, nonce: `end-${i}`, settlements: [{ ...end, id, attempt: i + 1 }] })
        }),
        async () => backend.replay([{ id, attempt: 4 }]),
        async () => backend.cancel({ ids: [id] }),
      ]
      const shown: string[] = []
      for (const act of acts) {
        await act()
        expect((await header()).endsWith('\tnew\t\tfields')).toBe(true)
        const [record] = await backend.get([id])
        shown.push(`${record?.lastEvent} ${record?.status}`)
      }
      expect(shown).toEqual([
        'enqueue pending',
        'retry pending',
        'snooze scheduled',
        'release pending',
        'complete completed',
        'replay pending',
        'cancel cancelled',
      ])
    })

    describe('that runs', () => {
      const ENDED = { completedAt: expect.any(Number), status: 'completed' }
      const complete = async (id: string): Promise<unknown> => {
        const settlements = [{ id, attempt: 1, outcome: 'complete', result: '"100 %1"' }] as const
        const { settled } = await backend.turn({ ...TURN, nonce: '2', settlements })
        return settled.map(({ outcome }) => outcome)
      }
      const index = (line: string, name: 'running' | 'completed'): string => ofLine(line, [name])[0] ?? ''
      const indexed = async (line: string, name: 'running' | 'completed'): Promise<unknown> =>
        await reply(client, 'zcard', index(line, name))

      it('and was beaten for later than it is now ends then, as do those beside it', async () => {
        const [ahead, beside] = [await enqueue(), await enqueue()]
        await claim('1')
        await reply(client, 'zadd', index('default|local', 'running'), clock.now() + 500, shortId(ahead))
        expect([await complete(ahead), await complete(beside)]).toEqual([['ok'], ['ok']])
        const [first, second] = await backend.get([ahead, beside])
        expect([first?.completedAt, second?.completedAt]).toEqual([clock.now() + 500, clock.now()])
        expect(first?.result).toBe('100 %1')
      })

      it('and is in no index ends all the same', async () => {
        const id = await enqueue()
        await claim('1')
        await forgetIndexes(id)
        expect(await complete(id)).toEqual(['ok'])
        expect(await backend.get([id])).toMatchObject([ENDED])
        expect((await backend.list({ view: 'completed' })).records).toMatchObject([{ id }])
      })

      it('and is in another line by now ends there', async () => {
        const id = await enqueue()
        await claim('1')
        await edit(id, LINE_NAME, 'other|local')
        await forgetIndexes(id)
        await reply(client, 'zadd', index('other|local', 'running'), clock.now(), shortId(id))
        await reply(client, 'sadd', shared.queues, 'other|local')
        expect(await complete(id)).toEqual(['ok'])
        expect(await backend.get([id])).toMatchObject([{ ...ENDED, queue: 'other' }])
        expect([await indexed('other|local', 'running'), await indexed('other|local', 'completed')]).toEqual([0, 1])
        expect(await indexed('default|local', 'completed')).toBe(0)
      })

      it.for(['x796041773458', '\u0000796041773458'])('since %j is left as it is', async (since) => {
        const id = await enqueue()
        await claim('1')
        await edit(id, STARTED, since)
        const before = await reply(client, 'hget', shared.records, shortId(id))
        expect(await complete(id)).toEqual(['lost'])
        expect(await reply(client, 'hget', shared.records, shortId(id))).toBe(before)
      })
    })

    it('that is scheduled for no time is no obstacle for others, and is put aside when its time comes', async () => {
      const [first, bad, good] = [
        await enqueue({ delayMs: 1 }),
        await enqueue({ delayMs: 2 }),
        await enqueue({ delayMs: 3 }),
      ]
      await edit(bad, SCHEDULED, '')
      const assignments = [bad, good].map((id) => ({ id, attempt: 0, executionRef: null, executionProfile: 'p' }))
      const answers = await backend.assign(assignments)
      expect(answers.map(({ outcome }) => outcome)).toEqual(['refused', 'ok'])
      clock.advance(3)
      expect(await claim('1')).toEqual([first, good])
      expect((await backend.list({ view: 'failed' })).records).toMatchObject([
        { id: bad, error: { code: 'corrupt_record' } },
      ])
    })
  })
}
