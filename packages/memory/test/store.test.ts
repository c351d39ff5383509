import { memoryBackend, memoryStore } from '@millrace/memory'
import { describe, expect, it } from 'vitest'
import { LINE, sampleRequest } from './sample.ts'

describe('a memory store', () => {
  it('is one of its own for a backend that is given none', async () => {
    const request = sampleRequest()
    await memoryBackend().enqueue([request])
    expect(await memoryBackend().get([request.id])).toEqual([null])
  })

  it('is what backends of one namespace have in common', async () => {
    const store = memoryStore()
    const request = sampleRequest()
    await memoryBackend({ store }).enqueue([request])
    expect(await memoryBackend({ store }).get([request.id])).toMatchObject([{ id: request.id }])
    expect(await memoryBackend({ store, namespace: 'another' }).get([request.id])).toEqual([null])
  })

  it('outlives its backends', async () => {
    const store = memoryStore()
    const request = sampleRequest()
    const backend = memoryBackend({ store })
    await backend.enqueue([request])
    await backend.close()
    expect(await memoryBackend({ store }).get([request.id])).toMatchObject([{ id: request.id }])
  })

  it('drops a namespace that is destroyed, and nothing else', async () => {
    const store = memoryStore()
    const [a, b] = [memoryBackend({ store, namespace: 'a' }), memoryBackend({ store, namespace: 'b' })]
    await a.enqueue([sampleRequest()])
    await b.enqueue([sampleRequest()])
    await a.destroy()
    expect(store.namespaces).toEqual(['b'])
  })

  it('lets backends of a destroyed namespace go on together', async () => {
    const store = memoryStore()
    const [one, other] = [memoryBackend({ store }), memoryBackend({ store })]
    await one.enqueue([sampleRequest()])
    await other.destroy()
    const request = sampleRequest()
    await one.enqueue([request])
    expect(await other.get([request.id])).toMatchObject([{ id: request.id }])
  })

  it('keeps those who watch a destroyed namespace awake', async () => {
    const store = memoryStore()
    const backend = memoryBackend({ store })
    const request = sampleRequest()
    await backend.enqueue([request])
    const watch = await backend.watch({ ids: [request.id], lines: [LINE] })
    await memoryBackend({ store }).destroy()
    expect(await watch.next()).toEqual({ kind: 'done', id: request.id })
    const woken = watch.next()
    await backend.enqueue([sampleRequest()])
    expect(await woken).toEqual({ kind: 'work' })
    await watch.close()
  })
})
