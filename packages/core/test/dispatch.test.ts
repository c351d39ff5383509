import { createClient, type Assignment, type Client } from '@millrace/core'
import { expect, it } from 'vitest'
import { recordingBackend } from './recording-backend.ts'
import { invalid, rejection } from './refusal.ts'
import { sampleRecord } from './sample-record.ts'
import { ID } from './sample-request.ts'

const record = sampleRecord({ attempt: 3 })
const at = { id: ID, attempt: 3 }

it.each<[what: string, act: (client: Client) => Promise<unknown>, assignment: Assignment]>([
  [
    'reserve: no reference yet',
    (client) => client.reserveDispatch(record, 'token'),
    { ...at, expectedRef: null, executionRef: 'token' },
  ],
  [
    'finalize: the token becomes the reference',
    (client) => client.finalizeDispatch(record, 'token', 'job/1'),
    { ...at, expectedRef: 'token', executionRef: 'job/1' },
  ],
  [
    'release: the token goes',
    (client) => client.releaseDispatch(record, 'token'),
    { ...at, expectedRef: 'token', executionRef: null },
  ],
  [
    'release to another execution backend',
    (client) => client.releaseDispatch(record, 'token', 'local'),
    { ...at, expectedRef: 'token', executionRef: null, executionBackend: 'local' },
  ],
  [
    'set a reference, whatever it was',
    (client) => client.setExecutionRef({ id: ID, attempt: 'any' }, 'job/1'),
    { id: ID, attempt: 'any', executionRef: 'job/1' },
  ],
  [
    'set a reference and a profile',
    (client) => client.setExecutionRef(record, null, null),
    { ...at, executionRef: null, executionProfile: null },
  ],
  [
    'move',
    (client) => client.setExecutionBackend(record, 'gpu'),
    { ...at, executionRef: null, executionBackend: 'gpu' },
  ],
  [
    'move with a profile',
    (client) => client.setExecutionBackend(record, 'gpu', 'large'),
    { ...at, executionRef: null, executionBackend: 'gpu', executionProfile: 'large' },
  ],
])('%s', async (_what, act, assignment) => {
  const result = { id: ID, outcome: 'ok', status: 'pending' } as const
  const { backend, calls } = recordingBackend({ assign: () => Promise.resolve([result]) })
  expect(await act(createClient({ backend }))).toBe(result)
  expect(calls).toEqual([{ method: 'assign', parameters: [[assignment]] }])
})

it.each<[what: string, act: (client: Client) => Promise<unknown>, parameter: string]>([
  ['no record', (client) => Reflect.apply(client.reserveDispatch, client, [null, 'token']), 'record'],
  ['no token to reserve with', (client) => Reflect.apply(client.reserveDispatch, client, [record]), 'token'],
  [
    'no token to compare',
    (client) => Reflect.apply(client.finalizeDispatch, client, [record, undefined, 'r']),
    'token',
  ],
  ['no token to release', (client) => Reflect.apply(client.releaseDispatch, client, [record]), 'token'],
  ['nowhere to move', (client) => Reflect.apply(client.setExecutionBackend, client, [record]), 'executionBackend'],
])('is refused before any I/O: %s', async (_what, act, parameter) => {
  const { backend, calls } = recordingBackend()
  expect(await rejection(() => act(createClient({ backend })))).toEqual(invalid(parameter))
  expect(calls).toEqual([])
})

it('answers missing where the backend says nothing', async () => {
  const { backend } = recordingBackend({ assign: () => Promise.resolve([]) })
  expect(await createClient({ backend }).reserveDispatch(record, 'token')).toEqual({
    id: ID,
    outcome: 'missing',
    status: null,
  })
})
