import { randomUUID } from 'node:crypto'
import { AttemptAborted, createClient, STATUS, task, type Backend, type Client, type TurnRequest } from '@millrace/core'
import { createWorker, type Worker, type WorkerOptions } from '@millrace/worker'
import { describe, expect, it, onTestFinished } from 'vitest'
import { puppet } from './harness.ts'

/** Waits for a fact on a real clock. */
async function fact(what: () => unknown): Promise<void> {
  await expect.poll(what, { interval: 5, timeout: 15_000 }).toBe(true)
}

/** A worker's own connection, which may be deaf to hints, and that of somebody else. */
interface Pair {
  readonly client: Client
  readonly other: Client
  readonly turns: readonly TurnRequest[]
  worker(options: Omit<WorkerOptions, 'client'>): Promise<Worker>
}

function pairOf(open: (namespace: string) => Backend, hears: 'all' | 'nothing'): Pair {
  const namespace = `stop-${randomUUID()}`
  const [inner, outer] = [open(namespace), open(namespace)]
  const turns: TurnRequest[] = []
  const backend = new Proxy(inner, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (name === 'watch' && hears === 'nothing') return () => new Promise(() => undefined)
      if (name !== 'turn') return typeof member === 'function' ? member.bind(target) : member
      return (request: TurnRequest) => {
        turns.push(request)
        return target.turn(request)
      }
    },
  })
  const [client, other] = [createClient({ backend }), createClient({ backend: outer })]
  const workers: Worker[] = []
  onTestFinished(async () => {
    await Promise.all(workers.map((worker) => worker.stop({ graceMs: 0 })))
    await inner.destroy()
    await Promise.all([client.close(), other.close()])
  })
  return {
    client,
    other,
    turns,
    async worker(options) {
      const worker = createWorker({ ...options, client, onReport: () => undefined })
      workers.push(worker)
      await worker.start()
      return worker
    },
  }
}

/** No heartbeat is due while a test runs, so that what is heard was hinted. */
const SILENT = { heartbeat: '1h', staleAfter: '3h' } as const

