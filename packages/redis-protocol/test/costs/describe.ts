import type { RespClient } from '@millrace/redis-protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../../../scripts/servers/connection.mjs'
import type { Kind } from '../../../../scripts/servers/kinds.mjs'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { BUDGETS } from './budgets.ts'
import { costsBeside } from './measure.ts'
import { OPERATIONS, type Cost } from './operations.ts'
import { SHARES, scriptsOf } from './shares.ts'

type Costs = ReadonlyMap<string, Cost>

/** Counted, not timed: what is counted is the same on every machine. */
export function describeCosts(kind: Kind, connectTo: (url: string) => RespClient): void {
  describe(`what operations cost on ${kind}`, () => {
    let small: Costs
    let large: Costs

    beforeAll(async () => {
      const server = await startServer(kind)
      const own = await connect(server.url)
      small = await costsBeside(1_000, connectTo(server.url), own)
      large = await costsBeside(20_000, connectTo(server.url), own)
      own.close()
      await server.stop()
    }, 60_000)
    afterAll(() => expect(Object.keys(BUDGETS)).toEqual(OPERATIONS.map(({ name }) => name)))

    it.each(OPERATIONS)('$name', ({ name }) => {
      const [budget, cost] = [BUDGETS[name], small.get(name)]
      expect(overrun(cost, budget), JSON.stringify(cost)).toEqual([])
      // Twenty times the backlog makes a number in a reply a digit longer, and nothing else.
      const { received, ...beside } = large.get(name) ?? { received: Infinity }
      expect(cost).toMatchObject(beside)
      expect(received - (cost?.received ?? 0)).toBeLessThan(10)
    })
  })
}

/** Lua of one script holds up everybody else on the server: what would take it long is shared among several. */
export function describeShares(kind: Kind, connectTo: (url: string) => RespClient): void {
  describe(`what is too much for one script on ${kind}`, () => {
    let server: Server
    beforeAll(async () => void (server = await startServer(kind)))
    afterAll(async () => await server.stop())

    it.each(SHARES)('$name takes $scripts', async (share) => {
      expect(await scriptsOf(share, connectTo(server.url))).toBe(share.scripts)
    })
  })
}

function overrun(cost: Cost | undefined, budget: Cost | undefined): readonly string[] {
  if (cost === undefined || budget === undefined) return ['there is no budget']
  const names = ['roundTrips', 'sent', 'inside', 'received'] as const
  return names.filter((name) => cost[name] > budget[name]).map((name) => `${name}: ${cost[name]} > ${budget[name]}`)
}
