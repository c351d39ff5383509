import { Discard, QueueError, RetryAt, snooze, STATUS, task } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { createTestbed } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { NOTHING } from './summaries.ts'

const noted = (name: string, seen: string[], queue = 'default') =>
  task(name, { queue, run: ({ n }: { n: number }) => void seen.push(`${name} ${n}`) })

describe('runAll', () => {
  it('runs nothing before it is called, then what is due, by priority', async () => {
    const seen: string[] = []
    const [a, b] = [noted('a', seen), noted('b', seen, 'side')]
    await using bed = await createTestbed({ tasks: [a, b], worker: { concurrency: 1 } })
    await bed.client.enqueue(a, { n: 1 })
    await bed.client.enqueue(b, { n: 2 })
    await bed.client.enqueue(a, { n: 3 }, { priority: 5 })
    const later = await bed.client.enqueue(a, { n: 4 }, { delay: 1 })
    expect(seen).toEqual([])
    expect(await bed.runAll()).toEqual({ ...NOTHING, runs: 3, completed: 3 })
    expect(seen).toEqual(['a 3', 'a 1', 'b 2'])
    expect((await later.refresh())?.status).toBe(STATUS.scheduled)
    expect(await bed.runAll()).toEqual(NOTHING)
  })

  it('leaves what is enqueued between two calls to the second one', async () => {
    const seen: string[] = []
    const a = noted('a', seen)
    await using bed = await createTestbed({ tasks: [a] })
    await bed.runAll()
    const handle = await bed.client.enqueue(a, { n: 1 })
    await wentRound()
    expect(seen).toEqual([])
    expect(await handle.refresh()).toMatchObject({ status: STATUS.pending, attempt: 0 })
    await bed.runAll()
    expect(seen).toEqual(['a 1'])
  })

  it('runs more than one claim takes', async () => {
    const seen: string[] = []
    const a = noted('a', seen)
    await using bed = await createTestbed({ tasks: [a] })
    await bed.client.enqueueMany(
      a,
      Array.from({ length: 500 }, (_, n) => ({ input: { n } })),
    )
    expect(await bed.runAll()).toMatchObject({ runs: 500, completed: 500 })
    expect(new Set(seen).size).toBe(500)
  })

  it('tells what became of every attempt', async () => {
    const unlucky = task('unlucky', {
      retries: 1,
      backoff: () => 1_000,
      run: ({ how }: { how: 'fail' | 'discard' | 'snooze' | 'later' }, { attempt }) => {
        if (how === 'discard') throw new Discard('no use')
        if (how === 'snooze' && attempt === 1) throw snooze('1h')
        if (how === 'later' && attempt === 1) throw new RetryAt(bed.clock.now() + 60_000)
        if (how === 'fail') throw new Error('again and again')
        return how
      },
    })
    await using bed = await createTestbed({ tasks: [unlucky] })
    for (const how of ['fail', 'discard', 'snooze', 'later'] as const) await bed.client.enqueue(unlucky, { how })
    expect(await bed.runAll()).toEqual({ ...NOTHING, runs: 4, failed: 1, retried: 2, snoozed: 1 })
    expect(await bed.runAll({ scheduled: true })).toEqual({ ...NOTHING, runs: 3, failed: 1, completed: 2 })
  })

  it('waits for handlers that wait for something real, and for what they enqueue without waiting', async () => {
    const seen: string[] = []
    const b = noted('b', seen)
    const { promise, resolve } = Promise.withResolvers<void>()
    const a = task('a', {
      run: async () => {
        await promise
        void bed.client.enqueue(b, { n: 1 })
        return null
      },
    })
    await using bed = await createTestbed({ tasks: [a, b] })
    await bed.client.enqueue(a, {})
    const running = bed.runAll()
    void fetchNothing().then(resolve)
    expect(await running).toMatchObject({ runs: 2, completed: 2 })
    expect(seen).toEqual(['b 1'])
  })

  it('waits for what the code under test does a few rounds of the event loop later', async () => {
    const seen: string[] = []
    const b = noted('b', seen)
    await using bed = await createTestbed({ tasks: [b] })
    await bed.runAll()
    void wentRound(3).then(() => bed.client.enqueue(b, { n: 1 }))
    await bed.runAll()
    expect(seen).toEqual(['b 1'])
  })

  it('lets a handler wait for the result of another one', async () => {
    const inner = task('inner', { run: ({ n }: { n: number }) => n + 1 })
    const outer = task('outer', { run: ({ n }: { n: number }) => bed.client.enqueueAndWait(inner, { n }) })
    await using bed = await createTestbed({ tasks: [inner, outer] })
    const handle = await bed.client.enqueue(outer, { n: 1 })
    await bed.runAll()
    expect(await handle.result({ timeout: 0 })).toBe(2)
  })

  it('leaves alone what no task here waits for', async () => {
    const seen: string[] = []
    await using bed = await createTestbed({ tasks: [noted('a', seen)] })
    const { id } = await bed.client.enqueue(task('other', { queue: 'elsewhere' }), {})
    await bed.client.enqueue(task('elsewhere', { executionBackend: 'gpu' }), {})
    expect(await bed.runAll()).toEqual(NOTHING)
    expect(await bed.client.get(id)).toMatchObject({ status: STATUS.pending, attempt: 0 })
  })

  it('throws what a handler threw if that is asked for, once everything has run', async () => {
    const error = new Error('boom')
    const a = task('a', {
      run: ({ n }: { n: number }) => {
        if (n === 1) throw error
        return n
      },
    })
    await using bed = await createTestbed({ tasks: [a], onFailure: 'throw' })
    await bed.client.enqueueMany(a, [{ input: { n: 1 } }, { input: { n: 2 } }])
    expect(await bed.runAll().catch((reason: unknown) => reason)).toBe(error)
    expect((await bed.client.statistics()).counts).toMatchObject({ failed: 1, completed: 1 })
    expect(await bed.runAll()).toEqual(NOTHING)
  })

  it('does not take a snooze for a failure', async () => {
    const a = task('a', {
      run: () => {
        throw snooze('1h')
      },
    })
    await using bed = await createTestbed({ tasks: [a], onFailure: 'throw' })
    await bed.client.enqueue(a, {})
    expect(await bed.runAll()).toMatchObject({ snoozed: 1 })
  })

  it('makes the tasks for its client where they ask for one', async () => {
    const seen: string[] = []
    const b = noted('b', seen)
    const a = task<object, null>('a')
    await using bed = await createTestbed({
      mode: 'inline',
      tasks: (client) => [
        b,
        a.handle(async () => {
          await client.enqueue(b, { n: 1 })
          seen.push('a')
        }),
      ],
    })
    await bed.client.enqueue(a, {})
    expect(seen).toEqual(['b 1', 'a'])
  })

  it("has the worker's `around` around each handler", async () => {
    const seen: string[] = []
    const a = noted('a', seen)
    const around = async ({ taskName }: { taskName: string }, run: () => Promise<unknown>): Promise<unknown> => {
      seen.push(`before ${taskName}`)
      return await run()
    }
    await using bed = await createTestbed({ tasks: [a], worker: { around } })
    await bed.client.enqueue(a, { n: 1 })
    await bed.runAll()
    expect(seen).toEqual(['before a', 'a 1'])
  })

  it('passes on what a handler threw, also where `around` caught it', async () => {
    const a = task('a', { run: () => Promise.reject(new Error('no')) })
    const around = async (_: unknown, run: () => Promise<unknown>): Promise<void> => {
      await run().catch(() => undefined)
    }
    await using bed = await createTestbed({ tasks: [a], onFailure: 'throw', worker: { around } })
    await bed.client.enqueue(a, {})
    await expect(bed.runAll()).rejects.toThrow(/^no$/)
  })
})

