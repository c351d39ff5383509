import { createClient, manualClock, task, type Backend, type Client, type TaskRequest } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createdBy } from './created-by.ts'
import { recordingBackend, type Recording } from './recording-backend.ts'
import { ID } from './sample-request.ts'

const note = task<{ n: number }, null>('note')
/** Its schema answers a moment later. */
const slow = task('slow', { input: z.object({ n: z.number().refine(async (n) => Promise.resolve(n >= 0)) }) })

function open(answers: Partial<Backend> = {}, limits = {}): Recording & { client: Client } {
  const recording = recordingBackend({ enqueue: createdBy, ...answers }, limits)
  return { ...recording, client: createClient({ backend: recording.backend, clock: manualClock() }) }
}

/** The calls, each enqueue with the numbers that it carried. */
function seen({ calls }: Recording): readonly string[] {
  return calls.map(({ method, parameters: [requests] }) =>
    method === 'enqueue'
      ? `enqueue ${(requests as readonly TaskRequest[]).map(({ body }) => /"n":(\d+)/.exec(body)?.[1]).join()}`
      : method,
  )
}

describe('the enqueues of one tick', () => {
  it('travel in one call, in order', async () => {
    const opened = open()
    const handles = await Promise.all([1, 2, 3].map((n) => opened.client.enqueue(note, { n })))
    expect(seen(opened)).toEqual(['enqueue 1,2,3'])
    expect(handles.map(({ record }) => record?.kwargs['n'])).toEqual([1, 2, 3])
    expect(handles.map(({ id }) => id).toSorted()).toEqual(handles.map(({ id }) => id))
  })

  it('go while others are still being made: twenty-five, twice as many, and the rest', async () => {
    const opened = open()
    await opened.client.backend.open()
    await new Promise(setImmediate)
    const ticks = [100, 30].map((count) => Array.from({ length: count }, (_, n) => n))
    const gone: number[] = []
    for (const numbers of ticks) {
      const handles = numbers.map((n) => opened.client.enqueue(note, { n }))
      gone.push(opened.calls.length)
      await Promise.all(handles)
    }
    const sizes = [[0, 25], [25, 75], [75, 100], [0, 25], [25, 30]] as const // prettier-ignore
    const expected = sizes.map(([from, to]) => `enqueue ${(ticks[0] ?? []).slice(from, to).join()}`)
    expect(seen(opened).filter((call) => call !== 'open')).toEqual(expected)
    // With the call that opened it: two were made in the first tick, and one in the second.
    expect(gone).toEqual([3, 5])
  })

  it('go together while they take keys', async () => {
    const opened = open()
    await opened.client.backend.open()
    await new Promise(setImmediate)
    const numbers = Array.from({ length: 60 }, (_, n) => n)
    await Promise.all(numbers.map((n) => opened.client.enqueue(note, { n }, { key: `k${n}` })))
    expect(seen(opened).filter((call) => call !== 'open')).toEqual([`enqueue ${numbers.join()}`])
  })

  it('of enqueueMany go together, because all of them are there', async () => {
    const opened = open()
    const numbers = Array.from({ length: 60 }, (_, n) => n)
    await opened.client.enqueueMany(
      note,
      numbers.map((n) => ({ input: { n } })),
    )
    expect(seen(opened)).toEqual([`enqueue ${numbers.join()}`])
  })

  it('are not held back for those of the next one', async () => {
    const opened = open()
    await opened.client.enqueue(note, { n: 1 })
    await opened.client.enqueue(note, { n: 2 })
    expect(seen(opened)).toEqual(['enqueue 1', 'enqueue 2'])
  })

  it('are split at the limit of a batch', async () => {
    const opened = open({}, { batch: 2 })
    await Promise.all([1, 2, 3, 4, 5].map((n) => opened.client.enqueue(note, { n })))
    expect(seen(opened)).toEqual(['enqueue 1,2', 'enqueue 3,4', 'enqueue 5'])
  })

  it('of enqueue and enqueueMany go together', async () => {
    const opened = open()
    const one = opened.client.enqueue(note, { n: 1 })
    const many = opened.client.enqueueMany(note, [{ input: { n: 2 } }, { input: { n: 3 } }])
    const last = opened.client.enqueue(note, { n: 4 })
    await Promise.all([one, many, last])
    expect(seen(opened)).toEqual(['enqueue 1,2,3,4'])
  })

  it('fail together, and only these', async () => {
    const problem = new Error('lost')
    const answers = [Promise.reject(problem)]
    const opened = open({ enqueue: (requests) => answers.shift() ?? createdBy(requests) }, { batch: 2 })
    const outcomes = await Promise.allSettled([1, 2, 3].map((n) => opened.client.enqueue(note, { n })))
    expect(outcomes.map((one) => (one.status === 'rejected' ? one.reason : one.value.outcome))).toEqual([
      problem, problem, 'created',
    ]) // prettier-ignore
  })

  it('fail together if the backend throws at once', async () => {
    const problem = new Error('broken')
    const opened = open({
      enqueue() {
        throw problem
      },
    })
    const outcomes = await Promise.allSettled([1, 2].map((n) => opened.client.enqueue(note, { n })))
    expect(outcomes).toEqual([problem, problem].map((reason) => ({ status: 'rejected', reason })))
  })

  it('that the backend does not answer are refused, and the others are not', async () => {
    const opened = open({ enqueue: async (requests) => (await createdBy(requests)).slice(0, 2) })
    const outcomes = await Promise.allSettled([1, 2, 3].map((n) => opened.client.enqueue(note, { n })))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(outcomes[2]).toMatchObject({ reason: { code: 'corrupt_record' } })
  })

  it('wait for a schema that takes its time, each by itself', async () => {
    const opened = open()
    await Promise.all([
      opened.client.enqueue(slow, { n: 1 }),
      opened.client.enqueue(note, { n: 2 }),
      opened.client.enqueue(slow, { n: 3 }),
    ])
    expect(seen(opened)).toEqual(['enqueue 2', 'enqueue 1,3'])
  })
})

