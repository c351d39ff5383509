import { QueueError, STATUS } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { Bench, drive, driven, driveUntil, puppet, rounds, until, witness } from './harness.ts'

describe('a backend that fails', () => {
  it('never ends the worker (D22)', async () => {
    await using bench = new Bench()
    const demo = witness()
    const worker = await bench.started({ tasks: [demo.task] })
    bench.tap.always('refuse', 'turn', 'sweep')
    await drive(bench.clock, 120_000)
    expect(worker.health()).toMatchObject({ status: 'running', lastError: expect.any(QueueError) })
    expect(worker.health().consecutiveErrors).toBeGreaterThan(10)
    bench.tap.heal()
    await bench.enqueue(demo.task)
    await driveUntil(bench.clock, () => demo.runs.length === 1)
    expect(worker.health()).toMatchObject({ status: 'running', consecutiveErrors: 0, lagMs: 0 })
    expect(bench.told('turn-works-again')).toHaveLength(1)
  })

  it('is asked with growing pauses, and reported at most once a second', async () => {
    await using bench = new Bench()
    const demo = witness()
    await bench.started({ tasks: [demo.task], random: () => 0.999 })
    await drive(bench.clock, 20_000)
    const before = bench.tap.turns.length
    const told = bench.reports.length
    bench.tap.always('refuse', 'turn')
    await drive(bench.clock, 60_000)
    const at = bench.tap.calls
      .filter(({ method }) => method === 'turn')
      .slice(before)
      .map((call) => call.at)
    const gaps = at.slice(1).map((one, i) => one - (at[i] ?? 0))
    expect(gaps.slice(0, 6)).toEqual([100, 200, 400, 800, 1_600, 3_200])
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5_000)
    const reports = bench.reports.slice(told).filter(({ what }) => what === 'turn-failed')
    expect(reports[0]).toMatchObject({
      level: 'error',
      message: expect.stringContaining('turn was refused'),
      error: expect.any(QueueError),
    })
    expect(reports[0]).not.toHaveProperty('suppressed')
    expect(reports[1]).toMatchObject({ suppressed: 3 })
  })

  it('is not left alone for longer than a heartbeat', async () => {
    await using bench = new Bench()
    await bench.started({ tasks: [witness().task], heartbeat: '1s', staleAfter: '3s', random: () => 0.999 })
    const before = bench.tap.turns.length
    bench.tap.always('refuse', 'turn')
    await drive(bench.clock, 30_000)
    expect(bench.tap.turns.length - before).toBeGreaterThan(25)
  })

  it('does not spin when the jitter is nothing', async () => {
    await using bench = new Bench()
    const demo = witness()
    await bench.started({ tasks: [demo.task], random: () => 0 })
    bench.tap.always('refuse', 'turn')
    const before = bench.tap.turns.length
    await drive(bench.clock, 1_000, 5)
    expect(bench.tap.turns.length - before).toBeLessThanOrEqual(101)
  })

  it('is waited for at start, if the error may pass', async () => {
    await using bench = new Bench()
    const demo = witness()
    bench.tap.always('refuse', 'open', 'turn', 'watch')
    const worker = bench.worker({ tasks: [demo.task] })
    const starting = worker.start()
    await drive(bench.clock, 10_000)
    expect(worker.health()).toMatchObject({ status: 'starting', lastTurnAt: null })
    expect(worker.health().lagMs).toBeGreaterThanOrEqual(9_000)
    bench.tap.heal()
    await driven(bench.clock, starting)
    expect(worker.health().status).toBe('running')
  })

  it('fails the start at once, if the error cannot pass', async () => {
    await using bench = new Bench()
    const demo = witness()
    bench.tap.always('forbid', 'open')
    const worker = bench.worker({ tasks: [demo.task] })
    await expect(worker.start()).rejects.toMatchObject({ code: 'permission' })
    expect(worker.health().status).toBe('stopped')
    const running = bench.worker({ tasks: [demo.task] })
    await expect(running.run()).rejects.toMatchObject({ code: 'permission' })
    expect(bench.clock.pending).toBe(0)
  })

  it('does no harm with an error that cannot pass, later', async () => {
    await using bench = new Bench()
    const demo = puppet()
    const [id] = await bench.enqueue(demo.task)
    await bench.started({ tasks: [demo.task] })
    await until(() => demo.starts.length === 1)
    bench.tap.always('forbid', 'turn')
    demo.starts[0]?.finish()
    await drive(bench.clock, 10_000)
    bench.tap.heal()
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.completed)
  })

  it('is asked with growing pauses also when it answers, but with nonsense', async () => {
    await using bench = new Bench()
    const worker = await bench.started({ tasks: [witness().task] })
    const before = bench.tap.turns.length
    bench.tap.answers(() => undefined as never)
    await drive(bench.clock, 60_000)
    expect(bench.tap.turns.length - before).toBeLessThan(40)
    expect(worker.health().consecutiveErrors).toBeGreaterThan(10)
    bench.tap.answers((answer) => answer)
    await driveUntil(bench.clock, () => worker.health().consecutiveErrors === 0)
    expect(bench.told('turn-works-again')).toHaveLength(1)
  })

  it('does no harm with an error that has no text', async () => {
    await using bench = new Bench()
    const demo = witness()
    const worker = await bench.started({ tasks: [demo.task] })
    bench.tap.always('baffle', 'turn', 'sweep', 'watch')
    await drive(bench.clock, 20_000)
    expect(bench.told('turn-failed')[0]?.message).toBe('the backend failed: an error that cannot be shown')
    expect(bench.told('duty-failed').length).toBeGreaterThan(0)
    bench.tap.heal()
    await bench.enqueue(demo.task)
    await driveUntil(bench.clock, () => demo.runs.length === 1)
    expect(worker.health().status).toBe('running')
  })
})

