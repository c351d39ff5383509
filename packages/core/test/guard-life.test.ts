import { guardBackend, QueueError } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { recordingBackend } from './recording-backend.ts'
import { invalid, rejection } from './refusal.ts'
import { ID } from './sample-request.ts'

const closed = { code: 'closed', parameter: null }
const none = (ids: readonly string[]): Promise<readonly null[]> => Promise.resolve(ids.map(() => null))

describe('a backend is opened', () => {
  it('on first use, once, also by calls at the same time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { backend, methods } = recordingBackend({ open: () => promise, get: none })
    const guarded = guardBackend(backend)
    const calls = Promise.all([guarded.get([ID]), guarded.open(), guarded.get([ID, ID])])
    expect(methods()).toEqual(['open'])
    resolve()
    expect(await calls).toEqual([[null], undefined, [null, null]])
    await guarded.open()
    expect(methods()).toEqual(['open', 'get', 'get'])
  })

  it('and the calls that waited for it go before those made when it is', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { backend, calls } = recordingBackend({ open: async () => await promise, get: none })
    const guarded = guardBackend(backend)
    const all = [guarded.get([ID])]
    resolve()
    for (let ticks = 1; ticks < 10; ticks++) {
      await Promise.resolve()
      all.push(guarded.get(Array.from({ length: ticks + 1 }, () => ID)))
    }
    await Promise.all(all)
    const sizes = calls.filter(({ method }) => method === 'get').map(({ parameters: [ids] }) => ids)
    expect(sizes).toEqual(all.map((_, i) => Array.from({ length: i + 1 }, () => ID)))
  })

  it('and then passes calls on at once, until it is closed', async () => {
    const { backend, methods } = recordingBackend({ get: none })
    const guarded = guardBackend(backend)
    await guarded.open()
    await new Promise(setImmediate)
    const call = guarded.get([ID])
    expect(methods()).toEqual(['open', 'get'])
    await call
    const end = guarded.close()
    expect(await rejection(() => guarded.get([ID]))).toMatchObject(closed)
    await end
    expect(methods()).toEqual(['open', 'get', 'close'])
  })

  it('and passes on what is about controls in its order among the other calls', async () => {
    const { backend, methods } = recordingBackend({ get: none })
    const guarded = guardBackend(backend)
    const calls = (): readonly Promise<unknown>[] => [
      guarded.controls.pause(['a']),
      guarded.get([ID]),
      guarded.controls.resume(['a']),
    ]
    await Promise.all(calls())
    await new Promise(setImmediate)
    await Promise.all(calls())
    const inOrder = ['controls.pause', 'get', 'controls.resume']
    expect(methods()).toEqual(['open', ...inOrder, ...inOrder])
  })

  it('stays closed if it is closed in the moment in which it opens', async () => {
    const { backend, methods } = recordingBackend({ get: none })
    const guarded = guardBackend(backend)
    await guarded.open()
    await guarded.close()
    await new Promise(setImmediate)
    expect(await rejection(() => guarded.get([ID]))).toMatchObject(closed)
    expect(methods()).toEqual(['open', 'close'])
  })

  it('again after it could not be: each waiting call fails, the next one tries', async () => {
    const problem = new QueueError('connection', 'nobody there')
    const answers = [Promise.reject(problem), Promise.resolve()]
    const { backend, methods } = recordingBackend({ open: () => answers.shift() ?? Promise.resolve(), get: none })
    const guarded = guardBackend(backend)
    const calls = await Promise.allSettled([guarded.get([ID]), guarded.get([ID]), guarded.open()])
    expect(calls.map((call) => (call.status === 'rejected' ? call.reason : null))).toEqual([problem, problem, problem])
    expect(await guarded.get([ID])).toEqual([null])
    expect(methods()).toEqual(['open', 'open', 'get'])
  })

  it('never for a call that is refused', async () => {
    const { backend, methods } = recordingBackend()
    expect(await rejection(() => guardBackend(backend).get(['x']))).toEqual(invalid('ids[0]'))
    expect(methods()).toEqual([])
  })
})

describe('a backend is closed', () => {
  it('once, by calls one after the other and at the same time', async () => {
    const { backend, methods } = recordingBackend()
    const guarded = guardBackend(backend)
    await guarded.open()
    await Promise.all([guarded.close(), guarded.close()])
    await guarded.close()
    expect(methods()).toEqual(['open', 'close'])
  })

  it('without having been opened', async () => {
    const { backend, methods } = recordingBackend()
    await guardBackend(backend).close()
    expect(methods()).toEqual(['close'])
  })

  it('after it was opened, if it is being opened', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { backend, methods } = recordingBackend({ open: () => promise, get: none })
    const guarded = guardBackend(backend)
    const call = guarded.get([ID])
    const closing = guarded.close()
    expect(methods()).toEqual(['open'])
    resolve()
    await Promise.all([call, closing])
    expect(methods()).toEqual(['open', 'get', 'close'])
  })

  it('also if it could not be opened', async () => {
    const { backend, methods } = recordingBackend({ open: () => Promise.reject(new QueueError('auth', 'no')) })
    const guarded = guardBackend(backend)
    const [opening] = await Promise.allSettled([guarded.open(), guarded.close()])
    expect(opening).toMatchObject({ status: 'rejected', reason: { code: 'auth' } })
    expect(methods()).toEqual(['open', 'close'])
  })

  it('and then every call says so, without reaching it', async () => {
    const { backend, methods } = recordingBackend()
    const guarded = guardBackend(backend)
    const closing = guarded.close()
    const calls: readonly (() => Promise<unknown>)[] = [
      () => guarded.open(),
      () => guarded.enqueue([]),
      () => guarded.get([ID]),
      () => guarded.getByKey([]),
      () => guarded.list({ view: 'next' }),
      () => guarded.turn({ workerId: 'w', slot: 0, nonce: 'n' }),
      () => guarded.cancel({ ids: [] }),
      () => guarded.sweep({ what: 'expired' }),
      () => guarded.assign([]),
      () => guarded.statistics(),
      () => guarded.watch({}),
      () => guarded.lease({ name: 'n', token: 't', ttlMs: 1 }),
      () => guarded.replay([]),
      () => guarded.audit(),
      () => guarded.destroy(),
    ]
    for (const call of calls) expect(await rejection(call)).toEqual(closed)
    await closing
    for (const call of calls) expect(await rejection(call)).toEqual(closed)
    expect(methods()).toEqual(['close'])
  })

  it('but a bad argument is still a bad argument', async () => {
    const guarded = guardBackend(recordingBackend().backend)
    await guarded.close()
    expect(await rejection(() => guarded.get(['x']))).toEqual(invalid('ids[0]'))
  })
})
