import { createClient, task, type Client } from '@millrace/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import { connectTo, reply, type Lane } from './lane.ts'

const note = task<{ n: number }, null>('note')

/** What one tick enqueues is stored in its order, though it travels in several calls. */
export function describeTicks(lane: Lane): void {
  describe(`the enqueues of one tick on ${lane.name}`, () => {
    let server: Server

    beforeAll(async () => {
      server = await startServer(lane.kind)
    })
    afterAll(async () => {
      await server.stop()
    })

    /** In the order in which they were made, by the instants that were answered and by what the server stored. */
    async function expectInOrder(client: Client, queue: string, count: number): Promise<void> {
      const numbers = Array.from({ length: count }, (_, n) => n)
      const handles = await Promise.all(numbers.map((n) => client.enqueue(note, { n }, { queue })))
      const instants = handles.map(({ record }) => record?.queuedAt ?? NaN)
      expect(instants).toEqual(instants.toSorted((a, b) => a - b))
      const stored: unknown[] = []
      for await (const { kwargs } of client.each({ view: 'next', queue })) stored.push(kwargs['n'])
      expect(stored).toEqual(numbers)
    }

    async function withClient(namespace: string, act: (client: Client) => Promise<void>): Promise<void> {
      const client = createClient({
        backend: lane.backend({ url: `${lane.schemes[0]}://127.0.0.1:${server.port}`, namespace }),
      })
      await client.backend.open()
      await new Promise(setImmediate)
      await act(client)
      await client.close()
    }

    it('keep their order, also in queues and on a server that are new', async () => {
      for (let round = 0; round < 20; round++)
        await withClient(`round-${round}`, async (client) => {
          for (const queue of ['a', 'b']) await expectInOrder(client, queue, 130)
        })
    })

    it('keep their order where the server knows the script for the last one, and not that for the others', async () => {
      const direct = connectTo(lane, server.port)
      for (let round = 0; round < 20; round++)
        await withClient(`known-${round}`, async (client) => {
          await client.enqueue(note, { n: 0 }, { queue: 'a' })
          await reply(direct, 'script', 'flush')
          await client.enqueue(note, { n: 0 }, { queue: 'a' })
          await client.removePending('a')
          await expectInOrder(client, 'a', 26)
        })
      await direct.close()
    })
  })
}
