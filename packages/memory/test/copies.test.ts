import { manualClock } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { describe, expect, it } from 'vitest'
import { LINE, sampleRequest } from './sample.ts'

function spoil(value: object): void {
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'object' && member !== null) spoil(member)
    Reflect.set(value, name, 'spoilt')
  }
}

describe('what goes into a memory backend and what comes out', () => {
  it('is a copy, wherever a record comes from', async () => {
    const backend = memoryBackend()
    const request = sampleRequest({ key: 'k', kwargs: { nested: { list: [1] } } })
    const [enqueued] = await backend.enqueue([request])
    const before = structuredClone(enqueued?.record)

    spoil(enqueued ?? {})
    spoil(await backend.enqueue([sampleRequest({ key: 'k' })]))
    spoil(await backend.get([request.id]))
    spoil(await backend.getByKey([{ scope: 'task', taskName: 'sample', key: 'k' }]))
    spoil(await backend.list({ view: 'pending' }))
    expect(await backend.get([request.id])).toEqual([before])

    const turn = { workerId: 'w', slot: 0, nonce: 'n' }
    const claimed = await backend.turn({ ...turn, claim: { lines: [LINE], limit: 1 } })
    const running = structuredClone(claimed.records)
    spoil(claimed)
    expect(await backend.get([request.id])).toEqual(running)
  })

  it('is a copy of what a caller goes on to change', async () => {
    const backend = memoryBackend({ clock: manualClock() })
    const { id, ...rest } = sampleRequest()
    const presence = { host: 'h', pid: 1, concurrency: 2, lines: [{ ...LINE }] }
    const request = { id, ...rest }
    await backend.enqueue([request])
    await backend.turn({ workerId: 'w', slot: 0, nonce: 'n', presence })
    const before = structuredClone([await backend.get([id]), await backend.statistics()])
    spoil(request)
    spoil(presence)
    spoil(await backend.statistics())
    expect([await backend.get([id]), await backend.statistics()]).toEqual(before)
  })

  it('is a copy in every hint', async () => {
    const backend = memoryBackend()
    const watch = await backend.watch({ lines: [LINE] })
    for (let i = 0; i < 2; i++) {
      await backend.enqueue([sampleRequest()])
      const hint = await watch.next()
      expect(hint).toEqual({ kind: 'work' })
      spoil(hint ?? {})
    }
    await watch.close()
  })

  it('has limits and capabilities that nobody can change', () => {
    const { capabilities } = memoryBackend()
    expect(Reflect.set(capabilities, 'name', 'mine')).toBe(false)
    expect(Reflect.set(capabilities.limits, 'batch', 1)).toBe(false)
  })
})