describe('what was enqueued goes first', () => {
  const nothing = (): Promise<never> => Promise.reject(new Error('no answer'))

  it.each<[method: string, act: (client: Client) => Promise<unknown>]>([
    ['get', (client) => client.get(ID)],
    ['getByKey', (client) => client.getByKey('k')],
    ['list', (client) => client.list({ view: 'next' })],
    ['list', async (client) => await client.each({ view: 'next' })[Symbol.asyncIterator]().next()],
    ['cancel', (client) => client.cancel(ID)],
    ['list', (client) => client.cancel({ queue: 'a' })],
    ['statistics', (client) => client.statistics()],
    ['turn', (client) => client.claimNext({ workerId: 'w' })],
    ['turn', (client) => client.complete({ id: ID, attempt: 1 })],
    ['assign', (client) => client.setExecutionRef({ id: ID, attempt: 1 }, 'r')],
    ['sweep', (client) => client.expireOverdue()],
    ['replay', (client) => client.replay({ id: ID, attempt: 1 })],
    ['lease', (client) => client.acquireLease('n', 't', '1s')],
    ['close', (client) => client.close()],
  ])('before %s', async (method, act) => {
    const opened = open({ close: nothing })
    const call = opened.client.enqueue(note, { n: 1 })
    await expect(act(opened.client)).rejects.toThrow(/no answer/)
    await call
    expect(seen(opened)).toEqual(['enqueue 1', method])
  })

  it('and is answered first, also if it was sent in an earlier tick', async () => {
    const answer = Promise.withResolvers<void>()
    const opened = open({
      enqueue: async (requests) => await answer.promise.then(() => createdBy(requests)),
      get: () => Promise.resolve([null]),
    })
    const first = opened.client.enqueue(note, { n: 1 })
    await Promise.resolve()
    const call = opened.client.get(ID)
    const second = opened.client.enqueue(note, { n: 2 })
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen(opened)).toEqual(['enqueue 1', 'enqueue 2'])
    answer.resolve()
    expect(await call).toBeNull()
    await Promise.all([first, second])
    expect(seen(opened)).toEqual(['enqueue 1', 'enqueue 2', 'get'])
  })

  it('and what comes after its answer is not held back', async () => {
    const opened = open({ get: () => Promise.resolve([null]) })
    await opened.client.enqueue(note, { n: 1 })
    const call = opened.client.get(ID)
    expect(seen(opened)).toEqual(['enqueue 1', 'get'])
    await call
  })

  it('before a handle asks', async () => {
    const opened = open({ get: () => Promise.resolve([null]) })
    const handle = await opened.client.enqueue(note, { n: 1 })
    const call = opened.client.enqueue(note, { n: 2 })
    expect(await handle.refresh()).toBeNull()
    await call
    await Promise.allSettled([opened.client.enqueue(note, { n: 3 }), handle.result()])
    expect(seen(opened)).toEqual(['enqueue 1', 'enqueue 2', 'get', 'enqueue 3', 'watch'])
  })

  it('and is sent once only', async () => {
    const opened = open({ get: () => Promise.resolve([null]) })
    const call = opened.client.enqueue(note, { n: 1 })
    await Promise.all([opened.client.get(ID), opened.client.get(ID), call])
    const next = opened.client.enqueue(note, { n: 2 })
    await next
    expect(seen(opened)).toEqual(['enqueue 1', 'get', 'get', 'enqueue 2'])
  })
})

