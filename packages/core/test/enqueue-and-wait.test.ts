import { task, type ManualClock } from '@millrace/core'
import { describe, expect, it, vi } from 'vitest'
import { memoryClient } from './memory-client.ts'

const double = task<{ n: number }, { doubled: number }>('double')

/** Until somebody waits for a result: a timer is set for the next look, and one for the end. */
async function waiting(clock: ManualClock): Promise<void> {
  await vi.waitFor(() => expect(clock.pending).toBe(2), { interval: 1 })
}

describe('a result that is waited for at once', () => {
  it('comes with the enqueue, in one call', async () => {
    const { client, clock } = memoryClient()
    const result = client.enqueueAndWait(double, { n: 2 }, { priority: 5, timeout: '10s' })
    await waiting(clock)
    const record = await client.claimNext({ workerId: 'w' })
    expect(record).toMatchObject({ priority: 5, kwargs: { n: 2 } })
    if (record !== null) await client.complete(record, { doubled: 4 })
    expect((await result).doubled).toBe(4)
  })

  it('is not waited for longer than was said with the enqueue', async () => {
    const { client, clock } = memoryClient()
    const result = client.enqueueAndWait(double, { n: 2 }, { timeout: '10s' }).catch((error: unknown) => error)
    await waiting(clock)
    clock.advance(10_000)
    expect(await result).toMatchObject({ code: 'timeout' })
  })

  it.each([
    [{ timeout: -1 }, 'options.timeout'],
    [{ signal: 'stop' }, 'options.signal'],
    [{ priorty: 5 }, 'options.priorty'],
  ])('is not asked for with %j, and nothing is enqueued', async (options, parameter) => {
    const { client } = memoryClient()
    const call = Reflect.apply(client.enqueueAndWait, client, [double, { n: 2 }, options])
    await expect(call).rejects.toMatchObject({ code: 'invalid_argument', parameter })
    expect((await client.statistics()).counts.pending).toBe(0)
  })
})
