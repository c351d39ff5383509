import { createClient, QueueError, task } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { createWorker } from '@millrace/worker'
import { describe, expect, it } from 'vitest'
import { tap } from './tap.ts'
import { Bench, witness } from './harness.ts'

const client = createClient({ backend: memoryBackend() })
const { task: demo } = witness('demo.a', { queue: 'mail' })

function refusal(options: object): QueueError {
  try {
    createWorker({ client, tasks: [demo], ...options })
  } catch (error) {
    if (error instanceof QueueError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('options', () => {
  it.each([
    ['options.concurrncy', { concurrncy: 5 }, 'did you mean concurrency?'],
    ['options.poll.mn', { poll: { mn: 1 } }, 'did you mean min?'],
    ['options.retention.complete', { retention: { complete: '1d' } }, 'did you mean completed?'],
    ['options.queues[1].concurency', { queues: ['a', { name: 'b', concurency: 1 }] }, 'did you mean concurrency?'],
    ['options.unknownTask.failAftr', { unknownTask: { failAftr: '1d' } }, 'did you mean failAfter?'],
  ])('names the option that it does not know, and the nearest one: %s', (parameter, options, message) => {
    const error = refusal(options)
    expect(error).toMatchObject({ code: 'invalid_argument', parameter })
    expect(error.message).toContain(message)
  })

  it.each([
    ['options.client', { client: {} }],
    ['options.tasks', { tasks: [] }],
    ['options.tasks', { tasks: demo }],
    ['options.tasks[0]', { tasks: [{ name: 'demo.a' }] }],
    ['options.tasks[0]', { tasks: [null] }],
    ['options.tasks[0]', { tasks: [task('demo.contract')] }],
    ['options.tasks[1]', { tasks: [demo, demo] }],
    ['options.concurrency', { concurrency: 0 }],
    ['options.concurrency', { concurrency: 1.5 }],
    ['options.concurrency', { concurrency: '4' }],
    ['options.concurrency', { concurrency: 1_001 }],
    ['options.prefetch', { prefetch: -1 }],
    ['options.prefetch', { prefetch: 1.5 }],
    ['options.prefetch', { prefetch: 'some' }],
    ['options.prefetch', { prefetch: true }],
    ['options.prefetch', { concurrency: 900, prefetch: 101 }],
    ['options.queues', { queues: [] }],
    ['options.queues', { queues: 'mail' }],
    ['options.queues[1]', { queues: ['a', 'a'] }],
    ['options.queues[0]', { queues: ['not a name'] }],
    ['options.queues[1]', { queues: ['a', 5] }],
    ['options.queues[0]', { queues: [null] }],
    ['options.queues[0]', { queues: [['a']] }],
    ['options.queues[0].name', { queues: [{ concurrency: 2 }] }],
    ['options.queues[0].name', { queues: [{ name: 'not a name' }] }],
    ['options.queues[1].name', { queues: ['a', { name: 'a' }] }],
    ['options.queues[2]', { queues: [{ name: 'a' }, 'b', 'a'] }],
    ['options.queues[1].concurrency', { queues: ['a', { name: 'b', concurrency: 0 }] }],
    ['options.queues[0].concurrency', { queues: [{ name: 'b', concurrency: 1_001 }] }],
    ['options.queues[0].concurrency', { queues: [{ name: 'b', concurrency: 1.5 }] }],
    ['options.queues[0].concurrency', { queues: [{ name: 'b', concurrency: '2' }] }],
    ['options.queues[0].weight', { order: 'weighted', queues: [{ name: 'b', weight: 0 }] }],
    ['options.queues[1].weight', { order: 'weighted', queues: ['a', { name: 'b', weight: 1_001 }] }],
    ['options.queues[0].weight', { order: 'weighted', queues: [{ name: 'b', weight: 0.5 }] }],
    ['options.queues[1].weight', { queues: ['a', { name: 'b', weight: 2 }] }],
    ['options.queues[0].weight', { order: 'listed', queues: [{ name: 'b', weight: 1 }] }],
    ['options.queues[0].concurrency', { queues: [{ name: 'b', concurrency: null }] }],
    ['options.queues[0].weight', { order: 'weighted', queues: [{ name: 'b', weight: null }] }],
    ['options.executionBackend', { executionBackend: '' }],
    ['options.order', { order: 'random' }],
    ['options.workerId', { workerId: 'two words' }],
    ['options.heartbeat', { heartbeat: '10s' }],
    ['options.heartbeat', { heartbeat: 0 }],
    ['options.heartbeat', { heartbeat: '5 sec' }],
    ['options.staleAfter', { staleAfter: -1 }],
    ['options.sweepEvery', { sweepEvery: 0 }],
    ['options.retention.completed', { retention: { completed: '1m' } }],
    ['options.retention.others', { retention: { others: 0 } }],
    ['options.retention', { retention: true }],
    ['options.poll.min', { poll: { min: 0 } }],
    ['options.poll.max', { poll: { min: '2s', max: '1s' } }],
    ['options.unknownTask.delay', { unknownTask: { delay: 0 } }],
    ['options.onReport', { onReport: 'console' }],
    ['options.random', { random: 0.5 }],
  ])('refuses a bad %s', (parameter, options) => {
    expect(refusal(options)).toMatchObject({ code: 'invalid_argument', parameter })
  })

  it.each([
    'concurrency', 'queues', 'executionBackend', 'order', 'workerId', 'heartbeat', 'staleAfter', 'sweepEvery', 'retention', 'poll',
    'unknownTask', 'onReport', 'random',
  ])('does not take null for the default of %s', (name) => {
    expect(refusal({ [name]: null })).toMatchObject({ code: 'invalid_argument', parameter: `options.${name}` })
  }) // prettier-ignore

  it.each([
    ['retention', 'completed'], ['retention', 'others'], ['poll', 'min'], ['poll', 'max'], ['unknownTask', 'delay'], ['unknownTask', 'failAfter'],
  ])('nor of %s.%s', (name, part) => {
    expect(refusal({ [name]: { [part]: null } })).toMatchObject({ parameter: `options.${name}.${part}` })
  }) // prettier-ignore

  it('nor of the grace', async () => {
    const worker = createWorker({ client, tasks: [demo] })
    for (const name of ['grace', 'graceMs'])
      await expect(Reflect.apply(worker.stop, worker, [{ [name]: null }])).rejects.toMatchObject({
        parameter: `options.${name}`,
      })
  })

  it('are refused altogether by a runtime that is too old', () => {
    const withResolvers = Object.getOwnPropertyDescriptor(Promise, 'withResolvers')
    Reflect.deleteProperty(Promise, 'withResolvers')
    try {
      expect(() => createWorker({ client, tasks: [demo] })).toThrow('Millrace needs Node 22.12 or newer')
    } finally {
      Object.defineProperty(Promise, 'withResolvers', { ...withResolvers })
    }
  })

  it('says what a contract lacks', () => {
    expect(refusal({ tasks: [task('image.resize')] }).message).toContain('image.resize needs .handle(run)')
  })

  it.each([
    [
      { queues: [{ name: 'b', concurrency: 0 }] },
      'options.queues[0].concurrency must be a whole number from 1 to 1000',
    ],
    [
      { order: 'weighted', queues: ['a', { name: 'b', weight: 2_000 }] },
      'options.queues[1].weight must be a whole number from 1 to 1000',
    ],
    [{ queues: [{ name: 'b', weight: 2 }] }, "options.queues[0].weight has a meaning only with order: 'weighted'"],
    [{ queues: [5] }, 'options.queues[0] must be the name of a queue, or { name, concurrency, weight }'],
  ])('says what is allowed of a queue: %j', (options, message) => {
    expect(refusal(options).message).toBe(message)
  })

  it('refuses before any I/O', () => {
    const seen = tap(memoryBackend(), client.clock)
    const tapped = createClient({ backend: seen.backend })
    expect(() => createWorker({ client: tapped, tasks: [demo], concurrency: 0 })).toThrow(QueueError)
    createWorker({ client: tapped, tasks: [demo] })
    expect(seen.calls).toEqual([])
  })

  it('makes an id of the process and a random part', () => {
    const { id } = createWorker({ client, tasks: [demo] })
    expect(id).toMatch(new RegExp(`^worker-${process.pid}-[0-9a-f]{8}$`))
    expect(createWorker({ client, tasks: [demo] }).id).not.toBe(id)
    expect(createWorker({ client, tasks: [demo], workerId: 'mine' }).id).toBe('mine')
  })

  it('claims from the queues of its tasks and from default, each once', async () => {
    await using bench = new Bench()
    await bench.started({
      tasks: [demo, witness('demo.b', { queue: 'mail' }).task, witness('demo.c', { queue: 'pdf' }).task],
    })
    const [first] = bench.tap.turns
    expect(first?.claim).toMatchObject({
      order: 'priority',
      limit: 10,
      lines: ['mail', 'pdf', 'default'].map((queue) => ({ queue, executionBackend: 'local' })),
    })
  })

  it('claims from the lines it is told to, in the order given', async () => {
    await using bench = new Bench()
    await bench.started({ tasks: [demo], queues: ['b', 'a'], order: 'listed', executionBackend: 'gpu', concurrency: 3 })
    expect(bench.tap.turns[0]?.claim).toEqual({
      order: 'listed',
      limit: 3,
      lines: ['b', 'a'].map((queue) => ({ queue, executionBackend: 'gpu' })),
    })
  })
})
