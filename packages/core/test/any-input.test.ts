import {
  connect, createClient, durationMs, exponential, fixed, guardBackend, QueueError, task, taskRequest, type Backend, type Client,
} from '@millrace/core' // prettier-ignore
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createdBy } from './created-by.ts'
import { recordingBackend } from './recording-backend.ts'
import { ID } from './sample-request.ts'

/** Anything at all, and often something that begins well. */
const anything = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
  }),
  fc.constantFrom<unknown>(
    ID,
    'next',
    'memory:',
    [ID],
    [null],
    [[]],
    [undefined],
    Symbol('x'),
    () => 1,
    new Date(Number.NaN),
  ),
  fc.record(
    {
      id: fc.constantFrom<unknown>(ID, 'x', null),
      ids: fc.constantFrom<unknown>([ID], [null], null, 'x'),
      attempt: fc.constantFrom<unknown>(1, 'any', -1, null),
      view: fc.constantFrom<unknown>('next', 'failed', null),
      what: fc.constantFrom<unknown>('stale', 'expired', 'finished', null),
      workerId: fc.constantFrom<unknown>('w', '', null),
      slot: fc.constantFrom<unknown>(0, -1, null),
      nonce: fc.constantFrom<unknown>('n', null),
      claim: fc.anything(),
      settlements: fc.array(fc.anything()),
      touches: fc.array(fc.anything()),
      lines: fc.array(fc.anything()),
      queues: fc.array(fc.anything()),
      key: fc.anything(),
      scope: fc.constantFrom<unknown>('task', 'namespace', null),
      name: fc.anything(),
      limit: fc.anything(),
    },
    { requiredKeys: [] },
  ),
)

/** Fails the test unless `act` goes well or is refused with one of our errors; a refusal comes as a promise. */
async function refusesOrAnswers(what: string, act: () => unknown): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (error instanceof QueueError || (error instanceof Error && error.message.startsWith('no answer'))) return
    throw new Error(`${what} is broken by it`, { cause: error })
  }
}

function methodsOf(
  subject: object,
  names: readonly string[],
): readonly (readonly [string, (...p: unknown[]) => unknown])[] {
  return names.map((name) => {
    const member: unknown = Reflect.get(subject, name)
    if (typeof member !== 'function') throw new Error(`there is no ${name}`)
    return [name, (...parameters) => Reflect.apply(member, subject, parameters)]
  })
}

const guarded: Backend = guardBackend(recordingBackend({ enqueue: createdBy }).backend)
const client: Client = createClient({ backend: guarded })

describe('any input is answered or refused, and nothing else', () => {
  it.each([
    ...methodsOf(guarded, [
      'enqueue', 'get', 'getByKey', 'list', 'turn', 'cancel', 'sweep', 'assign', 'statistics', 'watch', 'lease', 'replay', 'audit',
    ]),
    ...methodsOf(client, [
      'enqueue', 'enqueueMany', 'get', 'getByKey', 'list', 'statistics', 'cancel', 'claimTask', 'claimNext', 'claimMany', 'complete', 'fail',
      'snooze', 'release', 'heartbeat', 'disown', 'reserveDispatch', 'finalizeDispatch', 'releaseDispatch', 'setExecutionRef',
      'setExecutionBackend', 'recoverStale', 'expireOverdue', 'cleanUp', 'replay', 'acquireLease', 'releaseLease',
    ]),
  ])('by %s', async (name, method) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 3 }), async (parameters) => {
        let call: unknown
        expect(() => (call = method(...parameters)), 'thrown at once').not.toThrow()
        await refusesOrAnswers(name, () => call)
      }),
      { numRuns: 150 },
    )
  }) // prettier-ignore

  it('by enqueue of a task', async () => {
    const tasks = [task('a'), task('b', { queue: 'c', retries: 1 })]
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...tasks), anything, anything, async (one, input, options) => {
        await refusesOrAnswers('enqueue', () => Reflect.apply(client.enqueue, client, [one, input, options]))
        await refusesOrAnswers('enqueueMany', () =>
          Reflect.apply(client.enqueueMany, client, [one, [{ input, options }]]),
        )
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['task', task],
    ['connect', connect],
    ['createClient', createClient],
    ['durationMs', (value: unknown): unknown => Reflect.apply(durationMs, null, ['x', value])],
    ['fixed', fixed],
    ['exponential', exponential],
    [
      'taskRequest',
      (value: unknown): unknown => Reflect.apply(taskRequest, null, [value, guarded.capabilities.limits]),
    ],
  ])('by %s', async (name, make) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 3 }), async (parameters) => {
        await refusesOrAnswers(name, () => void Reflect.apply(make, null, parameters))
      }),
      { numRuns: 300 },
    )
  })
})