describe('what keeps runAll from coming to an end', () => {
  it('a handler that does not return is named', async () => {
    const hang = task('hang', { run: () => new Promise<null>(() => undefined) })
    await using bed = await createTestbed({ tasks: [hang], patience: 1 })
    const { id } = await bed.client.enqueue(hang, {})
    const error: unknown = await bed.runAll().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'TestbedError', code: 'hanging' })
    expect(String(error)).toContain(`has not returned: hang ${id} (attempt 1).`)
  })

  it('a record that waits behind it is not taken for it', async () => {
    const hang = task('hang', { run: () => new Promise<null>(() => undefined) })
    const a = noted('bystander', [])
    await using bed = await createTestbed({ tasks: [hang, a], patience: 1, worker: { concurrency: 1 } })
    await bed.client.enqueue(hang, {})
    await bed.client.enqueue(a, { n: 1 })
    const error: unknown = await bed.runAll().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'hanging', message: expect.not.stringContaining('bystander') })
  })

  it('a handler that returns later is run to its end by the next call', async () => {
    const { promise, resolve } = Promise.withResolvers<null>()
    const slow = task('slow', { run: () => promise })
    await using bed = await createTestbed({ tasks: [slow], patience: 1 })
    const handle = await bed.client.enqueue(slow, {})
    await expect(bed.runAll()).rejects.toMatchObject({ code: 'hanging' })
    resolve(null)
    expect(await bed.runAll()).toMatchObject({ runs: 0, completed: 1 })
    expect((await handle.refresh())?.attempt).toBe(1)
  })

  it('a task that enqueues itself is stopped, named, and the next call starts anew', async () => {
    let left = Infinity
    const again = task('again', {
      run: async () => {
        left -= 1
        if (left > 0) await bed.client.enqueue(again, {})
        return null
      },
    })
    await using bed = await createTestbed({ tasks: [again, noted('a', [])], limit: 20 })
    await bed.client.enqueue(again, {})
    const error: unknown = await bed.runAll().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'TestbedError', code: 'endless' })
    expect(String(error)).toContain('more than 20 handlers were started in one call, 21 of them of again')
    const { counts } = await bed.client.statistics()
    expect(counts).toMatchObject({ pending: 1, running: 0 })
    left = 3
    expect(await bed.runAll()).toMatchObject({ runs: 3, completed: 3 })
  })

  it('a task that snoozes for ever is, too', async () => {
    const never = task('never', {
      run: () => {
        throw snooze('1h')
      },
    })
    await using bed = await createTestbed({ tasks: [never], limit: 20 })
    await bed.client.enqueue(never, {})
    await expect(bed.runAll({ scheduled: true })).rejects.toMatchObject({ code: 'endless' })
  })

  it('a record without a handler is named, unless the worker was told what to do with it', async () => {
    const a = noted('a', [])
    await using strict = await createTestbed({ tasks: [a] })
    await strict.client.enqueue(task('unknown'), {})
    const error: unknown = await strict.runAll().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'unknown_task', message: expect.stringContaining('unknown') })

    await using lenient = await createTestbed({ tasks: [a], worker: { unknownTask: { delay: '1h' } } })
    await lenient.client.enqueue(task('unknown'), {})
    expect(await lenient.runAll()).toMatchObject({ runs: 0, snoozed: 1 })
  })

  it('an error of the backend is passed on', async () => {
    const cause = new QueueError('connection', 'gone')
    const a = noted('a', [])
    let isBroken = false
    await using bed = await createTestbed({
      tasks: [a],
      backend: (given) => {
        const backend = memoryBackend(given)
        const turn = backend.turn.bind(backend)
        return Object.assign(backend, {
          turn: (request: Parameters<typeof turn>[0]) => (isBroken ? Promise.reject(cause) : turn(request)),
        })
      },
    })
    await bed.client.enqueue(a, { n: 1 })
    isBroken = true
    await expect(bed.runAll()).rejects.toMatchObject({ code: 'backend', cause })
    isBroken = false
  })

  it('one that has passed is over with the call that met it', async () => {
    const a = noted('a', [])
    let failures = 0
    await using bed = await createTestbed({
      tasks: [a],
      backend: (given) => {
        const backend = memoryBackend(given)
        const turn = backend.turn.bind(backend)
        const lost = new QueueError('connection', 'lost', { indeterminate: true })
        return Object.assign(backend, {
          turn: (request: Parameters<typeof turn>[0]) => (failures-- > 0 ? Promise.reject(lost) : turn(request)),
        })
      },
    })
    const start = bed.clock.now()
    await bed.runAll()
    await bed.client.enqueue(a, { n: 1 })
    failures = 1
    await expect(bed.runAll()).rejects.toMatchObject({ code: 'backend' })
    expect(await bed.runAll()).toMatchObject({ runs: 1, completed: 1 })
    expect(bed.clock.now()).toBe(start)
  })

  it('due records that a claim does not bring are named', async () => {
    const a = noted('a', [])
    let isDeaf = false
    await using bed = await createTestbed({
      tasks: [a],
      backend: (given) => {
        const backend = memoryBackend(given)
        const turn = backend.turn.bind(backend)
        return Object.assign(backend, {
          turn: ({ claim, ...rest }: Parameters<typeof turn>[0]) =>
            turn(isDeaf || claim === undefined ? rest : { ...rest, claim }),
        })
      },
    })
    await bed.runAll()
    isDeaf = true
    const { id } = await bed.client.enqueue(a, { n: 1 })
    const error: unknown = await bed.runAll().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'stuck', message: expect.stringContaining(`a ${id} is due`) })
  })
})

/** Whatever is ready to run has run. */
async function wentRound(times = 10): Promise<void> {
  for (let i = 0; i < times; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Something outside of this process's event loop, as a handler waits for. */
async function fetchNothing(): Promise<void> {
  const { readFile } = await import('node:fs/promises')
  await readFile(import.meta.filename)
}
