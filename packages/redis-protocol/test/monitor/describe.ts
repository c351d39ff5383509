import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type Connection } from '../../../../scripts/servers/connection.mjs'
import { monitor } from '../../../../scripts/servers/monitor.mjs'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import type { FaultLane } from '../faults/fault-lane.ts'
import { giveBackHint } from '../faults/untold-hint.ts'
import { callsInServerTime, type ServerTime } from './server-time.ts'
import { SCRIPTS, watched, type Execution, type Watched } from './executions.ts'
import { brokenRules, brokenTime, isMark, isPut, isTimed, strangers, TIMED } from './script-rules.ts'
import { runSuite } from './suite-run.ts'

function namesOf(executions: readonly Execution[], fits: (execution: Execution) => boolean): ReadonlySet<string> {
  return new Set(executions.filter(fits).map(({ script }) => script))
}

/** Watches every command that a server runs while the whole suite runs on it. */
export function describeScriptRules(lane: FaultLane): void {
  describe(`the scripts on ${lane.kind}, in the whole suite`, () => {
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

    /** What the server ran during `act`, but for what the test itself sent. */
    async function during(act: () => Promise<void>): Promise<Watched> {
      const address = /\baddr=(\S+)/.exec(String(await own.send('CLIENT', 'INFO')))?.[1] ?? ''
      const watch = await monitor(server.url)
      await act()
      const lines = await watch.lines()
      watch.close()
      return watched(lines.filter(({ client }) => client !== address))
    }

    it('break none of their rules, and nothing else is sent', { timeout: 900_000 }, async () => {
      let failures: readonly string[] = []
      const { executions, beside } = await during(async () => {
        failures = await runSuite(lane, server.url, own)
        await giveBackHint(lane, server.url, {
          namespace: 'hints',
          meanwhile: async () => undefined,
          ask: (...words) => own.send(...words),
        })
      })
      expect(failures).toEqual([])
      expect([...new Set(executions.flatMap(brokenRules))]).toEqual([])
      expect(strangers(beside)).toEqual([])
      const seen = new Set(executions.filter(({ commands }) => commands.length > 0).map(({ script }) => script))
      expect(seen).toEqual(new Set(SCRIPTS.map(({ name }) => name)))
    })

    it('take the time once before they write, and the mark is their last write', { timeout: 60_000 }, async () => {
      let calls: ServerTime | undefined
      const clocked = await during(async () => void (calls = await callsInServerTime(lane, server.url, own)))
      const { executions } = await during(async () => await calls?.run())
      await calls?.close()
      expect([...new Set(executions.flatMap((one) => [...brokenRules(one), ...brokenTime(one)]))]).toEqual([])
      expect(namesOf(executions, isTimed)).toEqual(TIMED)
      const putting = namesOf(executions, (one) => isTimed(one) && one.commands.some(isPut))
      expect(putting.size).toBeGreaterThanOrEqual(10)
      expect(namesOf(executions, ({ commands }) => commands.some(isMark))).toEqual(putting)
      // With a clock of the tests no time is taken: the rule notices it.
      expect(clocked.executions.flatMap(brokenTime)).toContain('turn: it takes the time once')
    })

    it.each([
      ['takes the time twice', `redis.call('TIME') redis.call('TIME')`, 'it takes the time once'],
      ['takes the time after a write', `redis.call('DEL', KEYS[1]) redis.call('TIME')`, 'it issues no TIME once it has written'],
      ['writes its mark before something else', `redis.call('HSET', KEYS[1], 'mark', 1) redis.call('DEL', KEYS[1])`, 'it issues no DEL behind its mark'],
      ['reads after a write', `redis.call('HSET', KEYS[1], 'a', 1) redis.call('HLEN', KEYS[1])`, 'it issues no HLEN once it has written'],
      ['touches a key that it puts together', `redis.call('HGET', KEYS[1] .. 'x', 'a')`, 'it declares the keys of its HGET'],
      ['deletes a key beside a declared one', `redis.call('UNLINK', KEYS[1], 'x')`, 'it declares the keys of its UNLINK'],
      ['looks for keys', `redis.call('SCAN', 0)`, 'it issues no SCAN'],
    ])('would be told of one that %s', async (_, source, rule) => {
      const client = await connect(server.url)
      const { executions } = await during(async () => void (await client.send('EVAL', source, 1, 'bad:meta')))
      client.close()
      expect(executions).toHaveLength(1)
      expect(executions.flatMap(brokenRules)).toEqual(expect.arrayContaining([expect.stringContaining(rule)]))
    }) // prettier-ignore

    it('would be told of one inside MULTI, and of a record that is written without one', async () => {
      const client = await connect(server.url)
      const { beside } = await during(async () => {
        await client.send('MULTI')
        await client.send('EVAL', 'return 1', 0)
        await client.send('EXEC')
        await client.send('HSET', 'bad', 'a', 1)
      })
      client.close()
      expect(strangers(beside).toSorted()).toEqual(['exec', 'hset', 'multi'])
    })
  })
}
