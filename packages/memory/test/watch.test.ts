import { manualClock, QueueError, type Hint } from '@millrace/core'
import { memoryBackend, memoryStore } from '@millrace/memory'
import { breakOf } from '@millrace/memory/break'
import { describe, expect, it, vi } from 'vitest'
import { innerOf } from '../src/memory-backend.ts'
import { LINE, sampleRequest } from './sample.ts'

const WORK: Hint = { kind: 'work' }

describe('a watch', () => {
  it('is one of those whom a batch for one line wakes: the one who waits longest', async () => {
    const backend = memoryBackend()
    const watches = await Promise.all([1, 2, 3].map(() => backend.watch({ lines: [LINE] })))
    const woken: number[] = []
    const waits = watches.map(async (watch, i) => {
      if ((await watch.next()) !== null) woken.push(i)
    })
    await backend.enqueue([sampleRequest(), sampleRequest(), sampleRequest()])
    await waits[0]
    expect(woken).toEqual([0])
    await backend.turn({ workerId: 'w', slot: 0, nonce: 'n', claim: { lines: [LINE], limit: 1 } })
    await waits[1]
    expect(woken).toEqual([0, 1])
    await backend.close()
    await waits[2]
    expect(woken).toEqual([0, 1])
  })

  it('takes one call at a time', async () => {
    const backend = memoryBackend()
    const watch = await backend.watch({ lines: [LINE] })
    const first = watch.next()
    await expect(watch.next()).rejects.toThrow(QueueError)
    await watch.close()
    expect(await first).toBeNull()
  })

  it('has ended from the start if its signal has', async () => {
    const backend = memoryBackend()
    const watch = await backend.watch({ lines: [LINE], ids: [sampleRequest().id], signal: AbortSignal.abort() })
    expect(await watch.next()).toBeNull()
    expect(innerOf(backend).watches.size).toBe(0)
  })

  it('leaves nothing behind when it ends, and its signal does it no more harm', async () => {
    const backend = memoryBackend()
    const controller = new AbortController()
    const request = { lines: [LINE], ids: [sampleRequest().id], workerId: 'w', signal: controller.signal }
    const watch = await backend.watch(request)
    await watch.close()
    await watch.close()
    controller.abort()
    const { watches, namespace } = innerOf(backend)
    expect([watches.size, namespace.wakeups.isWatched]).toEqual([0, false])
  })

  it('whose reply was lost is not armed', async () => {
    const backend = memoryBackend()
    await breakOf(backend).swallowNextReply()
    await expect(backend.watch({ lines: [LINE] })).rejects.toMatchObject({ code: 'connection', indeterminate: true })
    expect(innerOf(backend).watches.size).toBe(0)
  })

  it('keeps a hint for which the caller did not wait any more', async () => {
    const backend = memoryBackend()
    const watch = await backend.watch({ lines: [LINE] })
    const controller = new AbortController()
    const given = watch.next({ signal: controller.signal })
    controller.abort()
    expect(await given).toBeNull()
    await backend.enqueue([sampleRequest()])
    expect(await watch.next({ signal: controller.signal })).toBeNull()
    expect(await watch.next({ signal: new AbortController().signal })).toEqual(WORK)
    await watch.close()
  })

  it('takes by itself what was marked before it asked: an act looks at its own lines only', async () => {
    const backend = memoryBackend()
    await backend.enqueue([sampleRequest()])
    const watch = await backend.watch({ lines: [LINE] })
    const { watches, namespace } = innerOf(backend)
    const told = [...watches].map((one) => vi.spyOn(one, 'tellWork'))
    for (const one of watches) namespace.wakeups.wait(one, one.lines)
    await backend.statistics()
    expect(told.map(({ mock }) => mock.calls.length)).toEqual([0])
    expect(await watch.next()).toEqual(WORK)
    await watch.close()
  })

  it('hears what another backend of the store does', async () => {
    const store = memoryStore()
    const watch = await memoryBackend({ store }).watch({ lines: [LINE] })
    const woken = watch.next()
    await memoryBackend({ store }).enqueue([sampleRequest()])
    expect(await woken).toEqual(WORK)
    await watch.close()
  })

  it('is told of everything once after a lost connection, also while it waits', async () => {
    const backend = memoryBackend()
    const request = sampleRequest()
    await backend.enqueue([request])
    const watch = await backend.watch({ ids: [request.id] })
    const bystander = await backend.watch({})
    const woken = watch.next()
    await breakOf(backend).dropConnections()
    expect(await woken).toEqual({ kind: 'done', id: request.id })
    const nothing = bystander.next()
    await backend.close()
    expect(await nothing).toBeNull()
  })

  it('is not woken for a line whose last record is gone', async () => {
    const clock = manualClock()
    const backend = memoryBackend({ clock, resendWindowMs: 0 })
    const request = sampleRequest()
    await backend.enqueue([request])
    await backend.cancel({ ids: [request.id] })
    clock.advance(1)
    expect((await backend.sweep({ what: 'finished', olderThanMs: 0 })).removed).toEqual([request.id])
    const watch = await backend.watch({ lines: [LINE] })
    const given = watch.next()
    await watch.close()
    expect(await given).toBeNull()
  })
})
