import { Discard, QueueError, snooze, STATUS, task } from '@millrace/core'
import { createTestbed } from '@millrace/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'

const meet = task('meet', {
  input: z.object({ at: z.iso.datetime().transform((text) => new Date(text)), room: z.string().default('A') }),
  output: z.object({ day: z.number() }),
  retries: 5,
  run: ({ at, room }) => ({ day: room === 'A' ? at.getUTCDate() : -1 }),
})

it('parses the input, checks and reads the result', async () => {
  await using bed = await createTestbed()
  const { day } = await bed.run(meet, { at: '2030-01-02T03:04:05Z' })
  expect(day).toBe(2)
  expect((await bed.run(meet, { at: '2030-01-02T03:04:05Z', room: 'B' })).day).toBe(-1)
})

it('refuses an input that the schema refuses, and a result that cannot be stored', async () => {
  await using bed = await createTestbed()
  await expect(bed.run(meet, { at: 'soon' })).rejects.toMatchObject({ code: 'invalid_argument' })
  const made = task('made', { run: (): unknown => new Map() })
  await expect(bed.run(made, {})).rejects.toThrow(/Map|result/)
})

it('throws what the handler throws, and does not retry', async () => {
  await using bed = await createTestbed()
  for (const thrown of [new Error('no'), snooze('5m'), new Discard('never')]) {
    let runs = 0
    const bad = task('bad', {
      retries: 5,
      backoff: () => 0,
      run: (): null => {
        runs += 1
        throw thrown
      },
    })
    expect(await bed.run(bad, {}).catch((error: unknown) => error)).toBe(thrown)
    expect(runs).toBe(1)
  }
})

it('runs nothing else, leaves nothing, and sees the time of the testbed', async () => {
  const seen: string[] = []
  const other = task('other', { run: () => void seen.push('other') })
  const one = task('one', {
    queue: 'special',
    executionBackend: 'gpu',
    run: async (_input: object, { record }) => {
      await bed.client.enqueue(other, {})
      return [record.queue, record.priority, record.metadata, record.createdAt]
    },
  })
  await using bed = await createTestbed({ tasks: [other], now: 1_900_000_000_000 })
  const [queue, priority, metadata, createdAt] = await bed.run(one, {}, { priority: 3, metadata: { tenant: 'a' } })
  expect([queue, priority, metadata, createdAt]).toEqual(['special', 3, { tenant: 'a' }, 1_900_000_000_000])
  expect(seen).toEqual([])
  await bed.assertNotEnqueued(one)
  await bed.assertEnqueued(other, { status: STATUS.pending })
})

it('names the handler that does not return', async () => {
  await using bed = await createTestbed({ patience: 1 })
  const hang = task('hang', { run: () => new Promise<null>(() => undefined) })
  const start = bed.clock.now()
  await expect(bed.run(hang, {})).rejects.toMatchObject({ code: 'hanging', message: expect.stringContaining('hang ') })
  expect(bed.clock.now()).toBe(start)
})

it('refuses options that one attempt does not have', async () => {
  await using bed = await createTestbed()
  // @ts-expect-error -- it is run at once
  const bad = bed.run(meet, { at: '2030-01-02T03:04:05Z' }, { delay: '5m' })
  await expect(bad).rejects.toBeInstanceOf(QueueError)
})

it('asks for a handler where a contract has none', async () => {
  await using bed = await createTestbed()
  await expect(Reflect.apply(bed.run, bed, [task('bare'), {}])).rejects.toMatchObject({
    code: 'invalid_argument',
    message: 'task must have a handler: bare needs .handle(run)',
  })
  await expect(Reflect.apply(bed.run, bed, ['bare', {}])).rejects.toThrow(/^task must be a task/)
})
