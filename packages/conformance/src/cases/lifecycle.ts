import assert from 'node:assert/strict'
import { QueueError, type Backend } from '@millrace/core'
import { ids, type Bench } from '../bench.ts'
import type { Case, Group } from '../harness.ts'
import type { Method } from './refusal.ts'

type Call = (backend: Backend, bench: Bench) => Promise<unknown>

/** Every method, each with an argument that is fine. */
const CALLS: readonly (readonly [method: Method, call: Call])[] = [
  ['open', (backend) => backend.open()],
  ['enqueue', (backend, bench) => backend.enqueue([bench.request()])],
  ['get', (backend, bench) => backend.get([bench.makeId()])],
  ['getByKey', (backend) => backend.getByKey([{ scope: 'namespace', key: 'k' }])],
  ['list', (backend) => backend.list({ view: 'next' })],
  ['turn', (backend) => backend.turn({ workerId: 'worker-1', slot: 0, nonce: 'n' })],
  ['cancel', (backend, bench) => backend.cancel({ ids: [bench.makeId()] })],
  ['sweep', (backend) => backend.sweep({ what: 'expired' })],
  ['assign', (backend, bench) => backend.assign([{ id: bench.makeId(), attempt: 0, executionRef: null }])],
  ['statistics', (backend) => backend.statistics()],
  ['watch', (backend) => backend.watch({})],
  ['lease', (backend) => backend.lease({ name: 'duty', token: 'a', ttlMs: 1 })],
  ['replay', (backend, bench) => backend.replay([{ id: bench.makeId(), attempt: 0 }])],
  ['audit', (backend) => backend.audit()],
  ['destroy', (backend) => backend.destroy()],
  ['controls.pause', (backend) => backend.controls.pause(['mail'])],
  ['controls.resume', (backend) => backend.controls.resume(null)],
  ['controls.paused', (backend) => backend.controls.paused()],
  ['controls.resetKeys', (backend) => backend.controls.resetKeys([{ scope: 'namespace', key: 'k' }])],
]

const closed: readonly Case[] = CALLS.map(([method, call]) => ({
  name: `after close, ${method} is refused as closed`,
  run: async (bench) => {
    await bench.backend.close()
    const error = await bench.expectError('closed', () => call(bench.backend, bench))
    assert.deepEqual([error.retryable, error.indeterminate], [false, false])
  },
}))

const lazy: readonly Case[] = CALLS.map(([method, call]) => ({
  name: `${method} opens by itself`,
  run: async (bench) => {
    const { backend } = await bench.reopen()
    await call(backend, bench)
  },
}))

const EMPTY: readonly (readonly [name: string, call: (backend: Backend) => Promise<readonly unknown[]>])[] = [
  ['enqueue', (backend) => backend.enqueue([])],
  ['get', (backend) => backend.get([])],
  ['getByKey', (backend) => backend.getByKey([])],
  ['cancel', (backend) => backend.cancel({ ids: [] })],
  ['assign', (backend) => backend.assign([])],
  ['replay', (backend) => backend.replay([])],
  ['controls.resetKeys', (backend) => backend.controls.resetKeys([])],
]

const empty: readonly Case[] = EMPTY.flatMap(([name, call]) => [
  {
    name: `an empty ${name} answers with nothing`,
    run: async ({ backend }: Bench) => assert.deepEqual(await call(backend), []),
  },
  {
    name: `an empty ${name} after close is closed as well`,
    run: async (bench: Bench) => {
      await bench.backend.close()
      await bench.expectError('closed', () => call(bench.backend))
    },
  },
])

export const lifecycle: Group = {
  name: 'lifecycle',
  cases: [
    ...closed,
    ...lazy,
    ...empty,
    {
      name: 'opening twice, one after the other and at once, is opening once',
      run: async (bench) => {
        const { backend } = await bench.reopen()
        await Promise.all([backend.open(), backend.open(), bench.offer({}, backend)])
        await backend.open()
        assert.equal((await backend.statistics()).counts.pending, 1)
      },
    },
    {
      name: 'closing twice, one after the other and at once, is closing once',
      run: async ({ backend }) => {
        await Promise.all([backend.close(), backend.close()])
        await backend.close()
      },
    },
    {
      name: 'closing what was never opened is fine, and it is closed then',
      run: async (bench) => {
        const { backend } = await bench.reopen()
        await backend.close()
        await bench.expectError('closed', () => backend.statistics())
      },
    },
    {
      name: 'closing one client leaves the other at work, and the data in place',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        await bench.backend.close()
        const { records } = await bench.turn({ claim: { ids: [id] } }, bench.second)
        assert.deepEqual(ids(records), [id])
        assert.equal((await bench.settle(bench.complete(id, 1), bench.second)).outcome, 'ok')
      },
    },
    {
      name: 'P1: another client, opened later, goes on where the first one stopped',
      run: async (bench) => {
        const { id, attempt } = await bench.make('running', { key: 'k' })
        const pending = await bench.enqueue({ args: ['kept'] })
        await bench.backend.lease({ name: 'duty', token: 'a', ttlMs: 60_000 })
        await bench.backend.close()
        const { backend } = await bench.reopen()
        assert.deepEqual((await bench.get(pending.id, backend)).args, ['kept'])
        assert.equal((await bench.offer({ key: 'k' }, backend)).record.id, id)
        assert.equal((await backend.lease({ name: 'duty', token: 'b', ttlMs: 1 })).held, false)
        assert.equal((await bench.settle(bench.complete(id, attempt), backend)).outcome, 'ok')
      },
    },
    {
      name: 'a client closed with a call under way either did it or says that it did not',
      run: async (bench) => {
        const request = bench.request()
        const [outcome] = await Promise.allSettled([bench.backend.enqueue([request]), bench.backend.close()])
        const [stored] = await bench.second.get([request.id])
        if (outcome.status === 'fulfilled') assert.equal(stored?.id, request.id)
        else assert.ok(outcome.reason instanceof QueueError && (outcome.reason.indeterminate || stored === null))
      },
    },
    {
      name: 'capabilities can be read before opening and after closing, and do not change',
      run: async (bench) => {
        const { backend } = await bench.reopen()
        const before = { ...backend.capabilities }
        await backend.open()
        await backend.close()
        assert.deepEqual({ ...backend.capabilities }, before)
        assert.ok(before.name !== '' && before.resendWindowMs > 0 && before.limits.batch > 0)
      },
    },
    {
      name: 'D19: calls go on after the connection was lost',
      run: async (bench) => {
        const { id } = await bench.enqueue()
        await bench.break.dropConnections()
        assert.equal((await bench.claimOne(id)).attempt, 1)
        await bench.break.dropConnections()
        assert.equal((await bench.settle(bench.complete(id, 1))).outcome, 'ok')
      },
    },
  ],
}
