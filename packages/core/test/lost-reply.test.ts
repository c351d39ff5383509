import {
  createClient,
  manualClock,
  QueueError,
  task,
  type Backend,
  type Client,
  type TaskRequest,
} from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { createdBy } from './created-by.ts'
import { memoryClient } from './memory-client.ts'
import { recordingBackend, type Recording } from './recording-backend.ts'
import { rejectionOf } from './refusal.ts'
import { ID } from './sample-request.ts'

const note = task<{ n: number }, null>('note')
const lost = (): QueueError => new QueueError('connection', 'the reply was lost', { indeterminate: true })

/** A backend whose first calls of `method` fail one by one, and which works then. */
function failing(
  method: keyof Backend,
  errors: readonly Error[],
  answers: Partial<Backend> = {},
): Recording & { client: Client } {
  const left = [...errors]
  const working: Partial<Backend> = { enqueue: createdBy, ...answers }
  const recording = recordingBackend({
    ...working,
    [method]: (...parameters: readonly unknown[]): unknown => {
      const error = left.shift()
      if (error !== undefined) return Promise.reject(error)
      const answer: unknown = working[method]
      return typeof answer === 'function'
        ? Reflect.apply(answer, undefined, parameters)
        : Promise.reject(new Error('no answer'))
    },
  })
  return { ...recording, client: createClient({ backend: recording.backend, clock: manualClock() }) }
}

/** What each call of enqueue carried. */
function batches({ calls }: Recording): readonly (readonly TaskRequest[])[] {
  return calls
    .filter(({ method }) => method === 'enqueue')
    .map(({ parameters: [requests] }) => requests as readonly TaskRequest[])
}

const numbers = (recording: Recording): readonly string[] =>
  batches(recording).map((batch) => batch.map(({ body }) => /"n":(\d+)/.exec(body)?.[1]).join())

