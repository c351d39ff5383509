import { snooze, STATUS, task, type TaskContext } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, puppet, until, witness } from './harness.ts'

/** Notes what is opened and closed. */
function noting() {
  const notes: string[] = []
  const around = async ({ attempt }: TaskContext, run: () => Promise<unknown>): Promise<unknown> => {
    notes.push(`open ${attempt}`)
    try {
      return await run()
    } finally {
      notes.push(`close ${attempt}`)
    }
  }
  return { notes, around }
}

describe('what is wrapped around a handler', () => {
  it('sees its context, and hands on what it returns', async () => {
    await using bench = new Bench()
    const { notes, around } = noting()
    const demo = task('demo.add', { run: ({ n }: { n: number }) => n + 1 })
    const handle = await bench.client.enqueue(demo, { n: 1 })
    await bench.started({ tasks: [demo], around })
    expect(await handle.result()).toBe(2)
    expect(notes).toEqual(['open 1', 'close 1'])
  })

  it('is closed when the handler fails, when it decides, and anew with each attempt', async () => {
    await using bench = new Bench()
    const { notes, around } = noting()
    const run = async (_: object, { attempt }: TaskContext): Promise<null> => {
      if (attempt === 1) throw new Error('again')
      if (attempt === 2) throw snooze(0)
      return null
    }
    const demo = task('demo.steps', { retries: 1, backoff: () => 0, run })
    const { id } = await bench.client.enqueue(demo, {})
    await bench.started({ tasks: [demo], around })
    await until(async () => (await bench.status(id)) === STATUS.completed)
    expect(notes).toEqual(['open 1', 'close 1', 'open 2', 'close 2', 'open 3', 'close 3'])
  })

  it('stays open while a handler that timed out still runs', async () => {
    await using bench = new Bench()
    const { notes, around } = noting()
    const demo = puppet('demo.slow', { timeout: '1s', retries: 0 })
    const [id] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task], around })
    await until(() => demo.starts.length === 1)
    await drive(bench.clock, 1_000)
    await until(async () => (await bench.status(id)) === STATUS.failed)
    expect(notes).toEqual(['open 1'])
    demo.starts[0]?.finish()
    await until(() => notes.length === 2)
  })

  it('fails the attempt by what it throws itself', async () => {
    await using bench = new Bench()
    const demo = witness('demo.unopened', { retries: 0 })
    const [id] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task], around: () => Promise.reject(new Error('no connection')) })
    await until(async () => (await bench.status(id)) === STATUS.failed)
    expect((await bench.record(id)).error).toMatchObject({ message: 'no connection' })
    expect(demo.runs).toEqual([])
  })

  it('has to be a function', async () => {
    await using bench = new Bench()
    const options = { client: bench.client, tasks: [witness().task], around: 'open' }
    expect(() => Reflect.apply(bench.worker.bind(bench), bench, [options])).toThrow('options.around')
  })
})
