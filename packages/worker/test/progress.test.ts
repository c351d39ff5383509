import { STATUS } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, puppet, rounds, until } from './harness.ts'

async function running(bench: Bench) {
  const demo = puppet()
  const [id = ''] = await bench.enqueue(demo.task)
  const worker = await bench.started({ tasks: [demo.task] })
  await until(() => demo.starts.length === 1)
  const [start] = demo.starts
  if (start === undefined) throw new Error('not started')
  return { id, start, worker, progress: async () => (await bench.record(id)).progress }
}

describe('progress', () => {
  it('is stored within a second, the last of several reports, and again when there is another', async () => {
    await using bench = new Bench()
    const { start, progress } = await running(bench)
    start.context.progress({ percent: 1 })
    start.context.progress({ percent: 10 })
    await until(async () => (await progress()) !== null)
    expect(await progress()).toEqual({ percent: 10 })
    start.context.progress('nearly')
    await rounds()
    expect(await progress()).toEqual({ percent: 10 })
    await drive(bench.clock, 1_000)
    expect(await progress()).toBe('nearly')
    start.finish()
  })

  it('costs one turn a second, however much is reported, and is said once', async () => {
    await using bench = new Bench()
    const { start } = await running(bench)
    const before = bench.tap.turns.length
    for (let i = 0; i < 100; i++) {
      start.context.progress(i)
      await drive(bench.clock, 50)
    }
    const beats = bench.tap.turns.slice(before).filter(({ touches }) => touches !== undefined)
    expect(beats.length).toBeLessThanOrEqual(6)
    await drive(bench.clock, 10_000)
    const reports = bench.tap.turns
      .flatMap(({ touches = [] }) => touches)
      .filter(({ progress }) => progress !== undefined)
    expect(reports.at(-1)?.progress).toBe('99')
    expect(reports.filter(({ progress }) => progress === '99')).toHaveLength(1)
    start.finish()
  })

  it('is said again when the call that carried it was lost', async () => {
    await using bench = new Bench()
    const { start, progress } = await running(bench)
    bench.tap.next('turn', 'refuse')
    start.context.progress('half')
    await drive(bench.clock, 10_000)
    expect(await progress()).toBe('half')
    start.finish()
  })

  it('does not stay behind when a repeated call has stored an older report', async () => {
    await using bench = new Bench()
    const { start, progress } = await running(bench)
    bench.tap.next('turn', 'mute')
    start.context.progress(50)
    await drive(bench.clock, 1_000)
    start.context.progress(80)
    await drive(bench.clock, 60_000)
    expect(await progress()).toBe(80)
    start.finish()
  })

  it('is refused where it cannot be stored, and then nothing is', async () => {
    await using bench = new Bench()
    const { start, progress } = await running(bench)
    expect(() => start.context.progress({ at: new Date(0) })).toThrow(
      expect.objectContaining({ code: 'not_serializable', parameter: 'context.progress value.at' }),
    )
    expect(() => start.context.progress('x'.repeat(2_000_000))).toThrow(
      expect.objectContaining({ code: 'too_large', parameter: 'context.progress value' }),
    )
    await drive(bench.clock, 10_000)
    expect(await progress()).toBeNull()
    start.finish()
  })

  it('said at the very end is stored with the outcome', async () => {
    await using bench = new Bench()
    const { id, start, progress } = await running(bench)
    start.context.progress('half')
    await until(async () => (await progress()) === 'half')
    start.context.progress('done')
    start.finish()
    await until(async () => (await bench.status(id)) === STATUS.completed)
    expect(await progress()).toBe('done')
  })

  it('of an attempt that is over is not said any more', async () => {
    await using bench = new Bench()
    const { id, start } = await running(bench)
    start.finish()
    await until(async () => (await bench.status(id)) === STATUS.completed)
    start.context.progress('too late')
    await drive(bench.clock, 10_000)
    expect((await bench.record(id)).progress).toBeNull()
  })
})
