import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { exponential, snooze, task } from '@millrace/core'
import { createTestbed, type OpenBackend } from '@millrace/testing'

/** One test, the same for every framework and every backend. */
export interface SampleTest {
  readonly name: string
  run(backend: OpenBackend | undefined): Promise<void>
}

const HOUR = 3_600_000

const retried: SampleTest = {
  name: 'runs each retry at its own instant, hours apart',
  async run(backend) {
    const seen: number[] = []
    const load = task('orders.load', {
      retries: 4,
      backoff: exponential('1h', { max: '8h' }),
      run: ({ file }: { file: string }, { attempt }) => {
        seen.push(bed.clock.now())
        if (attempt < 5) throw new Error('the shop is closed')
        return { file }
      },
    })
    await using bed = await createTestbed({ tasks: [load], backend })
    const start = bed.clock.now()
    const handle = await bed.client.enqueue(load, { file: 'a.csv' })
    deepEqual(seen, [])
    const now = await bed.runAll()
    equal(now.retried, 1)
    const later = await bed.advance('1d')
    deepEqual({ ...later }, { runs: 4, completed: 1, failed: 0, cancelled: 0, expired: 0, retried: 3, snoozed: 0 })
    deepEqual(
      seen.map((at) => (at - start) / HOUR),
      [0, 1, 3, 7, 15],
    )
    equal(bed.clock.now(), start + 24 * HOUR)
    deepEqual(await handle.result({ timeout: 0 }), { file: 'a.csv' })
  },
}

const followed: SampleTest = {
  name: 'runs what handlers enqueue, skips the time that they wait, and ends when nothing is scheduled',
  async run(backend) {
    const told: string[] = []
    const note = task('note', { queue: 'notes', run: ({ text }: { text: string }) => void told.push(text) })
    const remind = task('remind', {
      run: async ({ left }: { left: number }, { attempt }) => {
        if (attempt === 1) throw snooze('10m')
        await bed.client.enqueue(note, { text: `${left} left after ${(bed.clock.now() - start) / 60_000} min` })
        if (left > 0) await bed.client.enqueue(remind, { left: left - 1 }, { delay: '1h' })
        return null
      },
    })
    await using bed = await createTestbed({ tasks: [note, remind], backend })
    const start = bed.clock.now()
    await bed.client.enqueue(remind, { left: 2 })
    const { completed, snoozed } = await bed.runAll({ scheduled: true })
    deepEqual(told, ['2 left after 10 min', '1 left after 80 min', '0 left after 150 min'])
    deepEqual({ completed, snoozed }, { completed: 6, snoozed: 3 })
    await bed.assertEnqueued(remind, { delay: '70m', count: 2 })
  },
}

const asserted: SampleTest = {
  name: 'says what was enqueued instead',
  async run(backend) {
    const mail = task('mail', { run: (_input: { to: string; tags: string[] }) => null })
    await using bed = await createTestbed({ tasks: [mail], backend })
    await bed.client.enqueue(mail, { to: 'ada@example.org', tags: ['a'] }, { delay: '5m', key: 'ada' })
    const [found] = await bed.assertEnqueued(mail, { input: { to: 'ada@example.org' }, delay: '5m', key: 'ada' })
    equal(found?.input.tags[0], 'a')
    await bed.assertNotEnqueued(mail, { input: { to: 'bob@example.org' } })
    await rejects(bed.assertEnqueued(mail, { input: { to: 'bob@example.org' } }), (error: Error) => {
      match(error.message, /input\.to is "ada@example\.org", not "bob@example\.org"/)
      return error.name === 'AssertionError'
    })
  },
}

const inline: SampleTest = {
  name: 'inline, an enqueue returns when the work is done, nested ones too',
  async run(backend) {
    const inner = task('inner', { run: ({ n }: { n: number }) => n * 2 })
    const outer = task('outer', {
      run: async ({ n }: { n: number }) => 1 + (await bed.client.enqueueAndWait(inner, { n })),
    })
    await using bed = await createTestbed({ tasks: [inner, outer], mode: 'inline', backend })
    const handle = await bed.client.enqueue(outer, { n: 4 })
    equal(await handle.result({ timeout: 0 }), 9)
  },
}

const expired: SampleTest = {
  name: 'expires at its deadline what did not start, and runs one handler apart from the rest',
  async run(backend) {
    const offer = task('offer', { queue: 'offers', run: ({ n }: { n: number }) => n + 1 })
    await using bed = await createTestbed({ backend })
    const { id } = await bed.client.enqueue(offer, { n: 1 }, { expiresIn: '1h' })
    equal((await bed.advance('1h')).expired, 0)
    equal((await bed.advance(1)).expired, 1)
    const record = await bed.client.get(id)
    equal(record?.status, 'expired')
    equal(record?.completedAt, bed.clock.now())
    equal(await bed.run(offer, { n: 1 }), 2)
  },
}

export const sample: readonly SampleTest[] = [retried, followed, asserted, inline, expired]
