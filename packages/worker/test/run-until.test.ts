import { getEventListeners } from 'node:events'
import { STATUS } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, lasts, puppet, rounds, until, witness } from './harness.ts'

describe('run', () => {
  it('works until its signal aborts, then stops', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    const worker = bench.worker({ tasks: [demo.task] })
    const end = new AbortController()
    const running = worker.run({ signal: end.signal, graceMs: 1_000 })
    await until(() => demo.starts.length === 1)
    end.abort()
    expect(await lasts(bench, running)).toBeLessThanOrEqual(2_100)
    expect(getEventListeners(end.signal, 'abort')).toEqual([])
    expect(await bench.status(id)).toBe(STATUS.pending)
    demo.starts[0]?.finish()
  })

  it('ends when the worker is stopped by somebody else', async () => {
    await using bench = new Bench()
    const worker = bench.worker({ tasks: [witness().task] })
    const running = worker.run()
    await until(() => worker.health().status === 'running')
    await worker.stop()
    await running
  })

  it('does nothing at all with a signal that has aborted', async () => {
    await using bench = new Bench()
    const worker = bench.worker({ tasks: [witness().task] })
    await worker.run({ signal: AbortSignal.abort() })
    expect(bench.tap.calls).toEqual([])
    expect(worker.health().status).toBe('stopped')
  })

  it('refuses a signal that is none by name, and does not start', async () => {
    await using bench = new Bench()
    const worker = bench.worker({ tasks: [witness().task] })
    await expect(Reflect.apply(worker.run, worker, [{ signal: 5 }])).rejects.toThrow(
      expect.objectContaining({ code: 'invalid_argument', parameter: 'options.signal' }),
    )
    expect(bench.tap.calls).toEqual([])
  })

  it('ends when its signal aborts while the backend is down at start', async () => {
    await using bench = new Bench()
    bench.tap.always('refuse', 'open', 'turn', 'watch')
    const worker = bench.worker({ tasks: [witness().task] })
    const end = new AbortController()
    const running = worker.run({ signal: end.signal })
    await drive(bench.clock, 2_000)
    end.abort()
    expect(await lasts(bench, running)).toBeLessThanOrEqual(100)
  })

  it('stops at SIGTERM, and at a second signal without any grace; its listeners are taken back', async () => {
    await using bench = new Bench()
    const listeners = (): number => process.listenerCount('SIGTERM') + process.listenerCount('SIGINT')
    const before = listeners()
    const demo = puppet()
    await bench.enqueue(demo.task)
    const worker = bench.worker({ tasks: [demo.task] })
    const running = worker.run({ handleSignals: true, grace: '1h' })
    await until(() => demo.starts.length === 1)
    expect(listeners()).toBe(before + 2)
    process.emit('SIGTERM')
    await drive(bench.clock, 60_000, 500)
    expect(worker.health().status).toBe('stopping')
    expect(demo.starts[0]?.context.signal.aborted).toBe(false)
    process.emit('SIGINT')
    await rounds()
    expect(demo.starts[0]?.context.signal.aborted).toBe(true)
    expect(await lasts(bench, running)).toBeLessThanOrEqual(1_050)
    expect(listeners()).toBe(before)
    demo.starts[0]?.finish()
  })
})