describe('enqueueMany', () => {
  it('answers in order, each with its own outcome', async () => {
    const opened = open({
      async enqueue(requests) {
        const results = await createdBy(requests)
        return results.map((result, i) => {
          if (result.record === null || i === 0 || i === 3) return result
          const taskName = i === 1 ? 'other' : result.record.taskName
          return { outcome: 'existing', record: { ...result.record, taskName } }
        })
      },
    })
    const items = [1, 2, 3, 4].map((n) => ({ input: { n }, options: { key: `k${n}`, keyScope: 'namespace' as const } }))
    const handles = await opened.client.enqueueMany(note, items)
    expect(handles.map(({ outcome }) => outcome)).toEqual(['created', 'conflict', 'existing', 'created'])
    expect(handles.map(({ record }) => record?.kwargs['n'])).toEqual([1, 2, 3, 4])
    expect(handles[1]?.taskName).toBe('other')
    expect(handles.map((handle) => 'result' in handle)).toEqual([true, false, true, true])
  })

  it('answers in order also where a later call is answered first', async () => {
    const answered = Promise.withResolvers<void>()
    const opened = open(
      {
        async enqueue(requests) {
          if (requests.length === 2) await answered.promise
          else answered.resolve()
          return await createdBy(requests)
        },
      },
      { batch: 2 },
    )
    const items = [1, 2, 3].map((n) => ({ input: { n } }))
    const handles = await opened.client.enqueueMany(note, items)
    expect(handles.map(({ record }) => record?.kwargs['n'])).toEqual([1, 2, 3])
  })

  it('rejects as the first one of its calls does', async () => {
    const [problem, other] = [new Error('lost'), new Error('also')]
    const answers = [
      (r: readonly TaskRequest[]) => createdBy(r),
      () => Promise.reject(problem),
      () => Promise.reject(other),
    ]
    const opened = open({ enqueue: (requests) => answers.shift()?.(requests) ?? createdBy(requests) }, { batch: 1 })
    await expect(opened.client.enqueueMany(note, [1, 2, 3].map((n) => ({ input: { n } })))).rejects.toBe(problem) // prettier-ignore
  })

  it('of nothing does nothing', async () => {
    const opened = open()
    expect(await opened.client.enqueueMany(note, [])).toEqual([])
    expect(opened.calls).toEqual([])
  })

  it('goes in as many calls as the limit of a batch needs', async () => {
    const opened = open()
    const handles = await opened.client.enqueueMany(
      note,
      Array.from({ length: 2_500 }, (_, n) => ({ input: { n } })),
    )
    expect(handles).toHaveLength(2_500)
    expect(opened.calls.map(({ parameters: [requests] }) => (requests as readonly unknown[]).length)).toEqual([
      1_000, 1_000, 500,
    ]) // prettier-ignore
  })

  it('writes nothing if one of them is refused', async () => {
    const opened = open()
    const { client } = opened
    const bad = [{ input: { n: 1 } }, { input: { n: 1n } }]
    await expect(Reflect.apply(client.enqueueMany, client, [note, bad])).rejects.toMatchObject({
      code: 'not_serializable',
      parameter: 'items[1].input.n',
      message: expect.stringMatching(/^items\[1\]\.input\.n[: ]/),
    })
    expect(opened.calls).toEqual([])
  })

  it('writes nothing if a schema refuses one of them later', async () => {
    const opened = open()
    const items = [{ input: { n: 1 } }, { input: { n: -1 } }, { input: { n: -2 } }]
    await expect(opened.client.enqueueMany(slow, items)).rejects.toMatchObject({
      code: 'invalid_argument',
      parameter: 'items[1].input.n',
    })
    expect(opened.calls).toEqual([])
    await opened.client.enqueueMany(slow, items.slice(0, 1))
    expect(seen(opened)).toEqual(['enqueue 1'])
  })

  it('leaves no refusal unhandled if one is refused at once and another one later', async () => {
    const opened = open()
    const { client } = opened
    const unhandled: unknown[] = []
    const listen = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listen)
    try {
      const items = [{ input: { n: -1 } }, { input: { n: 1n } }]
      await expect(Reflect.apply(client.enqueueMany, client, [slow, items])).rejects.toMatchObject({
        parameter: 'items[1].input.n',
      })
      await new Promise((resolve) => setImmediate(resolve))
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', listen)
    }
  })

  it.each<[what: string, parameters: readonly unknown[], parameter: string]>([
    ['no list', [note, { input: { n: 1 } }], 'items'],
    ['null', [note, [null]], 'items[0]'],
    ['an input in place of an item', [note, [{ input: { n: 1 } }, { n: 1 }]], 'items[1].n'],
    ['options beside the input', [note, [{ input: { n: 1 }, key: 'k' }]], 'items[0].key'],
    ['bad options', [note, [{ input: { n: 1 }, options: { dely: 1 } }]], 'items[0].options.dely'],
    ['no task', [null, [{ input: {} }]], 'task'],
  ])('refuses %s', async (_what, parameters, parameter) => {
    const opened = open()
    const { client } = opened
    await expect(Reflect.apply(client.enqueueMany, client, parameters)).rejects.toMatchObject({
      code: 'invalid_argument',
      parameter,
    })
    expect(opened.calls).toEqual([])
  })
})
