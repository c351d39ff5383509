import { manualClock, MAX_EXAMINED, MAX_PROMOTED, type Backend, type ClaimLine, type TurnAnswer } from '@millrace/core'
import { memoryBackend } from '@millrace/memory'
import { describe, expect, it } from 'vitest'
import { innerOf } from '../src/memory-backend.ts'
import { LINE, sampleRequest } from './sample.ts'

let nonce = 0

async function claim(backend: Backend, limit: number, lines: readonly ClaimLine[] = [LINE]): Promise<TurnAnswer> {
  return await backend.turn({ workerId: 'w', slot: 0, nonce: `n${++nonce}`, claim: { lines, limit } })
}

describe('a claim', () => {
  it('clears away no more than 1 000 overdue records at once, and asks to be called again', async () => {
    const clock = manualClock()
    const backend = memoryBackend({ clock })
    const overdue = (): ReturnType<typeof sampleRequest> => sampleRequest({ expiresInMs: 1 })
    await backend.enqueue(Array.from({ length: 1_000 }, overdue))
    await backend.enqueue(Array.from({ length: 500 }, overdue))
    clock.advance(2)
    const last = sampleRequest()
    await backend.enqueue([last])

    const nothing = await claim(backend, 0)
    expect([nothing.expired.length, nothing.more]).toEqual([0, true])
    const first = await claim(backend, 1)
    expect([first.expired.length, first.records.length, first.more]).toEqual([MAX_EXAMINED, 0, true])
    const second = await claim(backend, 1)
    expect(second.expired).toHaveLength(500)
    expect(second.records).toMatchObject([{ id: last.id }])
    expect(second.more).toBe(false)
  })

  it('moves 500 due records of a line at once and says that there are more', async () => {
    const clock = manualClock()
    const backend = memoryBackend({ clock })
    await backend.enqueue(Array.from({ length: 600 }, () => sampleRequest({ delayMs: 10 })))
    clock.advance(10)
    const first = await claim(backend, 1_000)
    expect([first.records.length, first.more]).toEqual([MAX_PROMOTED, true])
    const second = await claim(backend, 1_000)
    expect([second.records.length, second.more]).toEqual([100, false])
  })

  it('does not take what only an external system may claim for more work', async () => {
    const clock = manualClock()
    const backend = memoryBackend({ clock })
    const requests = [sampleRequest(), sampleRequest({ delayMs: 1 })]
    await backend.enqueue(requests)
    await backend.assign(requests.map(({ id }) => ({ id, attempt: 0, executionRef: 'elsewhere' })))
    clock.advance(1)
    expect(await claim(backend, 0)).toMatchObject({ more: false })
    expect(await claim(backend, 5)).toMatchObject({ records: [], more: false, nextDueAt: null })
  })

  it('goes from line to line as each has the next in order, within the limit of each', async () => {
    const backend = memoryBackend()
    const requests = [3, 2, 1].flatMap((priority) => ['a', 'b'].map((queue) => sampleRequest({ queue, priority })))
    await backend.enqueue(requests)
    const [a, b] = ['a', 'b'].map((queue) => ({ ...LINE, queue }))
    if (a === undefined || b === undefined) throw new Error('two lines')
    const { records, more } = await claim(backend, 10, [{ ...a, limit: 1 }, b])
    expect(records.map(({ queue, priority }) => `${queue}${priority}`)).toEqual(['a3', 'b3', 'b2', 'b1'])
    expect(more).toBe(false)
    expect((await claim(backend, 1, [a])).more).toBe(true)
  })
})

describe('what a claim took', () => {
  it('is forgotten by the stale sweep once it is over, also of a worker that never registered', async () => {
    const clock = manualClock()
    const backend = memoryBackend({ clock })
    const { claims } = innerOf(backend).namespace
    const requests = [sampleRequest(), sampleRequest()]
    await backend.enqueue(requests)
    await claim(backend, 2)
    clock.advance(1_001)
    const slot = { workerId: 'w', slot: 1, nonce: 'n' }
    const [first, second] = requests.map(({ id }) => ({ outcome: 'complete', id, attempt: 1, result: '1' }) as const)
    await backend.turn({
      ...slot,
      settlements: first ? [first] : [],
      touches: second ? [{ id: second.id, attempt: 1 }] : [],
    })
    const sweep = { what: 'stale', staleAfterMs: 1_000 } as const
    await backend.sweep(sweep)
    expect(claims.size).toBe(1)
    await backend.turn({ ...slot, settlements: second ? [second] : [] })
    await backend.sweep({ ...sweep, staleAfterMs: 2_000 })
    expect(claims.size).toBe(1)
    await backend.sweep(sweep)
    expect(claims.size).toBe(0)
  })
})

describe('the age of the oldest due record', () => {
  it('is found behind every priority, and never negative', async () => {
    const clock = manualClock()
    const backend = memoryBackend({ clock })
    const oldest = async (): Promise<number | null | undefined> => (await backend.statistics()).queues[0]?.oldestDueMs
    await backend.enqueue([sampleRequest({ priority: -4_096 })])
    for (const priority of [0, 4_096, -1, -4_096]) {
      clock.advance(10)
      await backend.enqueue([sampleRequest({ priority }), sampleRequest({ priority, delayMs: 1_000 })])
    }
    expect(await oldest()).toBe(40)
    clock.advance(-1_000)
    expect(await oldest()).toBe(0)
  })

  it('is that of a scheduled record from its due time on', async () => {
    const clock = manualClock()
    const backend = memoryBackend({ clock })
    await backend.enqueue([sampleRequest({ delayMs: 100 })])
    expect((await backend.statistics()).queues[0]?.oldestDueMs).toBeNull()
    clock.advance(130)
    expect((await backend.statistics()).queues[0]?.oldestDueMs).toBe(30)
  })
})
