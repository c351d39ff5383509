import { createClient, type Client } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { recordingBackend } from './recording-backend.ts'
import { invalid, rejection, type Refusal } from './refusal.ts'
import { sampleRecord } from './sample-record.ts'
import { ID } from './sample-request.ts'

const ANSWER = { requeued: [], failed: [], handlerNeeded: [], expired: [], removed: [], more: false }
const LEASE = { held: true, until: 5 }
const record = sampleRecord({ status: 'failed', attempt: 3 })

function call(client: Client, method: string, parameters: readonly unknown[]): Promise<unknown> {
  const member: unknown = Reflect.get(client, method)
  if (typeof member !== 'function') throw new Error(`there is no ${method}`)
  return Reflect.apply(member, client, parameters)
}

describe('one step of a duty is one call', () => {
  it.each<[what: string, act: (client: Client) => Promise<unknown>, method: string, parameters: readonly unknown[]]>([
    ['recover', (c) => c.recoverStale({ staleAfter: '20s' }), 'sweep', [{ what: 'stale', staleAfterMs: 20_000 }]],
    [
      'recover some queues',
      (c) => c.recoverStale({ staleAfter: 1, queues: ['a'], limit: 5 }),
      'sweep',
      [{ what: 'stale', staleAfterMs: 1, queues: ['a'], limit: 5 }],
    ],
    ['expire', (c) => c.expireOverdue(), 'sweep', [{ what: 'expired' }]],
    [
      'expire some',
      (c) => c.expireOverdue({ queues: [], limit: 0 }),
      'sweep',
      [{ what: 'expired', queues: [], limit: 0 }],
    ],
    ['clean up', (c) => c.cleanUp({ olderThan: '14d' }), 'sweep', [{ what: 'finished', olderThanMs: 1_209_600_000 }]],
    [
      'clean up some',
      (c) => c.cleanUp({ olderThan: '10m', statuses: ['completed'], queues: ['a'], limit: 1 }),
      'sweep',
      [{ what: 'finished', olderThanMs: 600_000, statuses: ['completed'], queues: ['a'], limit: 1 }],
    ],
    [
      'acquire',
      (c) => c.acquireLease('sweeper', 'me', '30s'),
      'lease',
      [{ name: 'sweeper', token: 'me', ttlMs: 30_000 }],
    ],
    [
      'give back',
      (c) => c.releaseLease('sweeper', 'me'),
      'lease',
      [{ name: 'sweeper', token: 'me', ttlMs: 1, release: true }],
    ],
  ])('%s', async (_what, act, method, parameters) => {
    const answers = { sweep: () => Promise.resolve(ANSWER), lease: () => Promise.resolve(LEASE) }
    const { backend, calls } = recordingBackend(answers)
    expect(await act(createClient({ backend }))).toBe(method === 'sweep' ? ANSWER : LEASE)
    expect(calls).toEqual([{ method, parameters }])
  })

  it('replay', async () => {
    const result = { id: ID, outcome: 'key_taken', status: 'failed' } as const
    const { backend, calls } = recordingBackend({ replay: () => Promise.resolve([result]) })
    const client = createClient({ backend })
    expect(await client.replay(record)).toBe(result)
    await client.replay({ id: ID, attempt: 'any' }, { delay: '1h' })
    expect(calls.map(({ parameters }) => parameters)).toEqual([
      [[{ id: ID, attempt: 3 }], { delayMs: 0 }],
      [[{ id: ID, attempt: 'any' }], { delayMs: 3_600_000 }],
    ])
  })

  it('replay of what is not there', async () => {
    const { backend } = recordingBackend({ replay: () => Promise.resolve([]) })
    expect(await createClient({ backend }).replay(record)).toEqual({ id: ID, outcome: 'missing', status: null })
  })
})

describe('a step is refused before any I/O', () => {
  it.each<[what: string, act: (client: Client) => Promise<unknown>, refused: Refusal]>([
    ['no age', (c) => call(c, 'recoverStale', [{}]), invalid('options.staleAfter')],
    ['no options', (c) => call(c, 'recoverStale', []), invalid('options')],
    ['stale at once', (c) => c.recoverStale({ staleAfter: 0 }), invalid('options.staleAfter')],
    ['in ms', (c) => call(c, 'recoverStale', [{ staleAfterMs: 5 }]), invalid('options.staleAfterMs')],
    ['of another duty', (c) => call(c, 'expireOverdue', [{ olderThan: 5 }]), invalid('options.olderThan')],
    ['younger than resends', (c) => c.cleanUp({ olderThan: '9m' }), invalid('options.olderThan')],
    ['misspelt', (c) => call(c, 'cleanUp', [{ olderThan: '1d', status: [] }]), invalid('options.status')],
    ['a bad delay', (c) => call(c, 'replay', [record, { delay: 'soon' }]), invalid('options.delay')],
    ['a delay in ms', (c) => call(c, 'replay', [record, { delayMs: 5 }]), invalid('options.delayMs')],
    ['no record', (c) => call(c, 'replay', [null]), invalid('record')],
    ['no time', (c) => c.acquireLease('a', 'b', 0), invalid('ttl')],
  ])('%s', async (_what, act, refused) => {
    const { backend, calls } = recordingBackend()
    expect(await rejection(() => act(createClient({ backend })))).toEqual(refused)
    expect(calls).toEqual([])
  })
})
