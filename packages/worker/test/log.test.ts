import { STATUS } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, puppet, until } from './harness.ts'

async function running(bench: Bench) {
  const demo = puppet()
  const [id = ''] = await bench.enqueue(demo.task)
  const worker = await bench.started({ tasks: [demo.task] })
  await until(() => demo.starts.length === 1)
  const [start] = demo.starts
  if (start === undefined) throw new Error('not started')
  const entries = async () => await bench.client.logs(id)
  return { id, start, worker, entries, messages: async () => (await entries()).map(({ message }) => message) }
}

describe('log', () => {
  it('is stored within a second, in order, with the instant at which each entry was written', async () => {
    await using bench = new Bench()
    const { start, entries } = await running(bench)
    // A heartbeat has just been: what follows has to wait for the next one.
    start.context.progress(0)
    await drive(bench.clock, 100)
    const first = bench.clock.now()
    start.context.log('opened', { rows: 3 })
    await drive(bench.clock, 200)
    start.context.log('read')
    expect(await entries()).toEqual([])
    await drive(bench.clock, 800)
    expect(await entries()).toEqual([
      { attempt: 1, number: 1, at: first, message: 'opened', data: { rows: 3 } },
      { attempt: 1, number: 2, at: first + 200, message: 'read', data: null },
    ])
    start.finish()
  })

  it('costs one turn a second, however much is written, and is said once', async () => {
    await using bench = new Bench()
    const { start } = await running(bench)
    const before = bench.tap.turns.length
    for (let i = 0; i < 100; i++) {
      start.context.log(`n${i}`)
      await drive(bench.clock, 50)
    }
    await drive(bench.clock, 10_000)
    const beats = bench.tap.turns.slice(before).filter(({ touches }) => touches !== undefined)
    const said = beats.flatMap(({ touches = [] }) => touches.flatMap(({ log = [] }) => log.map(({ number }) => number)))
    expect(beats.filter(({ touches = [] }) => touches.some(({ log }) => log !== undefined)).length).toBeLessThanOrEqual(
      6,
    )
    expect(said).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    start.finish()
  })

  it.each(['finish', 'fail'] as const)('written at the very end is stored with the outcome: %s', async (how) => {
    await using bench = new Bench()
    const { id, start, messages } = await running(bench)
    start.context.log('nearly')
    start.context.log('done')
    if (how === 'finish') start.finish()
    else start.fail(new Error('boom'))
    const end = how === 'finish' ? STATUS.completed : STATUS.failed
    await until(async () => (await bench.status(id)) === end)
    expect(await messages()).toEqual(['nearly', 'done'])
  })

  it('is said again when the call that carried it was lost, and stored once', async () => {
    await using bench = new Bench()
    const { start, messages } = await running(bench)
    bench.tap.next('turn', 'mute')
    start.context.log('a')
    await drive(bench.clock, 300)
    start.context.log('b')
    await drive(bench.clock, 30_000)
    expect(await messages()).toEqual(['a', 'b'])
    bench.tap.next('turn', 'refuse')
    start.context.log('c')
    await drive(bench.clock, 30_000)
    expect(await messages()).toEqual(['a', 'b', 'c'])
    start.finish()
  })

  it('of a handler that writes without pause the newest entries are kept, here as there', async () => {
    await using bench = new Bench()
    const { id, start, entries } = await running(bench)
    for (let i = 1; i <= 1_000; i++) start.context.log(`n${i}`)
    start.finish()
    await until(async () => (await bench.status(id)) === STATUS.completed)
    const log = await entries()
    expect([log.length, log[0]?.number, log.at(-1)?.message]).toEqual([100, 901, 'n1000'])
  })

  it('is measured in bytes, as the backend measures it', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id = ''] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    for (let n = 0; n < 60; n++) demo.starts[0]?.context.log('\u{3042}'.repeat(300))
    await drive(bench.clock, 1_000)
    const said = bench.tap.turns.flatMap(({ touches = [] }) => touches.flatMap(({ log = [] }) => log))
    const stored = await bench.client.logs(id)
    expect(said.map(({ number }) => number)).toEqual(stored.map(({ number }) => number))
    demo.starts[0]?.finish()
  })

  it('is refused where it cannot be stored, and a long message is cut', async () => {
    await using bench = new Bench()
    const { id, start, entries } = await running(bench)
    expect(() => start.context.log('x', new Date(0))).toThrow(
      expect.objectContaining({ code: 'not_serializable', parameter: 'context.log data' }),
    )
    expect(() => start.context.log('x', 'y'.repeat(1_100))).toThrow(
      expect.objectContaining({ code: 'too_large', parameter: 'context.log data' }),
    )
    expect(() => Reflect.apply(start.context.log, start.context, [42])).toThrow(/^context\.log message must be text$/)
    start.context.log('\u{1f600}'.repeat(1_000))
    start.finish()
    await until(async () => (await bench.status(id)) === STATUS.completed)
    const [entry, ...others] = await entries()
    expect(others).toEqual([])
    expect(entry?.message).toMatch(/^(\u{1f600}){255}$/u)
  })

  it('of an attempt that is over is not said any more', async () => {
    await using bench = new Bench()
    const { id, start, entries } = await running(bench)
    start.finish()
    await until(async () => (await bench.status(id)) === STATUS.completed)
    start.context.log('too late')
    await drive(bench.clock, 10_000)
    expect(await entries()).toEqual([])
  })
})
