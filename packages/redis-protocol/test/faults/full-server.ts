import { createClient, QueueError, task, type Backend } from '@millrace/core'
import { createWorker, type Report } from '@millrace/worker'
import { expect, it, onTestFinished } from 'vitest'
import { connect } from '../../../../scripts/servers/connection.mjs'
import { startServer } from '../../../../scripts/servers/start-server.mjs'
import type { FaultLane } from './fault-lane.ts'
import { differences, storeOn } from './snapshot.ts'

const LARGE = 'x'.repeat(2_000)
const COUNT = 250

const keep = task('demo.keep', { run: ({ text }: { text: string }) => text })
const other = task('demo.other', { run: () => null })

/** Everything is used up, and more than that, and nothing may be evicted. */
export function describeFullServer(lane: FaultLane): void {
  it(`a full ${lane.kind} refuses to enqueue, changes nothing, and is drained by workers`, async () => {
    const server = await startServer(lane.kind)
    onTestFinished(() => server.stop())
    const own = await connect(server.url)
    onTestFinished(() => own.close())
    const store = storeOn(own)
    const backend: Backend = lane.open(server.url, { resendWindowMs: 0 })
    const client = createClient({ backend })
    onTestFinished(() => client.close())

    const inputs = Array.from({ length: COUNT }, () => ({ input: { text: LARGE } }))
    await client.enqueueMany(keep, inputs)
    await client.enqueue(keep, { text: 'held' }, { key: 'one', delay: '1h' })
    await own.send('CONFIG', 'SET', 'maxmemory', '100kb')
    const before = await store.look()

    const refused: readonly (readonly [what: string, act: () => Promise<unknown>])[] = [
      ['one', () => client.enqueue(other, {})],
      ['a large one', () => client.enqueue(keep, { text: LARGE })],
      ['one with a key', () => client.enqueue(keep, { text: '' }, { key: 'two' })],
      ['one in place of another', () => client.enqueue(keep, { text: '' }, { key: 'one', onConflict: 'replace' })],
      ['one for later', () => client.enqueue(other, {}, { delay: '1h', expiresIn: '2h' })],
      ['one in a new queue', () => client.enqueue(other, {}, { queue: 'new' })],
      ['many', () => client.enqueueMany(keep, inputs)],
    ]
    for (const [what, act] of refused) {
      const error: unknown = await act().catch((thrown: unknown) => thrown)
      expect(error, what).toBeInstanceOf(QueueError)
      expect(error, what).toMatchObject({ code: 'out_of_memory', retryable: true, indeterminate: false })
      expect(differences(before, await store.look()), what).toEqual([])
    }

    const reports: Report[] = []
    const worker = createWorker({
      client: createClient({ backend: lane.open(server.url, { resendWindowMs: 0 }) }),
      tasks: [keep, other],
      onReport: (report) => void reports.push(report),
    })
    await worker.start()
    await expect
      .poll(async () => (await client.statistics()).counts, { timeout: 10_000 })
      .toMatchObject({ completed: COUNT, pending: 0, running: 0, scheduled: 1 })
    await client.cancel({ taskName: 'demo.keep' })
    await worker.stop()
    await worker[Symbol.asyncDispose]()
    expect(reports).toEqual([])
    expect((await backend.audit()).violations).toEqual([])

    await expect(client.enqueue(other, {})).rejects.toMatchObject({ code: 'out_of_memory' })
    await expect
      .poll(() => backend.sweep({ what: 'finished', olderThanMs: 0 }).then(() => backend.statistics()))
      .toMatchObject({ queues: [] })
    expect([...(await store.look()).keys()]).toEqual(['{millrace:0}:meta'])
    await own.send('CONFIG', 'SET', 'maxmemory', '0')
    expect((await client.enqueue(other, {})).outcome).toBe('created')
  }, 30_000)
}
