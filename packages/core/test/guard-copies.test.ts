import { guardBackend } from '@millrace/core'
import { expect, it } from 'vitest'
import { recordingBackend } from './recording-backend.ts'
import { ID, idOf, sampleRequest } from './sample-request.ts'

const LINE = { queue: 'a', executionBackend: 'local' }
const NOTE = { number: 1, agoMs: 0, text: '{"message":"m"}' }
const TURN = { workerId: 'w', slot: 0, nonce: 'n' }

/** Everything in it that can be changed becomes something that no check would let pass. */
function spoil(value: object): void {
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'object' && member !== null) spoil(member)
    Reflect.set(value, name, 'spoilt!')
  }
  if (Array.isArray(value)) value.push('spoilt!')
}

it.each<[method: string, parameters: readonly unknown[]]>([
  ['enqueue', [[{ ...sampleRequest() }]]],
  ['get', [[ID, idOf(2)]]],
  ['getByKey', [[{ scope: 'namespace', key: 'k' }]]],
  ['list', [{ view: 'next', limit: 5 }]],
  ['turn', [{ ...TURN, settlements: [{ outcome: 'release', id: ID, attempt: 1 }], touches: [{ id: ID, attempt: 1 }] }]],
  ['turn', [{ ...TURN, claim: { lines: [{ ...LINE }], limit: 1 } }]],
  ['turn', [{ ...TURN, claim: { ids: [ID] }, presence: { host: 'h', pid: 1, concurrency: 1, lines: [{ ...LINE }] } }]],
  ['turn', [{ ...TURN, settlements: [{ outcome: 'release', id: ID, attempt: 1, log: [{ ...NOTE }] }] }]],
  ['turn', [{ ...TURN, touches: [{ id: ID, attempt: 1, log: [{ ...NOTE }] }] }]],
  ['cancel', [{ ids: [ID], reason: 'r' }]],
  ['sweep', [{ what: 'stale', staleAfterMs: 1, queues: ['a'] }]],
  ['sweep', [{ what: 'finished', olderThanMs: 600_000, statuses: ['failed'] }]],
  ['assign', [[{ id: ID, attempt: 1, executionRef: null }]]],
  ['statistics', [{ queue: 'a' }]],
  ['watch', [{ lines: [{ ...LINE }], ids: [ID], workerId: 'w' }]],
  ['lease', [{ name: 'n', token: 't', ttlMs: 1 }]],
  ['replay', [[{ id: ID, attempt: 1 }], { delayMs: 5 }]],
  ['audit', [{ repair: false, limit: 5 }]],
])('what a caller changes after his call reaches no backend: %s', async (method, parameters) => {
  const { backend, calls } = recordingBackend()
  const guarded = guardBackend(backend)
  const given = structuredClone(parameters)
  const member: unknown = Reflect.get(guarded, method)
  if (typeof member !== 'function') throw new Error(`there is no ${method}`)
  const call: unknown = Reflect.apply(member, guarded, parameters)
  for (const parameter of parameters) if (typeof parameter === 'object' && parameter !== null) spoil(parameter)
  await expect(call).rejects.toThrow(`no answer for ${method}`)
  expect(calls.at(-1)).toEqual({ method, parameters: given })
})

it.each<[part: 'controls' | 'history', method: string, list: readonly unknown[]]>([
  ['controls', 'pause', ['a', 'b']],
  ['controls', 'resume', ['a', 'b']],
  ['controls', 'resetKeys', [{ scope: 'task', taskName: 't', key: 'k' }]],
  ['history', 'logs', [ID, idOf(2)]],
])('nor does it reach a part of one: %s.%s', async (part, method, list) => {
  const { backend } = recordingBackend()
  const reached: unknown[] = []
  const inner = { [method]: async (one: unknown) => void reached.push(one) }
  const guarded = guardBackend(Object.assign(backend, { [part]: inner }))
  const given = structuredClone(list)
  const member: unknown = Reflect.get(guarded[part], method)
  if (typeof member !== 'function') throw new Error(`there is no ${method}`)
  const call: unknown = Reflect.apply(member, guarded[part], [list])
  spoil(list)
  await call
  expect(reached).toEqual([given])
})