describe('a lost reply', () => {
  it.each(['lose', 'mute', 'drop', 'hang', 'refuse'] as const)('of a claim costs nothing: %s', async (fault) => {
    await using bench = new Bench()
    const demo = witness()
    const ids = await bench.enqueue(demo.task, 5)
    const worker = bench.worker({ tasks: [demo.task] })
    bench.tap.next('turn', fault)
    await driven(bench.clock, worker.start())
    await driveUntil(bench.clock, () => demo.runs.length === 5)
    expect(demo.runs).toEqual(ids.map((id) => `${id}#1`))
    const [first, second] = bench.tap.turns
    if (fault === 'refuse') expect(second?.nonce).not.toBe(first?.nonce)
    else expect(second).toEqual(first)
  })

  it.each(['lose', 'mute', 'drop', 'hang'] as const)(
    'of a settlement is followed by the same one: %s',
    async (fault) => {
      await using bench = new Bench()
      const demo = puppet()
      const [id] = await bench.enqueue(demo.task)
      await bench.started({ tasks: [demo.task] })
      await until(() => demo.starts.length === 1)
      const before = bench.tap.turns.length
      bench.tap.next('turn', fault, fault)
      demo.starts[0]?.finish()
      await driveUntil(
        bench.clock,
        async () => (await bench.status(id)) === STATUS.completed && bench.tap.turns.length - before >= 3,
      )
      const [first, second, third] = bench.tap.turns.slice(before)
      expect(first?.settlements).toHaveLength(1)
      expect(second).toEqual(first)
      expect(third).toEqual(first)
      expect((await bench.record(id)).attempt).toBe(1)
      expect(bench.told('lost')).toEqual([])
    },
  )

  it('that is followed by a refusal is still repeated word for word', async () => {
    await using bench = new Bench()
    const demo = witness()
    const [id] = await bench.enqueue(demo.task)
    const worker = bench.worker({ tasks: [demo.task] })
    bench.tap.next('turn', 'lose', 'refuse', 'refuse')
    await driven(bench.clock, worker.start())
    await until(() => demo.runs.length === 1)
    expect(demo.runs).toEqual([`${id}#1`])
    expect(new Set(bench.tap.turns.slice(0, 4).map(({ nonce }) => nonce)).size).toBe(1)
  })

  it('of a claim, followed by an error that cannot pass, orphans nothing', async () => {
    await using bench = new Bench()
    const demo = witness('demo.once', { requeueOnStale: false })
    await bench.started({ tasks: [demo.task], concurrency: 2 })
    await drive(bench.clock, 1_000)
    bench.tap.next('turn', 'lose', 'forbid')
    const ids = await bench.enqueue(demo.task, 6)
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 6)
    for (const id of ids) expect(await bench.record(id)).toMatchObject({ recoveries: 0, retryCount: 0 })
  })

  it('of a claim that is executed late is found by a heartbeat and released', async () => {
    await using bench = new Bench()
    const demo = puppet()
    await bench.started({ tasks: [demo.task], concurrency: 2 })
    await drive(bench.clock, 1_000)
    // Held back until the worker has given it up and gone on: then it claims for a worker that does not listen.
    bench.tap.next('turn', 'hold')
    await driveUntil(bench.clock, () => bench.told('turn-works-again').length === 1)
    bench.tap.always('hang', 'watch')
    const [id] = await bench.enqueue(demo.task)
    bench.tap.release()
    await driveUntil(bench.clock, () => demo.starts.length === 1, 15_000)
    expect((await bench.record(id)).retryCount).toBe(0)
    demo.starts[0]?.finish()
    await driveUntil(bench.clock, async () => (await bench.status(id)) === STATUS.completed)
  })

  it('two times out of three changes no outcome', async () => {
    await using bench = new Bench()
    const demo = witness()
    const ids = await bench.enqueue(demo.task, 200)
    await bench.started({ tasks: [demo.task], concurrency: 10 })
    bench.tap.next(
      'turn',
      ...Array.from({ length: 60 }, (_, n) => (['lose', 'drop', 'pass'] as const)[n % 3] ?? 'pass'),
    )
    await driveUntil(bench.clock, async () => (await bench.count(STATUS.completed)) === 200, 600_000)
    const records = await Promise.all(ids.map((id) => bench.record(id)))
    expect(demo.runs).toHaveLength(records.reduce((sum, { attempt }) => sum + attempt, 0))
  })
})

