import { createClient, QueueError, task } from '@millrace/core'
import { memoryBackend, memoryStore } from '@millrace/memory'
import { createTestbed, type TestbedOptions } from '@millrace/testing'
import { describe, expect, it } from 'vitest'

const a = task('a', { run: () => null })

describe('createTestbed refuses', () => {
  it.each([
    ['an unknown option', { taks: [a] }, 'did you mean tasks?'],
    ['null', { now: null }, 'options.now'],
    ['no instant', { now: Number.NaN }, 'options.now'],
    ['no mode', { mode: 'fast' }, 'options.mode'],
    ['no way to fail', { onFailure: 'log' }, 'options.onFailure'],
    ['a backend that is open already', { backend: memoryBackend() }, 'options.backend'],
    ['no patience', { patience: 0 }, 'options.patience'],
    ['no limit', { limit: 0 }, 'options.limit'],
    ['tasks that are none', { tasks: 'a' }, 'options.tasks'],
    ['a task without a handler', { tasks: [task('b')] }, 'needs .handle(run)'],
    ["a client of the worker's own", { tasks: [a], worker: { client: 1 } }, 'options.worker.client'],
    ['no options of a worker', { worker: 5 }, 'options.worker must be an object'],
    [
      "an unknown option of the worker's where nothing runs",
      { worker: { concurency: 1 } },
      'did you mean concurrency?',
    ],
    ["an unknown option of the worker's", { tasks: [a], worker: { concurency: 1 } }, 'did you mean concurrency?'],
  ])('%s', async (_what, options, message) => {
    const error: unknown = await createTestbed(options as unknown as TestbedOptions).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(QueueError)
    expect(error).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining(message) })
  })

  it('bad durations, instants and options of its calls', async () => {
    await using bed = await createTestbed()
    // @ts-expect-error -- '5m'
    await expect(bed.advance('5')).rejects.toThrow('duration')
    await expect(bed.advanceTo(Number.NaN)).rejects.toThrow('instant')
    // @ts-expect-error -- whileRunning
    await expect(bed.advance(1, { whileRuning: true })).rejects.toThrow('did you mean whileRunning?')
    // @ts-expect-error -- scheduled
    await expect(bed.runAll({ schedule: true })).rejects.toThrow('did you mean scheduled?')
    // @ts-expect-error -- true or false
    await expect(bed.runAll({ scheduled: 1 })).rejects.toThrow('options.scheduled')
  })

  it('every call once it is closed', async () => {
    const bed = await createTestbed({ tasks: [a] })
    const calls = [
      () => bed.runAll(),
      () => bed.advance('1m'),
      () => bed.advanceTo(0),
      () => bed.run(a, {}),
      () => bed.enqueued(a),
      () => bed.assertEnqueued(a),
      () => bed.assertNotEnqueued(a),
    ]
    await bed.close()
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({
        name: 'TestbedError',
        code: 'closed',
        message: 'the testbed is closed: each test has one of its own',
      })
    await bed.close()
  })

  it('a namespace in which something is paused, and leaves it so', async () => {
    const store = memoryStore()
    const client = createClient({ backend: memoryBackend({ store }) })
    await client.pause('a')
    await expect(createTestbed({ backend: () => memoryBackend({ store }) })).rejects.toMatchObject({
      code: 'occupied',
      message: expect.stringContaining('the backend has a pause before the test'),
    })
    expect(await client.paused()).toEqual({ namespace: false, queues: ['a'] })
  })

  it('a namespace that is in use, and leaves it as it is', async () => {
    const store = memoryStore()
    const mine = memoryBackend({ store })
    const client = createClient({ backend: mine })
    const { id } = await client.enqueue(a, {})
    const error: unknown = await createTestbed({ backend: () => memoryBackend({ store }) }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({
      name: 'TestbedError',
      code: 'occupied',
      message: expect.stringContaining('1 record '),
    })
    expect((await client.get(id))?.status).toBe('pending')
  })
})
