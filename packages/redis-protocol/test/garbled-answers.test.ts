import { encodeBody, QueueError, taskRequest, type Backend } from '@millrace/core'
import { expect, it } from 'vitest'
import { redisProtocolBackend } from '../src/index.ts'
import type { Reply } from '../src/resp-client.ts'
import { fakeClient } from './fake-client.ts'

const ID = '01234567-89ab-7def-8123-456789abcdef'

/** Stands for no reply at all. */
const NONE = 'none'

/** A backend on a server that was healthy when it was opened, and then answers each command with one of these in turn. */
async function answering(...replies: readonly Reply[]): Promise<Backend> {
  let asked = 0
  let isOpen = false
  const client = fakeClient(([name]) => {
    if (isOpen) return replies[Math.min(asked++, replies.length - 1)] ?? null
    if (name === 'info') return 'redis_version:7.0.15\r\n'
    if (name === 'hmget') return [null, null]
    return name === 'smembers' ? [] : name === 'evalsha' ? '\u001d' : 1
  })
  const backend = redisProtocolBackend('redis', {
    ...client,
    call: (key, commands) => (isOpen && replies[0] === NONE ? Promise.resolve([]) : client.call(key, commands)),
  })
  await backend.open()
  isOpen = true
  return backend
}

function requestFor(backend: Backend, key: string | null): Parameters<Backend['enqueue']>[0] {
  const { limits } = backend.capabilities
  return [taskRequest({ id: ID, taskName: 'demo', body: encodeBody({}, limits), key }, limits)]
}

it.for<readonly [what: string, replies: readonly Reply[], act: (backend: Backend) => Promise<unknown>]>([
  ['no letters', [''], (backend) => backend.cancel({ ids: [ID] })],
  ['unknown letters', ['zz'], (backend) => backend.cancel({ ids: [ID] })],
  ['an unknown status', ['o?'], (backend) => backend.cancel({ ids: [ID] })],
  ['no record where one is', ['5\u001de\u001d'], (backend) => backend.enqueue(requestFor(backend, 'k'))],
  ['a number for a text', [[1, 'a']], (backend) => backend.get([ID])],
  ['a text for keys', ['text'], (backend) => backend.getByKey([{ scope: 'namespace', key: 'k' }])],
  [
    'a text that is too short for resets',
    ['r'],
    (backend) =>
      backend.controls.resetKeys([
        { scope: 'namespace', key: 'k' },
        { scope: 'namespace', key: 'j' },
      ]),
  ],
  ['a number for a key', [[7]], (backend) => backend.getByKey([{ scope: 'namespace', key: 'k' }])],
  ['nothing for the lines', [null], (backend) => backend.statistics()],
  ['a text for a page of fields', [[], 'text'], (backend) => backend.audit()],
  ['no fields in a page of them', [[], ['0']], (backend) => backend.audit()],
  ['fields without their values', [[], ['0', [1, 2]]], (backend) => backend.audit()],
  ['nothing', [null], (backend) => backend.lease({ name: 'duty', token: 'a', ttlMs: 1 })],
])('takes %s for no answer', async ([, replies, act]) => {
  const error: unknown = await act(await answering(...replies)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(QueueError)
  expect(error).toMatchObject({ code: 'corrupt_record' })
})

it('passes over workers that cannot be read, and no others', async () => {
  const said = '1 2 0 {"host":"h","pid":1,"concurrency":1,"lines":[]}'
  const workers = ['a', said, 'b', 'garbage', 'c', '1 2 0 {}', 'd', '1 2 0 null', 'e', said, 'f'].join('\u001e')
  const { workers: shown } = await (await answering([], `5\u001d\u001d${workers}`)).statistics()
  expect(shown.map(({ workerId }) => workerId)).toEqual(['a', 'e'])
})

it.for([
  ['a script', (backend: Backend) => backend.lease({ name: 'duty', token: 'a', ttlMs: 1 })],
  ['an enqueue', (backend: Backend) => backend.enqueue(requestFor(backend, null))],
] as const)('takes a missing reply to %s for a lost one', async ([, act]) => {
  const error: unknown = await act(await answering(NONE)).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'connection', indeterminate: true })
})