describe('reports', () => {
  it('go to a listener whose failures change nothing', async () => {
    await using bench = new Bench()
    const demo = witness()
    let told = 0
    const worker = await bench.started({
      tasks: [demo.task],
      onReport: () => {
        told += 1
        if (told % 2 === 1) throw new Error('a bad listener')
        return Promise.reject(new Error('a worse one')) as never
      },
    })
    bench.tap.always('refuse', 'turn')
    await drive(bench.clock, 10_000)
    expect(told).toBeGreaterThan(2)
    bench.tap.heal()
    await bench.enqueue(demo.task)
    await driveUntil(bench.clock, () => demo.runs.length === 1)
    expect(worker.health().status).toBe('running')
    await rounds()
  })

  it('are one line on standard error if nobody listens', async () => {
    await using bench = new Bench()
    const lines: unknown[] = []
    const print = console.error
    console.error = (...parts: unknown[]) => void lines.push(...parts)
    try {
      const known = witness('demo.known')
      await bench.enqueue(witness('demo.other').task, 3)
      const worker = await bench.started({ tasks: [known.task], onReport: undefined as never })
      await until(() => lines.length === 1)
      expect(lines[0]).toMatch(
        new RegExp(`^millrace ${worker.id} warning unknown-task: no task here is named demo.other: [-0-9a-f]+ waits$`),
      )
      await drive(bench.clock, 31_000)
      expect(lines[1]).toMatch(/\(and 2 more like this\)$/)
    } finally {
      console.error = print
    }
  })
})