/** Running work is told to stop from elsewhere: two connections that share nothing but the backend. */
export function describeToldToStop(name: string, open: (namespace: string) => Backend): void {
  describe(`running work on ${name} is told to stop`, () => {
    it('at once by a hint, with a reason; its slot and its key stay taken until it returns', async () => {
      const { other, worker: work, turns } = pairOf(open, 'all')
      const demo = puppet('demo.puppet')
      const worker = await work({ ...SILENT, tasks: [demo.task], queues: [{ name: 'default', concurrency: 1 }] })
      const { id } = await other.enqueue(demo.task, { n: 1 }, { key: 'k' })
      await fact(() => demo.starts.length === 1)
      await other.enqueue(demo.task, { n: 2 })
      const before = turns.length
      expect((await other.cancel(id, { includeRunning: true, reason: 'no longer needed' })).cancelled).toEqual([id])
      await fact(() => demo.starts[0]?.context.signal.aborted)
      expect(turns.slice(before).filter(({ touches }) => touches !== undefined)).toHaveLength(1)
      const reason: unknown = demo.starts[0]?.context.signal.reason
      expect(reason).toBeInstanceOf(AttemptAborted)
      expect(reason).toMatchObject({ code: 'cancelled', message: `demo.puppet ${id} (attempt 1) was cancelled` })
      expect(await other.get(id)).toMatchObject({
        status: STATUS.cancelled,
        workerId: worker.id,
        error: { code: 'cancelled', message: 'no longer needed' },
      })
      expect(worker.health()).toMatchObject({ running: 1, aborted: 1, free: 0 })
      expect((await other.enqueue(demo.task, { n: 3 }, { key: 'k' })).outcome).toBe('existing')
      expect(demo.starts).toHaveLength(1)
      demo.starts[0]?.finish()
      await fact(async () => (await other.get(id))?.workerId === null)
      expect((await other.enqueue(demo.task, { n: 4 }, { key: 'k' })).outcome).toBe('created')
      for (const at of [1, 2]) {
        await fact(() => demo.starts.length > at)
        demo.starts[at]?.finish()
      }
      expect(demo.most).toBe(1)
    })

    it('with all hints dead by its next heartbeat', async () => {
      const { other, worker: work, turns } = pairOf(open, 'nothing')
      const demo = puppet('demo.puppet')
      const { id } = await other.enqueue(demo.task, { n: 1 })
      await work({ tasks: [demo.task], heartbeat: '100ms', staleAfter: '1h' })
      await fact(() => demo.starts.length === 1)
      await other.cancel(id, { includeRunning: true })
      const before = turns.length
      await fact(() => demo.starts[0]?.context.signal.aborted)
      // Another one may have been made before its answer was seen here.
      expect(turns.slice(before).filter(({ touches }) => touches !== undefined).length).toBeLessThanOrEqual(2)
      expect(demo.starts[0]?.context.signal.reason).toMatchObject({ code: 'cancelled' })
      demo.starts[0]?.finish()
      await fact(async () => (await other.get(id))?.workerId === null)
    })

    it('by ids and by a filter, which say what they matched, cancelled and missed', async () => {
      const { other, worker: work } = pairOf(open, 'all')
      const demo = task<{ account: { id: number; plan: string } }, null>('demo.sync', { queue: 'sync' })
      const aborted: string[] = []
      const run = async (_: unknown, { id, signal }: { id: string; signal: AbortSignal }): Promise<null> => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        aborted.push(id)
        throw signal.reason
      }
      const of = async (id: number, tenant: string, delay: number): Promise<string> =>
        (await other.enqueue(demo, { account: { id, plan: 'big' } }, { metadata: { tenant, n: delay }, delay })).id
      const [running, elsewhere] = [await of(5, 'acme', 0), await of(5, 'other', 0)]
      const [waiting, stranger] = [await of(5, 'acme', 3_600_000), await of(6, 'acme', 3_600_000)]
      const worker = await work({ ...SILENT, tasks: [demo.handle(run)] })
      await fact(() => worker.health().running === 2)
      const filter = {
        taskName: 'demo.sync',
        queue: 'sync',
        kwargs: { account: { id: 5 } },
        metadata: { tenant: 'acme' },
      }
      expect(await other.cancel(filter)).toEqual({
        matched: 2,
        cancelled: [waiting],
        missed: [{ id: running, outcome: 'refused', status: STATUS.running }],
      })
      expect(aborted).toEqual([])
      const report = { matched: 1, cancelled: [running], missed: [] }
      expect(await other.cancel(filter, { includeRunning: true })).toEqual(report)
      await fact(() => aborted.length === 1)
      expect(aborted).toEqual([running])
      await fact(async () => (await other.get(running))?.workerId === null)
      const { id: ended } = await other.enqueue(task('demo.ended', { queue: 'aside' }), {})
      const held = await other.claimTask(ended, { workerId: 'somebody' })
      if (held !== null) await other.complete(held)
      expect(await other.cancel([elsewhere, ended, stranger], { includeRunning: true })).toEqual({
        matched: 3,
        cancelled: [elsewhere, stranger],
        missed: [{ id: ended, outcome: 'refused', status: STATUS.completed }],
      })
      await fact(() => aborted.length === 2)
    })

    it('by its timeout: with a key it is held until it returns, and what is stored says what timed out', async () => {
      const { other, worker: work } = pairOf(open, 'all')
      const demo = puppet('demo.slow', { timeout: '50ms', retries: 0 })
      const worker = await work({ ...SILENT, tasks: [demo.task], queues: [{ name: 'default', concurrency: 1 }] })
      const { id } = await other.enqueue(demo.task, { n: 1 }, { key: 'k' })
      await fact(() => demo.starts[0]?.context.signal.aborted)
      expect(demo.starts[0]?.context.signal.reason).toMatchObject({ name: 'AttemptAborted', code: 'timeout' })
      expect((await other.enqueue(demo.task, { n: 2 }, { key: 'k' })).outcome).toBe('existing')
      expect(await other.get(id)).toMatchObject({ status: STATUS.running, workerId: worker.id })
      expect(worker.health()).toMatchObject({ running: 1, aborted: 1, free: 0 })
      demo.starts[0]?.finish('too late')
      await fact(async () => (await other.get(id))?.status === STATUS.failed)
      expect((await other.get(id))?.error).toEqual({
        name: 'AttemptAborted',
        code: 'timeout',
        message: 'demo.slow timed out after 50 ms (attempt 1)',
        stack: expect.stringContaining('demo.slow timed out after 50 ms'),
      })
      expect((await other.enqueue(demo.task, { n: 3 }, { key: 'k' })).outcome).toBe('created')
      await fact(() => demo.starts.length === 2)
      demo.starts[1]?.finish()
    })

    it('or fails, and its error keeps name, message, stack, code and causes', async () => {
      const { other, worker: work } = pairOf(open, 'all')
      const demo = task('demo.fails', {
        retries: 0,
        run: (): null => {
          const root = Object.assign(new RangeError('port 0'), { code: 'EADDR' })
          throw Object.assign(new TypeError('no route', { cause: new Error('refused', { cause: root }) }), { code: 7 })
        },
      })
      await work({ ...SILENT, tasks: [demo] })
      const { id } = await other.enqueue(demo, {})
      await fact(async () => (await other.get(id))?.status === STATUS.failed)
      expect((await other.get(id))?.error).toEqual({
        name: 'TypeError',
        message: 'no route',
        code: '7',
        stack: expect.stringContaining('TypeError: no route'),
        cause: {
          name: 'Error',
          message: 'refused',
          stack: expect.any(String),
          cause: { name: 'RangeError', message: 'port 0', code: 'EADDR', stack: expect.any(String) },
        },
      })
    })
  })
}
