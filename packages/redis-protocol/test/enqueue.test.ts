import { createIdMaker, DEFAULT_LIMITS, manualClock, taskRequest, type TaskRequest } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Caller } from '../src/caller.ts'
import { Deadlines } from '../src/deadlines.ts'
import { Enqueues } from '../src/enqueue.ts'
import { keysOf } from '../src/keys.ts'
import { fakeClient, type FakeClient } from './fake-client.ts'
import { enqueue, enqueuePlain } from '../src/scripts.generated.ts'
import { shortId } from '../src/short-id.ts'

/** Numbers that stand in the bodies of what each script got, in order. */
function numbersIn(command: readonly unknown[]): readonly number[] {
  return command.flatMap((word) => /"n":(\d+)/.exec(String(word))?.[1] ?? []).map(Number)
}

function callerOn(client: FakeClient): Caller {
  return new Caller({ client, keys: keysOf('n', 0), clock: null, deadlines: new Deadlines(1_000) })
}

function requestsOf(count: number, key: string | null = null): readonly TaskRequest[] {
  const makeId = createIdMaker(manualClock())
  const held = key === null ? {} : ({ key, keyScope: 'task', keyHold: 'active', onConflict: 'keep' } as const)
  return Array.from({ length: count }, (_, n) =>
    taskRequest({ id: makeId(), taskName: 'demo', body: `{"kwargs":{"n":${n}}}`, ...held }, DEFAULT_LIMITS),
  )
}

it.for([
  [1, [1]],
  [200, [200]],
  [201, [1, 200]],
  [450, [50, 200, 200]],
] as const)('sends %d requests in order, the odd piece first', async ([count, sizes]) => {
  const client = fakeClient(() => '5')
  const requests = requestsOf(count)
  const results = await new Enqueues().make(callerOn(client), requests)
  expect(results.map(({ record }) => record?.id)).toEqual(requests.map(({ id }) => id))
  const pieces = client.sent.map(numbersIn)
  expect(pieces.map(({ length }) => length)).toEqual(sizes)
  expect(pieces.flat()).toEqual(requests.map((_, n) => n))
})

/** The id that has to be there, of a script that may name one. */
function aheadIn(command: readonly unknown[]): unknown {
  return command[Number(command[2]) + 4]
}

describe('a call behind one of several in the same tick', () => {
  /** What each script got: its name, its first number, and whether the last of these has to be there. */
  function seen({ sent }: FakeClient, first: readonly TaskRequest[]): readonly string[] {
    const ahead = shortId(first.at(-1)?.id ?? '')
    return sent.map((command) => {
      const name = new Map([[enqueue.sha1, 'enqueue'], [enqueuePlain.sha1, 'plain']]).get(String(command[1])) // prettier-ignore
      const [from] = numbersIn(command)
      return `${name ?? 'one'} ${from}${aheadIn(command) === ahead ? ' behind' : ''}`
    })
  }

  it('names the last id of that, and one of one request does, too', async () => {
    const client = fakeClient(() => '5')
    const [calls, caller] = [new Enqueues(), callerOn(client)]
    const [first, second, last] = [requestsOf(3), requestsOf(2), requestsOf(1)]
    await Promise.all([first, second, last].map((some) => calls.make(caller, some)))
    expect(seen(client, first)).toEqual(['plain 0', 'plain 0 behind', 'plain 0'])
    expect(seen(client, second).at(-1)).toBe('plain 0 behind')
    await new Promise(setImmediate)
    await calls.make(caller, last)
    expect(seen(client, last).at(-1)).toBe('one 0')
  })

  it('goes again once that has its answer, if it did nothing', async () => {
    const order: string[] = []
    const client = fakeClient((command) => (command[1] === enqueue.sha1 ? '5\u001dnnn' : ''))
    const [calls, caller] = [new Enqueues(), callerOn(client)]
    const [first, second] = [requestsOf(3), requestsOf(2)]
    await Promise.all([
      calls.make(caller, first).then(() => order.push('first')),
      calls.make(caller, second).then(() => order.push('second')),
    ])
    expect(seen(client, first)).toEqual(['plain 0', 'plain 0 behind', 'enqueue 0', 'enqueue 0'])
    expect(order).toEqual(['first', 'second'])
  })

  it('goes again also where that failed', async () => {
    const client = fakeClient((command, count) =>
      count === 0 ? new Error('OOM no memory') : command[1] === enqueue.sha1 ? '5\u001dnn' : '',
    )
    const [calls, caller] = [new Enqueues(), callerOn(client)]
    const made = [requestsOf(3), requestsOf(2)].map((some) => calls.make(caller, some))
    const outcomes = await Promise.allSettled(made)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  it('names nothing where that ends with a key', async () => {
    const client = fakeClient(() => '5\u001dnnnn')
    const [calls, caller] = [new Enqueues(), callerOn(client)]
    const first = [...requestsOf(1), ...requestsOf(3, 'k')]
    await Promise.all([calls.make(caller, first), calls.make(caller, requestsOf(2))])
    expect(client.sent.map(aheadIn)).toEqual(['', ''])
  })

  it('names nothing once the event loop has gone round, though that has no answer yet', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const client = fakeClient(() => promise)
    const [calls, caller] = [new Enqueues(), callerOn(client)]
    const all = [calls.make(caller, requestsOf(3)), calls.make(caller, requestsOf(2))]
    await new Promise(setImmediate)
    all.push(calls.make(caller, requestsOf(2)))
    resolve('5')
    await Promise.all(all)
    expect(client.sent.map((command) => aheadIn(command) !== '')).toEqual([false, true, false])
  })
})
