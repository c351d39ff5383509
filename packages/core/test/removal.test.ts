import { createClient, task, type Backend, type ListQuery } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { memoryClient } from './memory-client.ts'
import { recordingBackend } from './recording-backend.ts'
import { invalid, rejection, tooLarge } from './refusal.ts'

const note = task<{ n: number }, null>('note', { queue: 'mail' })
const other = task<{ n: number }, null>('other')

describe('removing what waits in a queue', () => {
  it('cancels what is pending and scheduled there, and nothing else', async () => {
    const { client } = memoryClient()
    const { id: running } = await client.enqueue(note, { n: 0 })
    await client.claimTask(running, { workerId: 'w' })
    const waiting = [await client.enqueue(note, { n: 1 }), await client.enqueue(note, { n: 2 }, { delay: '1h' })]
    const { id: beside } = await client.enqueue(other, { n: 3 })
    expect(await client.removePending('mail')).toEqual({ matched: 2, cancelled: 2, missed: 0 })
    for (const { id } of waiting) {
      expect(await client.get(id)).toMatchObject({
        status: 'cancelled',
        error: { code: 'cancelled', message: 'removed from its queue before it began' },
      })
    }
    expect((await client.get(running))?.status).toBe('running')
    expect((await client.get(beside))?.status).toBe('pending')
    expect(await client.removePending('mail', { reason: 'why not' })).toEqual({ matched: 0, cancelled: 0, missed: 0 })
  })

  it('goes on page by page, whatever their priorities, and says why', async () => {
    const { client } = memoryClient()
    const items = Array.from({ length: 1_234 }, (_, n) => ({ input: { n }, options: { priority: n % 7 } }))
    const [first] = await client.enqueueMany(note, items)
    expect(await client.removePending('mail', { reason: 'a bad release' })).toEqual({ matched: 1_234, cancelled: 1_234, missed: 0 }) // prettier-ignore
    expect((await client.get(first?.id ?? ''))?.error?.message).toBe('a bad release')
    expect((await client.statistics({ queue: 'mail' })).counts).toMatchObject({ pending: 0, cancelled: 1_234 })
  })

  it('ends although more comes faster than it looks, and leaves what came', async () => {
    const { client, backend, clock } = memoryClient()
    await client.enqueueMany(
      note,
      Array.from({ length: 250 }, (_, n) => ({ input: { n } })),
    )
    let pages = 0
    const busy = watching(backend, async () => {
      pages += 1
      clock.advance(1)
      await client.enqueueMany(note, Array.from({ length: 300 }, (_, n) => ({ input: { n }, options: n % 2 === 0 ? {} : { delay: '1m' } }))) // prettier-ignore
    })
    const report = await createClient({ backend: busy, clock }).removePending('mail')
    expect(report).toEqual({ matched: 250, cancelled: 250, missed: 0 })
    expect((await client.statistics({ queue: 'mail' })).counts).toMatchObject({ cancelled: 250, pending: pages * 150 })
  })

  it('counts as missed what began meanwhile', async () => {
    const { client, backend, clock } = memoryClient()
    const { id } = await client.enqueue(note, { n: 1 })
    await client.enqueue(note, { n: 2 })
    const busy = watching(backend, async () => void (await client.claimTask(id, { workerId: 'w' })))
    const report = await createClient({ backend: busy, clock }).removePending('mail')
    expect(report).toEqual({ matched: 2, cancelled: 1, missed: 1 })
  })

  it('refuses a bad queue, option or reason before it looks', async () => {
    const { backend, calls } = recordingBackend()
    const client = createClient({ backend })
    expect(await rejection(() => client.removePending('*'))).toEqual(invalid('queue'))
    expect(await rejection(() => client.removePending('mail', { includeRunning: true } as object))).toEqual(invalid('options.includeRunning')) // prettier-ignore
    expect(await rejection(() => client.removePending('mail', { reason: '' }))).toEqual(invalid('options.reason'))
    expect(await rejection(() => client.removePending('mail', { reason: 'x'.repeat(1_025) }))).toEqual(tooLarge('options.reason')) // prettier-ignore
    expect(calls).toEqual([])
  })
})

/** The same backend, on which something happens behind each page that shows a record. */
function watching(backend: Backend, happen: () => Promise<void>): Backend {
  return new Proxy(backend, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (name !== 'list') return typeof member === 'function' ? member.bind(target) : member
      return async (query: ListQuery) => {
        const page = await target.list(query)
        if (page.records.length > 0) await happen()
        return page
      }
    },
  })
}
