import { STATUSES, type TaskRecord } from '@millrace/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type Connection } from '../../../../scripts/servers/connection.mjs'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { keysOf, LINE_KEYS, type Keys, type SharedKey } from '../../src/keys.ts'
import { shortId } from '../../src/short-id.ts'
import { callsOn } from './calls.ts'
import type { FaultLane } from './fault-lane.ts'
import { length, sample } from './length.ts'
import { storeOn, type Store } from './snapshot.ts'
import { buildStand, type Stand } from './stand.ts'

const GARBAGE: readonly (string | Buffer)[] = [
  '', ' ', 'x', 'null', '[]', '{"a":', '\0\u0001\u001d\u001e\u001f\n\t\r', '9'.repeat(400), '-1', 'nan', 'inf', '1e999', '0x10', 'é'.repeat(50_000),
  Buffer.from([0xff, 0xfe, 0x00, 0x1d]), '['.repeat(5_000), 'x 99999999999999999999\ny 1', '1 2 {}', '#101 16385 1 1 1\nx',
] // prettier-ignore

/** Something else than it should be in one value of a namespace: only what it belongs to is touched. */
export function describeGarbageValues(lane: FaultLane): void {
  describe(`garbage in the values of a namespace on ${lane.kind}`, () => {
    let server: Server
    let own: Connection
    let store: Store
    let stand: Stand
    let keys: Keys
    let healthy: ReadonlyMap<string, string>

    beforeAll(async () => {
      server = await startServer(lane.kind)
      own = await connect(server.url)
      store = storeOn(own)
      stand = await buildStand(lane, server.url)
      keys = keysOf(stand.bench.namespace, 0)
      await store.keep()
      healthy = await lives()
    }, 60_000)
    afterAll(async () => {
      await store.bringBack()
      await stand.close()
      own.close()
      await server.stop()
    })

    type Name = keyof Stand['records']
    const idOf = (name: Name): string => stand.records[name].id

    /** Works off everything, and answers what became of each record; whatever is stored, no call of it fails. */
    async function lives(): Promise<ReadonlyMap<string, string>> {
      const { bench, backend, records } = stand
      const lines = ['mail', 'due'].map((queue) => ({ queue, executionBackend: 'local' }))
      for (let more = true, rounds = 0; more; rounds++) {
        if (rounds > 20) throw new Error('there is always more to claim')
        const turn = await bench.turn({ workerId: 'worker-2', claim: { lines, limit: 5 } })
        for (const { id, attempt } of turn.records)
          await bench.turn({ workerId: 'worker-2', settlements: [bench.complete(id, attempt, 'done')] })
        ;({ more } = turn)
      }
      await bench.sweepStale({ staleAfterMs: 30_000 })
      await bench.sweepExpired()
      await backend.statistics()
      for (const view of [...STATUSES, 'next'] as const) await bench.listAll(view)
      const all: readonly (TaskRecord | null)[] = await backend.get(Object.values(records).map(({ id }) => id))
      return new Map(
        Object.keys(records).map((name, i) => {
          const { status = null, attempt = null, result = null, error = null } = all[i] ?? {}
          return [name, JSON.stringify([status, attempt, result, error?.code])]
        }),
      )
    }

    /** What is wrong once a value was written to a field: calls that fail, and records that it has no business with. */
    async function wrongs(
      put: () => Promise<unknown>,
      { what, victims }: { readonly what: string; readonly victims: readonly Name[] },
    ): Promise<readonly string[]> {
      const spoil = async (): Promise<void> => {
        await store.bringBack()
        await put()
      }
      await spoil()
      const found: string[] = []
      try {
        for (const [name, outcome] of await lives()) {
          const isVictim = victims.some((victim) => victim === name)
          if (!isVictim && outcome !== healthy.get(name))
            found.push(`${what}: ${name} became ${outcome} instead of ${healthy.get(name)}`)
        }
      } catch (error) {
        found.push(`${what}: life does not go on: ${String(error)}`)
      }
      await spoil()
      for (const { name, act } of callsOn(stand))
        await act().catch((error: unknown) => found.push(`${what}: ${name}: ${String(error)}`))
      const left = [...(await store.look()).keys()].filter((one) => one.startsWith(keys.prefix))
      if (left.length > 0) found.push(`${what}: destroy() left ${left.join(', ')}`)
      return found
    }

    /** The same for values of one field of a hash. */
    async function wrongsOf(
      key: SharedKey,
      field: string,
      { values = GARBAGE, victims = [] }: { readonly values?: typeof GARBAGE; readonly victims?: readonly Name[] } = {},
    ): Promise<readonly string[]> {
      const found: string[] = []
      for (const value of sample(values, lane.kind, 6)) {
        const what = `${key} ${field} ${JSON.stringify(String(value).slice(0, 200))}`
        found.push(...(await wrongs(() => own.send('HSET', keys.shared[key], field, value), { what, victims })))
      }
      return found
    }

    it.each([
      ['bodies', 'keyed'], ['results', 'large'], ['progress', 'reporting'], ['awaited', 'pending'],
    ] as const)('in %s is that of one record', { timeout: length(30_000) }, async (key, victim) => {
      expect(await wrongsOf(key, shortId(idOf(victim)), { victims: [victim] })).toEqual([])
    }) // prettier-ignore

    it.each([
      ['claims', 'worker-1#0'], ['workers', 'worker-1'], ['leases', 'duty'], ['keys', 'demo.task one'],
      ['claims', 'garbage'], ['workers', '\u001d\u001e\u001f'], ['leases', ''], ['records', '\u001d\u001e\u001f'], ['keys', ''], ['awaited', 'x'], ['records', 'x'], ['bodies', ''], ['progress', 'x'],
    ] as const)('in %s at %j is that of no record', { timeout: length(30_000) }, async (key, field) => {
      expect(await wrongsOf(key, field)).toEqual([])
    }) // prettier-ignore

    it.each(LINE_KEYS.filter((name) => name !== 'wake'))('among what is %s is no record', async (name) => {
      const found: string[] = []
      const key = keys.ofLine('mail|local')[LINE_KEYS.indexOf(name)] ?? ''
      for (const member of ['', 'x', '\u001d\u001e\u001f', '-'.repeat(22), 'ä b'])
        for (const score of sample(['-inf', '0', '1e300'], lane.kind, 3))
          found.push(...(await wrongs(() => own.send('ZADD', key, score, member), { what: `${name} ${score} ${member}`, victims: [] })))
      expect(found).toEqual([])
    }) // prettier-ignore

    it('in the names of lines is no line', async () => {
      const found: string[] = []
      for (const name of ['', 'x', '|', 'a|b|c', '\u001d\u001e\u001f', '}{', 'x'.repeat(10_000)])
        found.push(...(await wrongs(() => own.send('SADD', keys.shared.queues, name), { what: `line ${name}`, victims: [] })))
      expect(found).toEqual([])
    }) // prettier-ignore

    const victims = ['pending', 'keyed', 'due', 'running', 'held', 'silent', 'overdue', 'completed', 'large'] as const
    it.each(victims)('in a record that is %s is that of this record', { timeout: length(60_000) }, async (victim) => {
      await store.bringBack()
      const field = shortId(idOf(victim))
      const text = String(await own.send('HGET', keys.shared.records, field))
      const values = [...GARBAGE, ...brokenTexts(text)]
      expect(await wrongsOf('records', field, { values, victims: [victim] })).toEqual([])
    })
  })
}

/** Where the header says which line the record is in. */
const LINE = 8

/** A record's text with each of its fields spoilt, and cut off in several places. */
function brokenTexts(text: string): readonly string[] {
  const [header = '', ...rest] = text.split('\n')
  const fields = header.split('\t')
  const spoilt = fields.flatMap((_, i) =>
    ['', 'zz', '7', fields[i]?.replaceAll(/\d/g, 'z') ?? '', '9'.repeat(fields[i]?.length ?? 0)]
      // No line is a line, too: then the record is one of another line.
      .filter((word) => i !== LINE || word !== '')
      .map((word) => [fields.with(i, word).join('\t'), ...rest].join('\n')),
  )
  const cut = [0.2, 0.5, 0.8].map((part) => text.slice(0, Math.floor(text.length * part)))
  return [...spoilt, ...cut, header, `${header}\n`, `${header}\n\n`, `${header}\nR\n{}`, `${header}\nq\n{}`]
}
