import { createClient, manualClock, task, type ManualClock, type TaskRecord, type Watch } from '@millrace/core'
import { describe, expect, it, vi } from 'vitest'
import { createdBy } from './created-by.ts'
import { recordingBackend } from './recording-backend.ts'
import { sampleRecord } from './sample-record.ts'

const double = task<{ n: number }, { doubled: number }>('double')

async function waiting(clock: ManualClock, timers: number): Promise<void> {
  await vi.waitFor(() => expect(clock.pending).toBe(timers), { interval: 1 })
}

describe('a backend that does not answer', () => {
  const never = (): Promise<never> => new Promise(() => {})
  const timeout = { name: 'QueueError', code: 'timeout', parameter: 'options.timeout', retryable: true }

  /** How often a watch was closed, and how it answers to that. */
  function watchClosedBy(close: () => Promise<void>) {
    const next: Watch['next'] = ({ signal } = {}) =>
      new Promise((resolve) => signal?.addEventListener('abort', () => resolve(null)))
    return { next, close: vi.fn<Watch['close']>(close) }
  }

  async function handleOn(answers: Parameters<typeof recordingBackend>[0], clock: ManualClock) {
    const { backend } = recordingBackend({ enqueue: createdBy, ...answers })
    return await createClient({ backend, clock }).enqueue(double, { n: 1 })
  }

  it('to a watch: the wait ends in time, and the watch when it comes after all', async () => {
    const clock = manualClock()
    const late = Promise.withResolvers<Watch>()
    const handle = await handleOn({ watch: () => late.promise }, clock)
    const failed = expect(handle.result({ timeout: '3s' })).rejects.toMatchObject(timeout)
    await waiting(clock, 1)
    clock.advance(3_000)
    await failed
    expect(clock.pending).toBe(0)
    const watch = watchClosedBy(() => Promise.reject(new Error('too late')))
    late.resolve(watch)
    await vi.waitFor(() => expect(watch.close).toHaveBeenCalledTimes(1))
  })

  it('to a watch, and then refuses it: nobody is told any more', async () => {
    const clock = manualClock()
    const late = Promise.withResolvers<Watch>()
    const handle = await handleOn({ watch: () => late.promise }, clock)
    const failed = expect(handle.result({ timeout: '3s' })).rejects.toMatchObject(timeout)
    await waiting(clock, 1)
    clock.advance(3_000)
    await failed
    late.reject(new Error('too late'))
  })

  it('to a look, the first or a later one: the wait ends in time', async () => {
    for (const looks of [1, 2]) {
      const clock = manualClock()
      let left = looks
      const watch = watchClosedBy(never)
      const running = sampleRecord({ status: 'running' })
      const get = (): Promise<TaskRecord[]> => (--left > 0 ? Promise.resolve([running]) : never())
      const handle = await handleOn({ watch: () => Promise.resolve(watch), get }, clock)
      const failed = expect(handle.result({ timeout: '6s' })).rejects.toMatchObject(timeout)
      await waiting(clock, looks)
      clock.advance(5_000)
      await vi.waitFor(() => expect(left).toBe(0))
      clock.advance(1_000)
      await failed
      expect(clock.pending).toBe(0)
    }
  })

  it('to a look: the wait ends when its signal aborts', async () => {
    const clock = manualClock()
    const watch = watchClosedBy(never)
    const handle = await handleOn({ watch: () => Promise.resolve(watch), get: never }, clock)
    const controller = new AbortController()
    const result = handle.result({ signal: controller.signal })
    await waiting(clock, 1)
    const reason = new Error('request closed')
    controller.abort(reason)
    await expect(result).rejects.toBe(reason)
    expect(clock.pending).toBe(0)
  })

  it('to the end of a watch: the result comes in time, whatever becomes of the watch', async () => {
    const completed = sampleRecord({ status: 'completed', result: { doubled: 4 } })
    const get = (): Promise<TaskRecord[]> => Promise.resolve([completed])
    const clock = manualClock()
    const closing = Promise.withResolvers<void>()
    const watch = watchClosedBy(() => closing.promise)
    const handle = await handleOn({ watch: () => Promise.resolve(watch), get }, clock)
    const result = handle.result({ timeout: '3s' })
    await vi.waitFor(() => expect(watch.close).toHaveBeenCalledTimes(1))
    clock.advance(3_000)
    expect(await result).toEqual({ doubled: 4 })
    closing.reject(new Error('too late'))

    const broken = watchClosedBy(() => Promise.reject(new Error('lost')))
    const other = await handleOn({ watch: () => Promise.resolve(broken), get }, clock)
    expect(await other.result()).toEqual({ doubled: 4 })
    expect(clock.pending).toBe(0)
  })

  it('for long to the one look that timeout 0 allows: it is waited for', async () => {
    const [clock, looked] = [manualClock(), Promise.withResolvers<TaskRecord[]>()]
    const { backend, methods } = recordingBackend({ enqueue: createdBy, get: () => looked.promise })
    const handle = await createClient({ backend, clock }).enqueue(double, { n: 1 })
    const result = handle.result({ timeout: 0 })
    clock.advance(60_000)
    looked.resolve([sampleRecord({ status: 'completed', result: { doubled: 2 } })])
    expect(await result).toEqual({ doubled: 2 })
    expect(methods()).toEqual(['enqueue', 'get'])
  })

  it('with a hint: the record is looked at once more, shortly before the end', async () => {
    const clock = manualClock()
    const looks = [sampleRecord({ status: 'running' }), sampleRecord({ status: 'completed', result: { doubled: 4 } })]
    const watch = watchClosedBy(() => Promise.resolve())
    const get = (): Promise<TaskRecord[]> => Promise.resolve(looks.splice(0, 1))
    const handle = await handleOn({ watch: () => Promise.resolve(watch), get }, clock)
    const result = handle.result({ timeout: '3s' })
    await waiting(clock, 2)
    clock.advance(2_999)
    expect(await result).toEqual({ doubled: 4 })
    expect(clock.pending).toBe(0)
  })
})