describe('P5: an enqueue whose reply is lost', () => {
  it('is repeated once with the same requests', async () => {
    const opened = failing('enqueue', [lost()])
    const handles = await Promise.all([1, 2].map((n) => opened.client.enqueue(note, { n })))
    const [first = [], second = [], ...more] = batches(opened)
    expect(handles.map(({ outcome }) => outcome)).toEqual(['created', 'created'])
    expect(more).toEqual([])
    expect(second).toHaveLength(2)
    second.forEach((request, i) => expect(request).toBe(first[i]))
  })

  it('leaves one record', async () => {
    const { backend, client } = memoryClient()
    let swallows = 2
    const swallowing = new Proxy(backend, {
      get: (target, name) =>
        name === 'enqueue'
          ? async (requests: readonly TaskRequest[]) => {
              const results = await target.enqueue(requests)
              if (swallows-- > 0) throw lost()
              return results
            }
          : Reflect.get(target, name, target),
    })
    const flaky = createClient({ backend: swallowing, clock: client.clock })
    const error = await rejectionOf(() => flaky.enqueue(note, { n: 1 }))
    expect((await flaky.enqueue(note, { n: 2 })).outcome).toBe('created')
    const { records } = await client.list({ view: 'pending' })
    expect(records.map(({ kwargs }) => kwargs['n'])).toEqual([1, 2])
    expect(error.message).toContain(records[0]?.id)
  })

  it('is still indeterminate after the second failure, whatever that one was, and each names its record', async () => {
    const second = new QueueError('closed', 'the backend is closed')
    const opened = failing('enqueue', [lost(), second])
    const outcomes = await Promise.allSettled([1, 2].map((n) => opened.client.enqueue(note, { n })))
    const [requests = []] = batches(opened)
    for (const [i, outcome] of outcomes.entries()) {
      expect(outcome).toMatchObject({ reason: { code: 'closed', indeterminate: true } })
      expect(String(Reflect.get(outcome, 'reason'))).toContain(requests[i]?.id)
    }
    expect(batches(opened)).toHaveLength(2)
  })

  it('keeps the code of the loss if the second one breaks', async () => {
    const broken = new TypeError('broken')
    const error = await rejectionOf(() => failing('enqueue', [lost(), broken]).client.enqueue(note, { n: 1 }))
    expect(error).toMatchObject({ code: 'connection', retryable: true, indeterminate: true, cause: { cause: broken } })
  })

  it.each([
    ['a failure that had no effect', new QueueError('out_of_memory', 'full')],
    ['an error of the code', new TypeError('broken')],
  ])('%s is not repeated', async (_what, problem) => {
    const opened = failing('enqueue', [problem])
    await expect(opened.client.enqueue(note, { n: 1 })).rejects.toBe(problem)
    expect(batches(opened)).toHaveLength(1)
  })

  it('goes before what is enqueued while it is repeated, and before the calls that come then', async () => {
    const answer = Promise.withResolvers<void>()
    let calls = 0
    const {
      backend,
      methods,
      calls: made,
    } = recordingBackend({
      async enqueue(requests) {
        calls++
        if (calls === 1) throw lost()
        if (calls === 2) await answer.promise
        return await createdBy(requests)
      },
      get: () => Promise.resolve([null]),
    })
    const client = createClient({ backend, clock: manualClock() })
    const first = client.enqueue(note, { n: 1 })
    await new Promise((resolve) => setImmediate(resolve))
    const second = client.enqueue(note, { n: 2 })
    await Promise.resolve()
    const third = client.enqueue(note, { n: 3 })
    const call = client.get(ID)
    await new Promise((resolve) => setImmediate(resolve))
    expect(methods()).toEqual(['enqueue', 'enqueue'])
    answer.resolve()
    await Promise.all([first, second, third, call])
    const recording = { backend, methods, calls: made }
    expect(numbers(recording)).toEqual(['1', '1', '2', '3'])
    expect(methods().at(-1)).toBe('get')
  })

  it('holds nothing back any more once it was answered', async () => {
    const answer = Promise.withResolvers<void>()
    const opened = failing('enqueue', [lost()], {
      async enqueue(requests) {
        if (!requests[0]?.body.includes('"n":1')) await answer.promise
        return await createdBy(requests)
      },
    })
    await opened.client.enqueue(note, { n: 1 })
    const second = opened.client.enqueue(note, { n: 2 })
    await Promise.resolve()
    const third = opened.client.enqueue(note, { n: 3 })
    await Promise.resolve()
    expect(numbers(opened)).toEqual(['1', '1', '2', '3'])
    answer.resolve()
    await Promise.all([second, third])
  })
})

describe('any other call whose reply is lost', () => {
  it.each<[method: keyof Backend, act: (client: Client) => Promise<unknown>]>([
    ['turn', (client) => client.claimNext({ workerId: 'w' })],
    ['turn', (client) => client.complete({ id: ID, attempt: 1 })],
    ['cancel', (client) => client.cancel(ID)],
    ['assign', (client) => client.setExecutionRef({ id: ID, attempt: 1 }, 'r')],
    ['replay', (client) => client.replay({ id: ID, attempt: 1 })],
    ['lease', (client) => client.acquireLease('n', 't', '1s')],
  ])('is repeated once, word for word, by %s', async (method, act) => {
    const second = new QueueError('timeout', 'too slow')
    const opened = failing(method, [lost(), second, new Error('a third one')])
    expect(await rejectionOf(() => act(opened.client))).toMatchObject({ code: 'timeout', indeterminate: true })
    expect(opened.methods()).toEqual([method, method])
    expect(opened.calls[1]).toEqual(opened.calls[0])
  })

  it('gives the answer of the second one', async () => {
    const gone = { id: ID, outcome: 'missing', status: null } as const
    const opened = failing('cancel', [lost()], { cancel: () => Promise.resolve([gone]) })
    expect(await opened.client.cancel(ID)).toMatchObject({ missed: [gone] })
  })

  it('is left to the caller where a second answer would say less', async () => {
    const problem = lost()
    const opened = failing('sweep', [problem])
    await expect(opened.client.expireOverdue()).rejects.toBe(problem)
    expect(opened.methods()).toEqual(['sweep'])
  })
})
