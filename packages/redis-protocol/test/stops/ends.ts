import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createClient, QueueError, task, type Client } from '@millrace/core'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { connect, type Connection } from '../../../../scripts/servers/connection.mjs'
import { startServer, type Server } from '../../../../scripts/servers/start-server.mjs'
import type { FaultLane } from '../faults/fault-lane.ts'
import { CLIENT_MS, WORKER_MS } from './events.ts'

const sources = new URL('../../../worker/test/fixture/sources.mjs', import.meta.url)
const program = fileURLToPath(new URL('patient.ts', import.meta.url))

const patient = task('demo.patient', { retries: 3 })

/** What is left of a worker, and of a client, when it has ended. */
export function describeEnds(lane: FaultLane): void {
  describe(`the end on ${lane.kind}`, () => {
    let server: Server
    let own: Connection
    let client: Client

    beforeEach(async () => {
      server = await startServer(lane.kind)
      own = await connect(server.url)
      client = createClient({ backend: lane.open(server.url) })
    }, 120_000)
    afterEach(async () => {
      server.signal('SIGCONT')
      await client.close()
      own.close()
      await server.stop()
    })

    /** A worker process at work on a record whose handler returns when it is told to, and not before. */
    async function atWork() {
      const { id } = await client.enqueue(patient, {})
      const child = spawn(process.execPath, ['--import', sources.href, program, server.url.replace('redis', lane.kind)])
      onTestFinished(() => void child.kill('SIGKILL'))
      child.stderr.resume()
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      const line = async (): Promise<unknown> => (await lines.next()).value
      expect(await line()).toBe('running')
      return {
        id,
        line,
        terminate: () => void child.kill('SIGTERM'),
        /** The handler returns; how the process ends then. */
        async returned(): Promise<unknown> {
          const ended = once(child, 'exit')
          child.stdin.end()
          return await ended
        },
      }
    }

    it('of a worker leaves no connection and no call, and the process ends by itself when its handlers have returned', async () => {
      const worker = await atWork()
      worker.terminate()
      expect(await worker.line()).toBe('{"abandoned":1,"unsettled":0}')
      expect(await worker.line()).toBe('closed')
      // This connection, and the client's.
      expect(String(await own.send('CLIENT', 'LIST')).match(/^id=/gm)).toHaveLength(2)
      const released = {
        status: 'pending',
        attempt: 1,
        retryCount: 0,
        recoveries: 0,
        lastEvent: 'release',
        progress: null,
      }
      expect(await client.get(worker.id)).toMatchObject(released)
      expect((await client.statistics()).workers).toEqual([])
      expect(await worker.returned()).toEqual([0, null])
      expect(await client.get(worker.id)).toMatchObject(released)
    }, 120_000)

    it('of a worker comes in time although the server hangs, and says what was not settled', async () => {
      const worker = await atWork()
      server.signal('SIGSTOP')
      const since = performance.now()
      worker.terminate()
      expect(await worker.line()).toBe('{"abandoned":1,"unsettled":1}')
      const stopped = performance.now()
      expect(stopped - since).toBeLessThan(200 + WORKER_MS + 1_000)
      expect(await worker.line()).toBe('closed')
      expect(performance.now() - stopped).toBeLessThan(CLIENT_MS + 1_000)
      expect(await worker.returned()).toEqual([1, null])
      server.signal('SIGCONT')
      expect(await client.get(worker.id)).toMatchObject({ attempt: 1, retryCount: 0 })
    }, 120_000)

    it('of a client comes in time although the server hangs, and what was not answered rejects', async () => {
      await client.enqueue(patient, {})
      server.signal('SIGSTOP')
      const call = client.enqueue(patient, {}).catch((error: unknown) => error)
      const since = performance.now()
      await client.close()
      expect(performance.now() - since).toBeLessThan(CLIENT_MS + 1_000)
      const error = await call
      expect(error).toBeInstanceOf(QueueError)
      expect(error).toMatchObject({ indeterminate: true })
      await expect(client.enqueue(patient, {})).rejects.toMatchObject({ code: 'closed' })
      await expect(client.statistics()).rejects.toMatchObject({ code: 'closed' })
    }, 120_000)
  })
}
